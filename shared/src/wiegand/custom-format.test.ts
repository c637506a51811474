import { expect, test } from 'vitest'
import { CardText, CustomFormat } from '../wire/hardware/card-format.ts'
import { cardTextMistakes, customFormatMistakes } from './custom-format.ts'

const GOOD = {
  bits: 34,
  facility: { from: 1, to: 8 },
  number: { from: 9, to: 32 },
  parity: [
    { at: 0, kind: 'even', over: '0-16' },
    { at: 33, kind: 'odd', over: '17-33' },
  ],
} as const

const mistakes = (change: object) =>
  customFormatMistakes(CustomFormat.parse({ ...GOOD, ...change })).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

test('a good one has none', () => expect(mistakes({})).toEqual([]))

test.each([
  [
    'a field beyond the frame',
    { number: { from: 9, to: 34 } },
    ['number.to: the last bit of 34 is 33: bits are counted from 0', 'number: bit 33 is parity and cannot be here too'],
  ],
  ['a field that runs backwards', { facility: { from: 8, to: 1 } }, ['facility.to: is before its first bit']],
  ['a field on a parity bit', { facility: { from: 0, to: 8 } }, ['facility: bit 0 is parity and cannot be here too']],
  ['fields that overlap', { facility: { from: 1, to: 9 } }, ['number: facility code and card number share bits']],
  [
    'parity beyond the frame',
    { parity: [{ at: 34, kind: 'odd', over: '1-8' }] },
    ['parity.0.at: the last bit of 34 is 33'],
  ],
  [
    'a sum beyond the frame',
    { parity: [{ at: 33, kind: 'odd', over: '17-40' }] },
    ['parity.0.over: the last bit of 34 is 33'],
  ],
  [
    'a range that runs backwards',
    { parity: [{ at: 33, kind: 'odd', over: '17,30-20' }] },
    ['parity.0.over: 30-20 runs backwards'],
  ],
  ['a sum of nothing', { parity: [{ at: 33, kind: 'odd', over: '33' }] }, ['parity.0.over: counts no bit but itself']],
  [
    'parity twice',
    { parity: [GOOD.parity[0], { at: 0, kind: 'odd', over: '1-3' }] },
    ['parity.1.at: bit 0 is parity twice'],
  ],
  [
    'a sum over what is set later',
    { parity: [{ at: 0, kind: 'odd', over: '0-33' }, GOOD.parity[1]] },
    ['parity.0.over: counts bit 33, a parity that is set after it: put that one in front'],
  ],
] as const)('%s', (_, change, expected) => {
  expect(mistakes(change)).toEqual(expected)
})

test('a sum may count a parity that was set before it', () => {
  expect(mistakes({ parity: [GOOD.parity[1], { at: 0, kind: 'odd', over: '0-33' }] })).toEqual([])
})

const textMistakes = (text: object) =>
  cardTextMistakes(CardText.parse({ base: 'hex', ...text })).map(({ path, message }) => `${path.join('.')}: ${message}`)

test.each([
  [{ format: 'em4100', bitCount: 40 }, []],
  [{ format: 'em4100', bitCount: 32 }, ['bitCount: em4100 has 40 bits; for a reader that types fewer, raw']],
  [{ format: 'iso14443a', bitCount: 40 }, ['bitCount: iso14443a has 32 or 56 or 80 bits']],
  [{ format: 'h10301', bitCount: 26 }, []],
  [{ format: 'h10301', bitCount: 24 }, []],
  [{ format: 'h10301', bitCount: 32 }, ['bitCount: h10301 has 26 or 24 bits']],
  [
    { format: 'raw', bitCount: 26, reversed: true },
    ['reversed: only whole bytes can be turned round: bits must be a multiple of 8'],
  ],
  [{ format: GOOD, bitCount: 32 }, []],
  [
    { format: { ...GOOD, number: { from: 9, to: 28 } }, bitCount: 28 },
    ['bitCount: must be 34: the format has bits in no field, and the fields alone do not say them'],
  ],
  [
    { format: { ...GOOD, number: { from: 9, to: 33 } }, bitCount: 34 },
    ['format.number: bit 33 is parity and cannot be here too'],
  ],
] as const)('a text read as %o', (text, expected) => {
  expect(textMistakes(text)).toEqual(expected)
})
