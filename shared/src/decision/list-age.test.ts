import { describe, expect, test } from 'vitest'
import { DEFAULT_LEASE, type Lease } from '../list/documents.ts'
import type { Attempt } from './attempt.ts'
import { decide } from './decide.ts'
import {
  asCard,
  asReference,
  asStatic,
  type Change,
  certificate,
  good,
  inRow,
  onList,
  underPolicy,
  verdict,
} from './testing/good-attempt.ts'

const HOUR_S = 3_600
const [FRESH, STALE, OLD, LAST] = [900, 24 * HOUR_S, 72 * HOUR_S, 72 * HOUR_S + 1]
const lease = (change: Partial<Lease>) => underPolicy({ lease: { ...DEFAULT_LEASE, ...change } })

/** A pass newer than the list: only its signature speaks for it. */
const unlisted: Change = attempt => certificate({ serial: 51 })({ ...attempt, row: null })
const ofStaff: Change = attempt => certificate({ class: 'staff' })(inRow({ class: 'staff' })(attempt))

describe('a list that ages', () => {
  test.each<[string, number, Change, string]>([
    ['fresh: a pass of the list', FRESH, attempt => attempt, 'open'],
    ['fresh: a signature alone', FRESH, unlisted, 'open'],
    ['stale: a pass of the list', STALE, attempt => attempt, 'open'],
    ['stale: a card', STALE, asCard, 'open'],
    ['stale: a reference', STALE, asReference, 'open'],
    ['a second past fresh: a signature alone', FRESH + 1, unlisted, 'list_too_old'],
    ['stale, with a guard there: a signature alone', STALE, a => unlisted(lease({ guardPresent: true })(a)), 'open'],
    ['old: a pass of the list', OLD, asStatic, 'open'],
    [
      'old, with a guard there: a signature alone',
      OLD,
      a => unlisted(lease({ guardPresent: true })(a)),
      'list_too_old',
    ],
    ['old, for staff only: a student', OLD, lease({ whenOld: 'staff' }), 'list_too_old'],
    ['old, for staff only: staff', OLD, a => ofStaff(lease({ whenOld: 'staff' })(a)), 'open'],
    ['the last resort: a student', LAST, asCard, 'list_too_old'],
    ['the last resort: staff', LAST, a => asCard(ofStaff(a)), 'open'],
    ['the last resort of a laboratory: staff', LAST, a => ofStaff(lease({ lastResort: 'closed' })(a)), 'list_too_old'],
  ])('%s', (_what, ageS, change, expected) => {
    expect(verdict(change(onList(ageS)(good)))).toBe(expected)
  })

  test('the row’s class counts, not the certificate’s', () => {
    const claimed = certificate({ class: 'staff' })(onList(LAST)(good))
    expect(verdict(claimed)).toBe('list_too_old')
    expect(verdict(inRow({ class: 'staff' })(onList(LAST)(good)))).toBe('open')
  })

  test('a gate that never had a list opens for nobody, whatever was signed', () => {
    const bare = unlisted({ ...onList(null)(good), list: { ...good.list, serialMax: 0, ageS: null } })
    expect(verdict(bare)).toBe('list_too_old')
    expect(verdict(ofStaff(lease({ guardPresent: true })(bare)))).toBe('list_too_old')
  })

  test.each<[string, number | null]>([
    ['in its last resort', LAST],
    ['that has no list', null],
  ])('who leaves by a gate %s is let out, and the objection is kept', (_what, ageS) => {
    const leaving: Attempt = { ...unlisted(onList(ageS)(good)), lane: { ...good.lane, direction: 'out' } }
    expect(decide(leaving)).toMatchObject({ open: true, ground: 'leaving', objection: 'list_too_old' })
  })
})
