import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { toHex } from '../bytes.ts'
import { CARD_KEY_BYTES, cardKeyMessage } from './card.ts'

test('a card is hashed with its technology and its count of bits', () => {
  expect(toHex(cardKeyMessage({ technology: 'em4100', bitCount: 40, bits: '01000734e0' }))).toBe(
    '06656d34313030' + '0028' + '01000734e0',
  )
})

test('no two encodings meet in one key: the same bits elsewhere are another card', () => {
  const key = (technology: 'raw' | 'em4100', bitCount: number) =>
    createHmac('sha256', 'secret')
      .update(cardKeyMessage({ technology, bitCount, bits: '01000734e0' }))
      .digest('hex')
      .slice(0, CARD_KEY_BYTES * 2)
  expect(new Set([key('em4100', 40), key('raw', 40), key('raw', 39)]).size).toBe(3)
})

test('bits that do not fill their count are a mistake of ours', () => {
  expect(() => cardKeyMessage({ technology: 'em4100', bitCount: 40, bits: '000734e0' })).toThrow(/needs 5 bytes/)
})
