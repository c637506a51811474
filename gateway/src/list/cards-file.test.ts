import { expect, test } from 'vitest'
import { readCards } from './cards-file.ts'

/** One card of a file: what is read, or what is said of its line. */
function card(technology: string, text: string): string {
  const records = [
    { line: 1, fields: ['card', 'technology'] },
    { line: 2, fields: [text, technology] },
  ]
  const read = readCards(records, 'Europe/Berlin')
  if (!read.ok) return read.failure
  const [
    {
      card: { technology: name, bitCount, bits },
    },
  ] = read.value as [(typeof read.value)[number]]
  return `${name} ${bits}/${bitCount}`
}

test.each([
  ['', '01 00:07 34 E0', 'em4100 01000734e0/40'],
  ['h10301', '7B11D7', 'h10301 7b11d7/24'],
  ['h10301', '123:4567', 'h10301 7b11d7/24'],
  ['h10301', '256:1', 'line 2: h10301 has no card 256:1'],
  ['h10302', '0000A73000', 'h10302 0000a73000/35'],
  ['h10302', '0000A73001', 'line 2: the card is 35 bits, left-justified: what is behind them must be 0'],
  ['h10302', '00A73000', 'line 2: the card must be 5 bytes in hexadecimal'],
  ['d10202', '1:1', 'd10202 02000002/31'],
  ['c1k48s', '42069:42069', 'c1k48s 0291540522a8/45'],
  ['raw', '3F00A1', 'raw 3f00a1/24'],
  ['raw', 'FFF8/13', 'raw fff8/13'],
  ['raw', 'FFFF/13', 'line 2: the card is 13 bits, left-justified: what is behind them must be 0'],
  ['raw', 'FFF8/17', 'line 2: the card must be whole bytes in hexadecimal'],
  ['raw', 'FFF8/x', 'line 2: the card must be whole bytes in hexadecimal'],
  ['em4100', '01000734E0/40', 'line 2: the card must be 5 bytes in hexadecimal'],
])('%s %s: %s', (technology, text, expected) => {
  expect(card(technology, text)).toBe(expected)
})

test('the same bits of another count are another card', () => {
  const records = [
    { line: 1, fields: ['card', 'technology'] },
    ...['FFF8', 'FFF8/13'].map((text, at) => ({ line: at + 2, fields: [text, 'raw'] })),
  ]
  expect(readCards(records, 'Europe/Berlin').ok).toBe(true)
})
