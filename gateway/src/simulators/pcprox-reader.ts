import { toHex } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { binaryOf, type Frame } from '@gatehouse/shared/wiegand/bits.ts'
import { layoutOf } from '@gatehouse/shared/wiegand/formats.ts'
import type { WiegandFormat } from '@gatehouse/shared/wire/hardware/card-format.ts'
import type { FarEnd, ReaderDevice } from './device.ts'
import { antenna, heldCard, TOO_MANY } from './held-card.ts'

const COMMAND_BYTES = 8
const CARD_DATA = 0x8f
const BIT_COUNT = 0x8e

/** What the reader keeps of a card: its fields, least significant byte first, without parity; raw cards whole. */
export function pcproxBuffer(frame: Frame, format: WiegandFormat): { data: Uint8Array; bitCount: number } {
  const binary = binaryOf(frame)
  const kept = format === 'raw' ? binary : fieldsIn(binary, format)
  const value = BigInt(`0b${kept}`)
  return {
    bitCount: kept.length,
    data: Uint8Array.from({ length: COMMAND_BYTES }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn)),
  }
}

function fieldsIn(binary: string, format: Exclude<WiegandFormat, 'raw'>): string {
  const { facility, number } = layoutOf(format)
  return [facility, number].flatMap(field => (field ? [binary.slice(field.from, field.to + 1)] : [])).join('')
}

/** A pcProx: says nothing by itself, and what lies on it when it is asked. */
export function pcproxDevice({ format }: { readonly format: WiegandFormat }, { clock }: FarEnd): ReaderDevice {
  const cards = antenna(clock)
  let asked = 0
  let latched: ReturnType<typeof pcproxBuffer> | null = null
  return {
    receive() {},
    features: {
      set([, command = 0]) {
        asked = command
        if (command !== CARD_DATA) return true
        const card = cards.lying()
        latched = card && pcproxBuffer({ bitCount: card.bitCount, bits: toHex(card.bytes) }, format)
        return true
      },
      get() {
        const answer = new Uint8Array(1 + COMMAND_BYTES)
        if (latched !== null && asked === CARD_DATA) answer.set(latched.data, 1)
        if (latched !== null && asked === BIT_COUNT) answer.set([latched.bitCount, latched.bitCount], 1)
        return answer
      },
    },
    present({ card = '' }) {
      const held = heldCard(card)
      if (!held.ok) return fail(held.failure)
      return cards.hold(held.value) ? ok(2 * COMMAND_BYTES) : fail(TOO_MANY)
    },
  }
}
