import { characterCard } from './character-card.ts'
import { type Decoded, type Decoder, listening } from './decoder.ts'

/** Somebody who stops for this long has gone, and the next person begins anew. */
const SILENCE_MS = 5_000

export type KeypadNeeds = { readonly digitsMin: number; readonly digitsMax: number }

type Key = number | 'clear' | 'end' | null
type Dialect = 'ascii' | 'wiegand'

/**
 * A keypad on a serial line, a byte a key. ASCII: digits, `*` ESC or BS clears, `#` CR or LF ends. Wiegand keypads
 * behind a converter: 4-bit keys as 00..0B, or 8-bit keys whose high half is the low half inverted (F0 is 0, E1 is 1);
 * 10 clears, 11 ends (esphome components/wiegand/wiegand.cpp).
 *
 * Too many digits are no PIN, nor are their last ones; nor is what is left of one with a key of the other kind in it,
 * as a disturbed line has: all are forgotten until a key clears or ends. Digits are never in a reason for dropping.
 */
export function keypadDecoder({ digitsMin, digitsMax }: KeypadNeeds): Decoder {
  let digits = ''
  /** Why what is being pressed is no PIN any more. */
  let spoilt: 'length' | 'mixed' | null = null
  let lastMs: number | null = null
  /** 08 and 0A are BS and LF of an ASCII keypad and the keys 8 and `*` of the other: what was pressed before tells. */
  let dialect: Dialect = 'wiegand'

  const forget = () => {
    digits = ''
    spoilt = null
    lastMs = null
  }
  const press = (key: Key): Decoded[] => {
    if (typeof key === 'number') {
      if (digits.length === digitsMax) spoilt ??= 'length'
      digits = spoilt === null ? digits + key : ''
      return []
    }
    if (key === 'clear') forget()
    if (key !== 'end') return []
    const [pin, why] = [digits, spoilt]
    forget()
    if (why !== null) return [{ kind: 'dropped', why }]
    if (pin === '') return []
    if (pin.length < digitsMin) return [{ kind: 'dropped', why: 'length' }]
    return [{ kind: 'scan', credential: { kind: 'card', card: characterCard('pin', pin) } }]
  }
  const due = (atMs: number): Decoded[] => {
    if (lastMs === null || atMs - lastMs < SILENCE_MS) return []
    forget()
    return [{ kind: 'dropped', why: 'silence' }]
  }

  return listening(
    (chunk, atMs) => {
      const found = due(atMs)
      for (const byte of chunk) {
        const spoken = dialectOf(byte)
        if (spoken !== null && spoken !== dialect && digits !== '') spoilt ??= 'mixed'
        dialect = spoken ?? dialect
        const key = dialect === 'ascii' ? asciiKey(byte) : wiegandKey(byte)
        if (key === null) continue
        lastMs = atMs
        found.push(...press(key))
      }
      if (digits === '' && spoilt === null) lastMs = null
      return found
    },
    { dueMs: () => (lastMs === null ? null : lastMs + SILENCE_MS), due },
  )
}

/** How a keypad speaks that sends this byte; null where both do, or none. */
function dialectOf(byte: number): Dialect | null {
  const isAscii = asciiKey(byte) !== null
  if (isAscii === (wiegandKey(byte) !== null)) return null
  return isAscii ? 'ascii' : 'wiegand'
}

function asciiKey(byte: number): Key {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte === 0x2a || byte === 0x1b || byte === 0x08) return 'clear'
  return byte === 0x23 || byte === 0x0d || byte === 0x0a ? 'end' : null
}

function wiegandKey(byte: number): Key {
  const low = byte & 0x0f
  const isKey = byte <= 0x0b || (byte >> 4 === (low ^ 0x0f) && low <= 0x0b)
  if (!isKey) return null
  return low < 10 ? low : low === 10 ? 'clear' : 'end'
}
