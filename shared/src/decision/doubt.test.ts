import { describe, expect, test } from 'vitest'
import type { ListPolicy } from '../list/documents.ts'
import {
  AT,
  asCard,
  asReference,
  asStatic,
  type Change,
  certificate,
  good,
  inDoubt,
  inProof,
  inRow,
  underPolicy,
  verdict,
} from './testing/good-attempt.ts'

const opening = (whenClockInDoubt: ListPolicy['whenClockInDoubt']) => underPolicy({ whenClockInDoubt })
const always = inRow({ profile: 0 })
const both =
  (first: Change, second: Change): Change =>
  attempt =>
    second(first(attempt))
const unlisted: Change = attempt => certificate({ serial: 51 })({ ...attempt, row: null })

describe('on a clock in doubt', () => {
  test.each<[string, Change, string, string, string]>([
    // what is presented, and what it comes to where cards, where what is listed, and where nothing opens
    ['a listed card without hours', both(always, asCard), 'open', 'open', 'clock_in_doubt'],
    ['a listed card with hours', asCard, 'clock_in_doubt', 'clock_in_doubt', 'clock_in_doubt'],
    ['a listed print', both(always, asStatic), 'clock_in_doubt', 'open', 'clock_in_doubt'],
    ['a print newer than the list', both(asStatic, unlisted), 'clock_in_doubt', 'clock_in_doubt', 'clock_in_doubt'],
    ['a phone’s code', always, 'clock_in_doubt', 'clock_in_doubt', 'clock_in_doubt'],
    ['a phone’s reference', both(always, asReference), 'clock_in_doubt', 'clock_in_doubt', 'clock_in_doubt'],
    ['a card that has run out', both(asCard, inRow({ expiresS: AT.epochS })), 'expired', 'expired', 'expired'],
    ['a revoked card', both(asCard, inRow({ status: 'revoked' })), 'revoked', 'revoked', 'revoked'],
    [
      'a card nobody knows',
      attempt => asCard({ ...attempt, row: null }),
      'unknown_pass',
      'unknown_pass',
      'unknown_pass',
    ],
  ])('%s', (_what, change, cards, listed, closed) => {
    const attempt = inDoubt(change(good))
    expect(verdict(attempt)).toBe(cards)
    expect(verdict(opening('listed_cards')(attempt))).toBe(cards)
    expect(verdict(opening('listed')(attempt))).toBe(listed)
    expect(verdict(opening('closed')(attempt))).toBe(closed)
  })

  const notYet: Change = inRow({ notBeforeS: AT.epochS + 1 })
  test.each<[string, Change]>([
    ['an old code', inProof({ age: 'stale_proof' })],
    ['a code ahead of its time', inProof({ age: 'future_proof' })],
    ['a pass before its first day', both(always, notYet)],
    ['a card before its first day', both(always, both(asCard, notYet))],
    ['a print before its first day', both(always, both(asStatic, certificate({ notBeforeS: AT.epochS + 1 })))],
    ['a card outside its hours', attempt => asCard({ ...attempt, at: { ...attempt.at, minuteOfDay: 0 } })],
  ])('%s is neither let in nor told anything but the doubt', (_what, change) => {
    expect(verdict(change(good))).not.toBe('open')
    expect(verdict(opening('listed')(inDoubt(change(good))))).toBe('clock_in_doubt')
  })

  test('a clock that nobody confirmed is not in doubt', () => {
    expect(verdict({ ...good, at: { ...good.at, clock: 'unconfirmed' } })).toBe('open')
  })
})
