import { readFileSync } from 'node:fs'
import type { Card } from '@gatehouse/shared/list/card.ts'
import { expect, test } from 'vitest'
import { cardOf } from '../passes/credentials.repo.ts'
import { cardKey } from './snapshot.repo.ts'

const { cases } = JSON.parse(readFileSync(new URL('../../../shared/vectors/cards.json', import.meta.url), 'utf8')) as {
  cases: (Card & { readonly name: string; readonly secret: string; readonly cardKey: string })[]
}

test.each(cases)('$name: typed in capitals, listed as the gate knows it', one => {
  const typed = cardOf({ technology: one.technology, bits: one.bits.toUpperCase(), bitCount: one.bitCount })
  if (!typed.ok) throw new Error(typed.failure)
  expect(cardKey(Buffer.from(one.secret, 'hex'), typed.value)).toBe(one.cardKey)
})

test('there are ten', () => expect(cases).toHaveLength(10))
