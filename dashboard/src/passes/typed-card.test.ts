import { addCredential } from '@gatehouse/shared/wire/api/passes.ts'
import { WIEGAND_NAMES } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { expect, test } from 'vitest'
import { cardOfDigits, readTypedNumbers } from './typed-card.ts'

test.each([
  ['h10301', '123', '4567', { technology: 'h10301', bits: '7b11d7', bitCount: 24 }],
  ['h10301', ' 123 ', '04567', { technology: 'h10301', bits: '7b11d7', bitCount: 24 }],
  ['d10202', '1', '1', { technology: 'd10202', bits: '02000002', bitCount: 31 }],
  ['h10302', '', '34359738367', { technology: 'h10302', bits: 'ffffffffe0', bitCount: 35 }],
  ['c1k48s', '42069', '42069', { technology: 'c1k48s', bits: '0291540522a8', bitCount: 45 }],
] as const)('%s %s/%s', (format, facility, number, card) => {
  expect(readTypedNumbers(format, { facility, number })).toEqual({ card })
})

test.each(WIEGAND_NAMES)('the cloud takes a typed card of %s', format => {
  const read = readTypedNumbers(format, { facility: '1', number: '1' })
  expect('card' in read && addCredential.body?.safeParse(read.card).success).toBe(true)
})

test.each([
  ['h10301', '256', '1', { facility: 'must not be more than 255' }],
  ['h10301', '1', '65536', { number: 'must not be more than 65535' }],
  ['h10301', '', '1e3', { facility: 'must be a number in decimal', number: 'must be a number in decimal' }],
  ['h10302', '', '34359738368', { number: 'must not be more than 34359738367' }],
] as const)('%s %s/%s is told to be wrong', (format, facility, number, problems) => {
  expect(readTypedNumbers(format, { facility, number })).toEqual({ problems })
})

test('digits may be grouped as they are on a reader', () => {
  expect(cardOfDigits('iso14443a', { bits: '04:A2-B3 C4', bitCount: '' })).toEqual({
    card: { technology: 'iso14443a', bits: '04A2B3C4' },
  })
})
