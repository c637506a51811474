import { toHex } from '@gatehouse/shared/bytes.ts'
import type { Technology } from '@gatehouse/shared/list/card.ts'
import { cardOfBits } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import type { WiegandFormat } from '@gatehouse/shared/wire/hardware/card-format.ts'
import type { Outcome } from '../ports.ts'
import type { Decoded, Decoder } from './decoder.ts'
import { type Twn4Wire, twn4Bytes, twn4Messages } from './twn4-wire.ts'

/** SearchTag, with room for an ID of 16 bytes. */
const SEARCH_TAG = Uint8Array.of(0x05, 0x00, 0x10)
const ID_BYTES_MAX = 16

/** Beep: volume in percent, then frequency in Hz, time on and time off in ms, low byte first. */
const BEEPS: Readonly<Record<Outcome, Uint8Array>> = {
  granted: Uint8Array.of(0x04, 0x07, 100, 0x60, 0x09, 100, 0, 0, 0),
  refused: Uint8Array.of(0x04, 0x07, 100, 0xe8, 0x03, 0x90, 0x01, 0, 0),
}

const POLL_MS = 100
/** An answer takes 20 ms at 9600 baud, and a long beep 400 before it. Silence beyond is a lost request. */
const ANSWER_MS_MAX = 600

/** What the reader calls the cards that have a form of their own, and how many bits those have. */
const TYPES: Readonly<Record<number, { readonly technology: Technology; readonly bitCounts: readonly number[] }>> = {
  64: { technology: 'em4100', bitCounts: [40] },
  128: { technology: 'iso14443a', bitCounts: [32, 56, 80] },
  130: { technology: 'iso15693', bitCounts: [64] },
}

/** HID Prox and iCLASS; of every other type all bits are the identity. */
const WIEGAND_TYPES: ReadonlySet<number> = new Set([0x49, 0x84])

export type Twn4Needs = Twn4Wire & {
  /** Of HID Prox and iCLASS cards, whose bits are a Wiegand frame. */
  readonly format: WiegandFormat
}

/**
 * An Elatec TWN4 with the Simple Protocol firmware: asked for a tag ten times a second, one request at a time. Its
 * settings are left as they are. An ID is kept in the order in which the reader sends it.
 */
export function twn4Decoder({ format, ...wire }: Twn4Needs): Decoder {
  const messages = twn4Messages(wire)
  let askedMs: number | null = null
  let pollMs = 0
  let beep: Uint8Array | null = null

  const ask = (request: Uint8Array, atMs: number): Decoded => {
    messages.forget()
    askedMs = atMs
    return { kind: 'answer', bytes: twn4Bytes(wire, request) }
  }
  /** What is to be said now, if anything: a beep as soon as nothing is outstanding, else the next poll. */
  const next = (atMs: number): Decoded[] => {
    if (askedMs !== null) return []
    if (beep !== null) {
      const request = beep
      beep = null
      return [ask(request, atMs)]
    }
    if (atMs < pollMs) return []
    pollMs = atMs + POLL_MS
    return [ask(SEARCH_TAG, atMs)]
  }

  return {
    begin(atMs) {
      pollMs = atMs
      return next(atMs)
    },
    take(chunk, atMs) {
      const found: Decoded[] = []
      for (const message of messages.take(chunk)) {
        askedMs = null
        if (typeof message === 'string') found.push({ kind: 'dropped', why: message })
        else found.push(...answered(message, format))
      }
      return [...found, ...next(atMs)]
    },
    dueMs: () => (askedMs === null ? pollMs : askedMs + ANSWER_MS_MAX),
    due(atMs) {
      if (askedMs === null) return next(atMs)
      if (atMs < askedMs + ANSWER_MS_MAX) return []
      askedMs = null
      return [{ kind: 'dropped', why: 'silence' }, ...next(atMs)]
    },
    tell(outcome, atMs) {
      beep = BEEPS[outcome]
      return next(atMs)
    },
  }
}

/** Looked at by its shape alone, so that a late answer is never taken for another: `00` is a beep, `0000` no tag, `0001…` a tag. */
function answered(message: Uint8Array, format: WiegandFormat): Decoded[] {
  const [error, found, type, bitCount, idBytes] = message
  if (error !== 0) return [{ kind: 'dropped', why: `error ${error ?? 'none'}` }]
  if (message.length === 1 || (message.length === 2 && found === 0)) return []
  const id = message.subarray(5)
  const isWhole =
    found === 1 && idBytes === id.length && idBytes <= ID_BYTES_MAX && idBytes === Math.ceil(bitCount! / 8)
  if (!isWhole || idBytes === 0) return [{ kind: 'dropped', why: 'length' }]
  return [tagOf(type!, bitCount!, id, format)]
}

function tagOf(type: number, bitCount: number, id: Uint8Array, format: WiegandFormat): Decoded {
  const frame = { bitCount, bits: toHex(id) }
  const known = TYPES[type]
  if (known === undefined)
    return { kind: 'scan', credential: cardOfBits(frame, WIEGAND_TYPES.has(type) ? format : 'raw') }
  if (!known.bitCounts.includes(bitCount)) return { kind: 'dropped', why: 'length' }
  return { kind: 'scan', credential: { kind: 'card', card: { technology: known.technology, ...frame } } }
}
