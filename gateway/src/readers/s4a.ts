import { type Decoded, type Decoder, listening } from './decoder.ts'
import { gatheredText } from './gathered-text.ts'

const LINE_BYTES_MAX = 64

/** A card comes in one breath of twelve bytes; what was alone for so long was a key. Bytes may be 25 ms apart. */
const KEY_MS = 100

const TECHNOLOGIES = { 24: 'h10301', 32: 'h10306' } as const

/**
 * An S4A converter behind a Wiegand 26 or 34 reader, 9600 8N1: the bits without parity as ten decimal digits and CR LF. Keys of a
 * keypad come as single bytes between, and are none of a card: ten digits in a row are one only in one breath.
 */
export function s4aDecoder({ bits: bitCount }: { readonly bits: 24 | 32 }): Decoder {
  const text = gatheredText(LINE_BYTES_MAX)
  let lastMs = 0

  const endOfLine = (): Decoded[] => {
    if (text.isEmpty) return []
    const digits = text.end()
    if (digits === null || digits.length !== 10) return [{ kind: 'dropped', why: 'length' }]
    if (!/^\d{10}$/.test(digits)) return [{ kind: 'dropped', why: 'not_decimal' }]
    const number = Number(digits)
    if (number >= 2 ** bitCount) return [{ kind: 'dropped', why: 'range' }]
    const bits = number.toString(16).padStart(bitCount / 4, '0')
    const card = { technology: TECHNOLOGIES[bitCount], bitCount, bits }
    return [{ kind: 'scan', credential: { kind: 'card', card } }]
  }
  const due = (atMs: number): Decoded[] => {
    if (text.isEmpty || atMs < lastMs + KEY_MS) return []
    text.forget()
    return [{ kind: 'dropped', why: 'key' }]
  }
  return listening(
    (chunk, atMs) => {
      const found = due(atMs)
      lastMs = atMs
      for (const byte of chunk) {
        if (byte === 0x0d || byte === 0x0a) found.push(...endOfLine())
        else text.add(byte)
      }
      return found
    },
    { dueMs: () => (text.isEmpty ? null : lastMs + KEY_MS), due },
  )
}
