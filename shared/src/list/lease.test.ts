import { describe, expect, test } from 'vitest'
import { DEFAULT_LEASE, type Lease } from './documents.ts'
import { type ClocksThen, type LeaseQuestion, leaseAllows, leaseGrade, listAgeS } from './lease.ts'

const HOUR_S = 3_600
const listedStudent: LeaseQuestion = { ageS: 0, listed: true, class: 'student' }

describe('the age of a list', () => {
  test.each([
    [-60, 'fresh'],
    [0, 'fresh'],
    [900, 'fresh'],
    [901, 'stale'],
    [24 * HOUR_S, 'stale'],
    [24 * HOUR_S + 1, 'old'],
    [72 * HOUR_S, 'old'],
    [72 * HOUR_S + 1, 'last_resort'],
  ])('%i s is %s', (ageS, grade) => expect(leaseGrade(DEFAULT_LEASE, ageS)).toBe(grade))
})

describe('what still opens', () => {
  const [STALE, OLD, LAST] = [HOUR_S, 48 * HOUR_S, 100 * HOUR_S]
  test.each<[string, Partial<Lease>, Partial<LeaseQuestion>, boolean]>([
    ['fresh: a pass of the list', {}, {}, true],
    ['fresh: a signature alone', {}, { listed: false }, true],
    ['stale: a pass of the list', {}, { ageS: STALE }, true],
    ['stale: a signature alone', {}, { ageS: STALE, listed: false }, false],
    ['stale: a signature alone, with a guard there', { guardPresent: true }, { ageS: STALE, listed: false }, true],
    ['old: a pass of the list', {}, { ageS: OLD }, true],
    ['old: a signature alone, with a guard there', { guardPresent: true }, { ageS: OLD, listed: false }, false],
    ['old, staff only: a student', { whenOld: 'staff' }, { ageS: OLD }, false],
    ['old, staff only: staff', { whenOld: 'staff' }, { ageS: OLD, class: 'staff' }, true],
    ['old, closed: staff', { whenOld: 'closed' }, { ageS: OLD, class: 'staff' }, false],
    ['last resort: a student', {}, { ageS: LAST }, false],
    ['last resort: staff', {}, { ageS: LAST, class: 'staff' }, true],
    ['last resort: staff that is not on the list', {}, { ageS: LAST, class: 'staff', listed: false }, false],
    ['last resort, closed: staff', { lastResort: 'closed' }, { ageS: LAST, class: 'staff' }, false],
  ])('%s: %s', (_what, lease, question, opens) => {
    expect(leaseAllows({ ...DEFAULT_LEASE, ...lease }, { ...listedStudent, ...question })).toBe(opens)
  })
})

describe('how old a list is', () => {
  const ISSUED_S = 1_788_336_000
  const clocks: ClocksThen = { trustedMs: (ISSUED_S + 60) * 1000, wallMs: (ISSUED_S + 90) * 1000, quality: 'confirmed' }

  test('is told by trusted time, whatever the wall says', () => {
    expect(listAgeS(ISSUED_S, clocks)).toBe(60)
    expect(listAgeS(ISSUED_S, { ...clocks, quality: 'unconfirmed' })).toBe(60)
  })

  test('is in doubt told by the later clock: a start weeks later makes no list young', () => {
    expect(listAgeS(ISSUED_S, { ...clocks, quality: 'doubt' })).toBe(90)
    expect(listAgeS(ISSUED_S, { ...clocks, wallMs: 0, quality: 'doubt' })).toBe(60)
  })

  test('is nothing where there is no list', () => expect(listAgeS(null, clocks)).toBe(null))
})
