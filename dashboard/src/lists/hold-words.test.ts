import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'
import { expect, test } from 'vitest'
import { partsOf, sayEffect, sayMakers, sayUsed } from './hold-words.ts'

const NONE: HoldNumbers = {
  living: 12,
  revoked: 0,
  suspended: 0,
  narrowed: 0,
  credentials: 0,
  byPolicy: 0,
  usedToday: 0,
  limit: 3,
  gates: [],
}

test.each([
  [{ revoked: 3, suspended: 5 }, 'Shuts out 8 of 12 passes'],
  [{ suspended: 1, narrowed: 4 }, 'Shuts out 1 of 12 passes'],
  [{ byPolicy: 12 }, 'Changes the rules so that 12 of 12 passes open less'],
  [{ narrowed: 4, credentials: 2 }, 'Takes entrances or time from 4 of 12 passes'],
  [{ credentials: 9 }, 'Takes 9 cards and phones off passes that stay'],
])('%j is told by what weighs most', (numbers, words) => expect(sayEffect({ ...NONE, ...numbers })).toBe(words))

test('every number that is something is told, and no other', () => {
  expect(partsOf(NONE)).toEqual([])
  const all = { ...NONE, revoked: 1, suspended: 2, narrowed: 3, credentials: 4, byPolicy: 5 }
  expect(partsOf(all).map(part => Number.parseInt(part, 10))).toEqual([1, 2, 3, 4, 5])
})

test('who made it and who went in are told in words', () => {
  expect(sayMakers([])).toBe('a program or a date that came')
  expect(sayMakers(['Ada', 'Bo', 'Cy'])).toBe('Ada, Bo and Cy')
  expect(sayUsed(0)).toBe('None of them went in during the last 24 hours.')
  expect(sayUsed(7)).toBe('7 of them went in during the last 24 hours.')
})
