import { explain } from '@gatehouse/shared/decision/explain.ts'
import { REFUSALS } from '@gatehouse/shared/decision/refusals.ts'
import { EVENT_KINDS } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { expect, test } from 'vitest'
import { initials, KIND_WORDS, outcomeOf, who, why } from './words.ts'

for (const refusal of REFUSALS) {
  test(`${refusal} is said in two voices, and in neither as a code`, () => {
    const { visitor, guard } = explain(refusal)
    expect(why({ refusal, objection: null })).toBe(visitor)
    for (const said of [visitor, guard]) expect(said).not.toMatch(/_|[A-Z]{3}/)
    expect(guard.length).toBeGreaterThan(visitor.length)
  })
}

test('every kind of event has words of its own', () =>
  expect(new Set(EVENT_KINDS.map(kind => KIND_WORDS[kind])).size).toBe(EVENT_KINDS.length))

test('a forced door is an alarm, a closed one is not', () => {
  expect(outcomeOf({ kind: 'forced' })).toBe('alarm')
  expect(outcomeOf({ kind: 'closed' })).toBe('other')
})

test('somebody let out against an objection is told from somebody who had none', () => {
  expect(why({ refusal: null, objection: 'expired' })).toBe('Let out all the same: pass has run out')
  expect(why({ refusal: null, objection: null })).toBe('')
})

const unknown: readonly [technology: string | null, kind: AccessLine['kind'], said: string][] = [
  ['em4100', 'refused', 'Unknown card'],
  ['qr', 'refused', 'Unknown code'],
  ['ghp1', 'refused', 'Pass of an unknown holder'],
  [null, 'boot', 'North gate'],
]
for (const [technology, kind, said] of unknown) {
  test(`without a holder, ${technology ?? 'nothing'} at ${kind} is "${said}"`, () =>
    expect(who({ holder: null, technology, kind, gateName: 'North gate' } as AccessLine)).toBe(said))
}

const names: readonly [name: string, letters: string][] = [
  ['Ada Lovelace', 'AL'],
  ['Suharto', 'S'],
  ['maría del carmen', 'MC'],
  ['عبد الرحمن الخوارزمي', 'عا'],
  ['  ', ''],
]
for (const [name, letters] of names) {
  test(`the initials of "${name}" are "${letters}"`, () => expect(initials(name)).toBe(letters))
}
