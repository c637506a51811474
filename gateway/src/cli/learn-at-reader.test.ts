import type { Card } from '@gatehouse/shared/list/card.ts'
import { cardOfNumbers } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { learnFormat } from '@gatehouse/shared/wiegand/learn.ts'
import { expect, test } from 'vitest'
import type { UnknownCard } from '../store/unknown-cards.ts'
import { learnAtReader } from './learn-at-reader.ts'

const raw = (bits: string, bitCount = 26): Card => ({ technology: 'raw', bitCount, bits })

/** A person who holds a card to the reader, if any, and then types a line. */
async function person(steps: readonly (readonly [card: Card | null, typed: string])[], seen: UnknownCard[] = []) {
  const said: string[] = []
  async function* lines() {
    for (const [card, typed] of steps) {
      if (card) seen.unshift({ atMs: seen.length, lane: 'in', reader: 'card', card })
      yield typed
    }
  }
  const samples = await learnAtReader({ newest: () => [...seen], lines: lines(), say: words => said.push(words) })
  return { samples, said }
}

test('each number is of the card that came before it, and the three tell the format', async () => {
  const { samples } = await person([
    [raw('bd88eb80'), '123:4567'],
    [raw('bb032180'), '118,1603'],
    [raw('f0029cc0'), '224:1337'],
  ])
  expect(samples.map(({ printed }) => printed.number)).toEqual([4567n, 1603n, 1337n])
  const learned = learnFormat(samples)
  expect(learned.ok && learned.value).toMatchObject({ kind: 'one', found: { setting: { format: 'h10301' } } })
})

test('a card that was there before, or was taken, is not taken for the next number', async () => {
  const old = { atMs: 0, lane: 'in', reader: 'card', card: raw('00000000') }
  const { samples, said } = await person(
    [
      [null, '1'],
      [raw('bd88eb80'), '123:4567'],
      [null, '118:1603'],
    ],
    [old],
  )
  expect(samples).toHaveLength(1)
  expect(said.filter(words => words.startsWith('No card came since then'))).toHaveLength(2)
})

test('the same card again is one that came', async () => {
  const { samples } = await person([
    [raw('bd88eb80'), '123:4567'],
    [raw('bd88eb80'), '123:4567'],
  ])
  expect(samples).toHaveLength(2)
})

test('what is no number is asked for again, and an empty line ends', async () => {
  const { samples, said } = await person([
    [raw('bd88eb80'), 'blue'],
    [null, '123:4567'],
    [null, ' '],
    [raw('bb032180'), '118:1603'],
  ])
  expect(samples).toHaveLength(1)
  expect(said[1]).toMatch(/^That is no card number/)
})

test('a reader that is set to a format gives its frame back', async () => {
  const { samples } = await person([[cardOfNumbers({ facility: 123n, number: 4567n }, 'h10301'), '123:4567']])
  expect(samples[0]!.seen).toEqual({ kind: 'bits', bitCount: 26, bits: 'bd88eb80' })
})

test('of a card that needs no format it is said', async () => {
  const { samples, said } = await person([[{ technology: 'em4100', bitCount: 40, bits: '01000734e0' }, '472288']])
  expect(samples).toEqual([])
  expect(said[1]).toBe('The reader knows what this is by itself (em4100): there is no format to learn.')
})
