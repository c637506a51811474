import { readFileSync } from 'node:fs'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import type { Card } from '@gatehouse/shared/list/card.ts'
import { expect, test } from 'vitest'
import { cardKeyOf } from './card-key.ts'

const { cases } = JSON.parse(readFileSync(new URL('../../../shared/vectors/cards.json', import.meta.url), 'utf8')) as {
  cases: (Card & { readonly name: string; readonly secret: string; readonly cardKey: string })[]
}

test.each(cases)('$name', ({ secret, cardKey, ...card }) => {
  expect(cardKeyOf(fromHex(secret)!, card)).toBe(cardKey)
})

test('ten cards are ten keys', () => {
  expect(new Set(cases.map(({ cardKey }) => cardKey)).size).toBe(10)
})
