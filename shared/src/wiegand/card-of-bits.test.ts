import { expect, test } from 'vitest'
import { BIT_COUNTS, cardKeyMessage } from '../list/card.ts'
import { CustomFormat, WIEGAND_NAMES } from '../wire/hardware/card-format.ts'
import { cardOfBits, cardOfFields, cardOfNumbers, numbersOfCard } from './card-of-bits.ts'
import { layoutOf } from './formats.ts'
import { encodeFrame, mostOf } from './frame.ts'

const H10301 = { bitCount: 26, bits: 'bd88eb80' }
const OWN = CustomFormat.parse({
  bits: 26,
  facility: { from: 1, to: 8 },
  number: { from: 9, to: 24 },
  parity: [
    { at: 0, kind: 'even', over: '1-12' },
    { at: 25, kind: 'odd', over: '13-24' },
  ],
})

test('a card of a named format is its facility code and number, without parity', () => {
  expect(cardOfBits(H10301, 'h10301')).toEqual({
    kind: 'card',
    card: { technology: 'h10301', bitCount: 24, bits: '7b11d7' },
  })
})

test.each(WIEGAND_NAMES)('a card of %s has as many bits as its technology always has', format => {
  const { facility, number } = layoutOf(format)
  const numbers = { facility: facility && mostOf(facility), number: mostOf(number) }
  const frame = encodeFrame(numbers, format)
  const { kind, card } = cardOfBits(frame.ok ? frame.value : H10301, format)
  expect({ kind, technology: card.technology, bitCount: card.bitCount }).toEqual({
    kind: 'card',
    technology: format,
    bitCount: BIT_COUNTS[format],
  })
  expect(cardKeyMessage(card).length).toBe(1 + format.length + 2 + Math.ceil(BIT_COUNTS[format]! / 8))
  expect(numbersOfCard(card)).toEqual(numbers)
  expect(cardOfNumbers(numbers, format)).toEqual(card)
})

test('a card of the installer’s own format is all bits of its frame', () => {
  expect(cardOfBits(H10301, OWN)).toEqual({ kind: 'card', card: { technology: 'raw', ...H10301 } })
})

test('raw: the bits as they came', () => {
  expect(cardOfBits({ bitCount: 13, bits: 'fff8' }, 'raw')).toEqual({
    kind: 'card',
    card: { technology: 'raw', bitCount: 13, bits: 'fff8' },
  })
})

test.each([
  ['a broken parity', { bitCount: 26, bits: 'bd88eb00' }, 'h10301'],
  ['a broken parity of an own format', { bitCount: 26, bits: 'bd88eb00' }, OWN],
  ['another length', { bitCount: 25, bits: 'bd88eb80' }, 'h10301'],
  ['another length of an own format', { bitCount: 32, bits: 'bd88eb80' }, OWN],
] as const)('%s is a misread, and keeps its bits and no number', (_, frame, format) => {
  expect(cardOfBits(frame, format)).toEqual({ kind: 'misread', card: { technology: 'raw', ...frame } })
})

test('what a reader leaves behind the last bit makes no other card', () => {
  expect(cardOfBits({ bitCount: 26, bits: 'bd88ebbf' }, 'h10301')).toEqual(cardOfBits(H10301, 'h10301'))
  expect(cardOfBits({ bitCount: 13, bits: 'ffff' }, 'raw').card.bits).toBe('fff8')
})

test('a reader that keeps parity to itself sees the same card', () => {
  const fields = { bitCount: 24, bits: '7b11d7' }
  expect(cardOfFields(fields, 'h10301')).toEqual(cardOfBits(H10301, 'h10301'))
  expect(cardOfFields(fields, OWN)).toEqual(cardOfBits(H10301, OWN))
  expect(cardOfFields(fields, 'raw').card).toEqual({ technology: 'raw', ...fields })
  expect(cardOfFields({ bitCount: 25, bits: '7b11d700' }, 'h10301').kind).toBe('misread')
})

test('numbers beyond the format are on no card of it', () => {
  expect(cardOfNumbers({ facility: 256n, number: 1n }, 'h10301')).toBeNull()
  expect(cardOfNumbers({ facility: 256n, number: 1n }, OWN)).toBeNull()
  expect(numbersOfCard({ technology: 'em4100', bitCount: 40, bits: '01000734e0' })).toBeNull()
})
