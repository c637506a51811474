import { expect, test } from 'vitest'
import { piecesOf } from './pieces.ts'

test('addresses of pages are links, and the text stays whole', () => {
  const text = 'See http://localhost:8080/claim#abc.n\n\nor javascript:alert(1) and https://x.example/?a=1&b=2'
  const pieces = piecesOf(text)
  expect(pieces.map(({ text }) => text).join('')).toBe(text)
  expect(pieces.filter(({ isLink }) => isLink).map(({ text }) => text)).toEqual([
    'http://localhost:8080/claim#abc.n',
    'https://x.example/?a=1&b=2',
  ])
})
