import { toHex } from '@gatehouse/shared/bytes.ts'
import type { Frame } from '@gatehouse/shared/wiegand/bits.ts'
import { type CardOfBits, cardOfBits, cardOfFields } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { layoutOf } from '@gatehouse/shared/wiegand/formats.ts'
import type { WiegandFormat } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { featureLine } from '../devices/report-line.ts'
import { type Decoded, type Decoder, listening } from './decoder.ts'

const CARD_DATA = 0x8f
/** Answers only after the card data was asked for. */
const BIT_COUNT = 0x8e

const COMMAND_BYTES = 8
const POLL_MS = 250
const BITS_MAX = 64

/** The id, which is 0, and what it says. */
export const pcproxLine = featureLine(1 + COMMAND_BYTES)

/** `length`: no answer of this reader, or the bits of a card that its format has not. `count`: the two counts are not one. */
export type DroppedAnswer = 'length' | 'count'

/**
 * An RF IDeas pcProx (0c27:3bfa), asked by feature reports of eight bytes (micolous/pcprox, protocol.md): `8F` for the card's
 * data, the last bit on the wire in bit 0 of the first byte, all zero without a card; then `8E` for how many bits
 * they are. It keeps parity to itself and never checks it, and a card is its fields; set to keep none, it gives the
 * whole frame, and parity is checked here.
 */
export function pcproxDecoder({ format }: { readonly format: WiegandFormat }): Decoder {
  let pollMs: number | null = null
  let data: Uint8Array | null = null

  const dropped = (why: DroppedAnswer): Decoded[] => [{ kind: 'dropped', why }]
  const take = (chunk: Uint8Array): readonly Decoded[] => {
    const answer = chunk.length === 1 + COMMAND_BYTES ? chunk.subarray(1) : chunk
    if (answer.length !== COMMAND_BYTES) {
      data = null
      return dropped('length')
    }
    if (data === null) {
      if (answer.every(byte => byte === 0)) return []
      data = answer.slice()
      return [{ kind: 'answer', bytes: ask(BIT_COUNT) }]
    }
    const held = data
    data = null
    const [count = 0, again = 0] = answer
    // The card was gone before it was asked for its length.
    if (count === 0 && again === 0) return []
    if (count !== again || count > BITS_MAX) return dropped('count')
    const read = cardOf(leftJustified(held, count), format)
    return [{ kind: 'scan', credential: { kind: read.kind, card: read.card } }]
  }
  return listening(take, {
    begin(atMs) {
      pollMs = atMs
      return []
    },
    dueMs: () => pollMs,
    due(atMs) {
      if (pollMs === null || atMs < pollMs) return []
      pollMs = atMs + POLL_MS
      data = null
      return [{ kind: 'answer', bytes: ask(CARD_DATA) }]
    },
  })
}

function ask(command: number): Uint8Array {
  const report = new Uint8Array(1 + COMMAND_BYTES)
  report[1] = command
  return report
}

function cardOf(frame: Frame, format: WiegandFormat): CardOfBits {
  const isWhole = format !== 'raw' && frame.bitCount === layoutOf(format).bits
  return isWhole ? cardOfBits(frame, format) : cardOfFields(frame, format)
}

/** So many bits of a number that is given the least significant byte first, in the order of the wire. */
function leftJustified(littleEndian: Uint8Array, bitCount: number): Frame {
  const value = BigInt(`0x${toHex(littleEndian.slice().reverse())}`) & ((1n << BigInt(bitCount)) - 1n)
  const byteCount = Math.ceil(bitCount / 8)
  const bits = (value << BigInt(byteCount * 8 - bitCount)).toString(16).padStart(byteCount * 2, '0')
  return { bitCount, bits }
}
