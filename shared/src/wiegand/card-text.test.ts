import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CardText, CustomFormat } from '../wire/hardware/card-format.ts'
import { readCardText } from './card-text.ts'

const BQT34 = CustomFormat.parse({
  bits: 34,
  facility: { from: 1, to: 8 },
  number: { from: 9, to: 32 },
  parity: [
    { at: 0, kind: 'even', over: '0-16' },
    { at: 33, kind: 'odd', over: '17-33' },
  ],
})
const EM4100: CardText = { base: 'hex', bitCount: 40, reversed: false, format: 'em4100' }

/** How the reader types, what it typed, what that is. */
const ROWS: readonly (readonly [string, Partial<CardText>, string, string])[] = [
  ['ten hexadecimal digits', {}, '01000734E0', 'card em4100/40 01000734e0'],
  ['the last byte first', { reversed: true }, 'E034070001', 'card em4100/40 01000734e0'],
  ['all in decimal', { base: 'decimal' }, '4295439584', 'card em4100/40 01000734e0'],
  ['decimal with zeros in front', { base: 'decimal' }, '0000004295439584', 'card em4100/40 01000734e0'],
  ['a UID', { bitCount: 32, format: 'iso14443a' }, 'deadbeef', 'card iso14443a/32 deadbeef'],
  ['a UID of seven bytes', { bitCount: 56, format: 'iso14443a' }, '04A1B2C3D4E5F6', 'card iso14443a/56 04a1b2c3d4e5f6'],
  ['a tag of ISO 15693', { bitCount: 64, format: 'iso15693' }, 'E004010012345678', 'card iso15693/64 e004010012345678'],
  ['a whole frame', { bitCount: 26, format: 'h10301' }, '2F623AE', 'card h10301/24 7b11d7'],
  ['a whole frame in whole bytes', { bitCount: 26, format: 'h10301' }, '02F623AE', 'card h10301/24 7b11d7'],
  ['a whole frame, parity broken', { bitCount: 26, format: 'h10301' }, '2F623AF', 'misread raw/26 bd88ebc0'],
  ['the fields alone', { bitCount: 24, format: 'h10301' }, '7B11D7', 'card h10301/24 7b11d7'],
  ['the fields in decimal', { bitCount: 24, base: 'decimal', format: 'h10301' }, '0008065495', 'card h10301/24 7b11d7'],
  ['an own format, whole', { bitCount: 34, format: BQT34 }, '0CA000A73', 'card raw/34 3280029cc0'],
  ['an own format, its fields', { bitCount: 32, format: BQT34 }, '65000539', 'card raw/34 3280029cc0'],
  ['raw', { bitCount: 12, format: 'raw' }, 'abc', 'card raw/12 abc0'],
  ['zeros in front are kept', { bitCount: 32, format: 'raw', base: 'decimal' }, '7', 'card raw/32 00000007'],
  ['a digit too few', {}, '1000734E0', 'malformed'],
  ['a digit too many', {}, '101000734E0', 'malformed'],
  ['a number too large', { bitCount: 24, format: 'raw', base: 'decimal' }, '16777216', 'malformed'],
  ['letters among decimal digits', { base: 'decimal' }, '01000734E0', 'malformed'],
  ['a sign', { base: 'decimal' }, '-1', 'malformed'],
  ['a prefix', {}, '0x01000734E0', 'malformed'],
  ['a space', {}, '01000734E0 ', 'malformed'],
  ['nothing', {}, '', 'malformed'],
  ['zeros without end', { base: 'decimal' }, '0'.repeat(41), 'malformed'],
]

test.each(ROWS)('%s', (_, as, text, expected) => {
  expect(wordsOf(readCardText(text, { ...EM4100, ...as }))).toBe(expected)
})

test('no text makes it throw, and what it takes has as many bits as it stands for', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^[0-9a-fA-F]{1,45}$/)),
      fc.constantFrom<CardText['base']>('hex', 'decimal'),
      fc.integer({ min: 1, max: 16 }),
      fc.boolean(),
      (text, base, bytes, reversed) => {
        const read = readCardText(text, { base, bitCount: bytes * 8, reversed, format: 'raw' })
        if (read.kind !== 'malformed') expect(read.card.bits).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
      },
    ),
  )
})

function wordsOf(read: ReturnType<typeof readCardText>): string {
  return read.kind === 'malformed'
    ? read.kind
    : `${read.kind} ${read.card.technology}/${read.card.bitCount} ${read.card.bits}`
}
