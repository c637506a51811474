import { ascii, toHex } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import type { FarEnd, ReaderDevice } from './device.ts'
import { type HeldCard, heldCard } from './held-card.ts'

/** Six digits for the 24 bits between the parity of a Wiegand 26 card, and CR. */
export function wie232Device(_config: unknown, far: FarEnd): ReaderDevice {
  return converter(far, card => {
    const bits = withoutParity(card, 24)
    return bits === null ? null : `${bits.toString(16).toUpperCase().padStart(6, '0')}\r`
  })
}

/** Ten decimal digits for the bits between the parity, and CR LF. */
export function s4aDevice({ bits }: { readonly bits: 24 | 32 }, far: FarEnd): ReaderDevice {
  return converter(far, card => {
    const number = withoutParity(card, bits)
    return number === null ? null : `${number.toString().padStart(10, '0')}\r\n`
  })
}

/** The count of bits and the bits as they came, left-justified, in hexadecimal, and CR. */
export function twn3Device(_config: unknown, far: FarEnd): ReaderDevice {
  return converter(far, ({ bytes, bitCount }) => `${toHex(Uint8Array.of(bitCount, ...bytes)).toUpperCase()}\r`)
}

function converter({ send }: FarEnd, typed: (card: HeldCard) => string | null): ReaderDevice {
  return {
    receive() {},
    present({ card = '' }) {
      const held = heldCard(card)
      if (!held.ok) return held
      const text = typed(held.value)
      if (text === null) return fail('This converter passes no card of so many bits on.')
      send(ascii(text))
      return ok(text.length)
    },
  }
}

/** The data of a frame with a parity bit at both ends, or of a card that is named without them. */
function withoutParity({ bytes, bitCount }: HeldCard, dataBits: number): bigint | null {
  const all = BigInt(`0x${toHex(bytes)}`) >> BigInt(bytes.length * 8 - bitCount)
  if (bitCount === dataBits) return all
  return bitCount === dataBits + 2 ? BigInt.asUintN(dataBits, all >> 1n) : null
}
