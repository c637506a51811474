import { describe, expect, test } from 'vitest'
import { concatAll, toHex } from '../bytes.ts'
import { DEFAULT_GUARD_LIMIT, hexOf, lossesThatWait, rowsLet, withWaiting } from './guard.ts'
import { lossesBetween, type Rows } from './losses.ts'
import { encodePass, type ListPass, NO_ROW_FLAGS, type Table } from './rows.ts'

const NOW_S = 1_000_000
const pass = (at: number, change: Partial<ListPass> = {}): ListPass => ({
  passId: at.toString(16).padStart(16, '0'),
  notBeforeS: 0,
  expiresS: 2_000_000,
  groups: 1,
  status: 'active',
  class: 'student',
  profile: 0,
  flags: NO_ROW_FLAGS,
  minGeneration: 0,
  ...change,
})
const none = new Uint8Array()
const rows = (passes: readonly ListPass[]): Rows => ({
  P: concatAll(passes.map(encodePass)),
  C: none,
  K: none,
  N: none,
})
const school = Array.from({ length: 20 }, (_, at) => pass(at))
const withStatus = (status: ListPass['status'], ...numbers: number[]) =>
  school.map((one, at) => (numbers.includes(at) ? { ...one, status } : one))
const first = (count: number) => Array.from({ length: count }, (_, at) => at)

describe('how many rows may be lost at once', () => {
  test.each([
    [4, 3],
    [60, 3],
    [80, 4],
    [1_000, 50],
    [2_000, 100],
    [20_000, 100],
  ])('of %i living passes: %i', (living, let_) => expect(rowsLet(DEFAULT_GUARD_LIMIT, living)).toBe(let_))

  test('a school’s own limits stand in their place', () => expect(rowsLet({ percent: 50, rows: 7 }, 20_000)).toBe(7))
})

type Case = {
  readonly now: readonly ListPass[]
  /** What waits from before, as it was wanted then. */
  readonly then?: readonly ListPass[]
  readonly isApproved?: boolean
}

/** Numbers of the passes whose loss waits, and the rows that are signed. */
function settle({ now, then = school, isApproved = false }: Case) {
  const held = new Map(lossesBetween(rows(school), rows(then), NOW_S).map(({ id, after }) => [id, hexOf(after)]))
  const losses = lossesBetween(rows(school), rows(now), NOW_S)
  const waiting = lossesThatWait({ losses, held, isApproved, limit: 3, nowS: NOW_S })
  return {
    waiting: waiting.map(({ passId }) => Number.parseInt(passId, 16)),
    signed: toHex(withWaiting(rows(now), waiting).P),
  }
}
const asRows = (passes: readonly ListPass[]) => toHex(rows(passes).P)

describe('the publish guard', () => {
  test('as many as the limit go out', () => {
    const now = withStatus('revoked', ...first(3))
    expect(settle({ now })).toEqual({ waiting: [], signed: asRows(now) })
  })

  test('one more, and all of them wait as they were', () => {
    const now = withStatus('revoked', ...first(4))
    expect(settle({ now })).toEqual({ waiting: first(4), signed: asRows(school) })
  })

  test('a pass that is issued meanwhile does not wait with them', () => {
    const now = [...withStatus('revoked', ...first(4)), pass(99)]
    expect(settle({ now })).toEqual({ waiting: first(4), signed: asRows([...school, pass(99)]) })
  })

  test('rows that are gone come back to their places', () => {
    expect(settle({ now: school.slice(5) })).toEqual({ waiting: first(5), signed: asRows(school) })
  })

  test('while a mass change waits, one lost card still goes out', () => {
    const then = withStatus('suspended', ...first(10))
    const now = then.map((one, at) => (at === 15 ? { ...one, status: 'lost' as const } : one))
    expect(settle({ now, then })).toEqual({ waiting: first(10), signed: asRows(withStatus('lost', 15)) })
  })

  test('also when it is one of those that wait: it is taken further', () => {
    const then = withStatus('suspended', ...first(10))
    const now = then.map((one, at) => (at === 4 ? { ...one, status: 'lost' as const } : one))
    expect(settle({ now, then })).toEqual({
      waiting: first(10).filter(at => at !== 4),
      signed: asRows(withStatus('lost', 4)),
    })
  })

  test('a second mass change waits with the first', () => {
    const then = withStatus('suspended', ...first(5))
    expect(settle({ now: withStatus('suspended', ...first(12)), then }).waiting).toEqual(first(12))
  })

  test('what was undone waits no more', () => {
    const then = withStatus('suspended', ...first(10))
    expect(settle({ now: withStatus('suspended', 1, 2, 3, 4, 5), then }).waiting).toEqual([1, 2, 3, 4, 5])
    expect(settle({ now: school, then })).toEqual({ waiting: [], signed: asRows(school) })
  })

  test('an approval lets go exactly what was measured', () => {
    const then = withStatus('revoked', ...first(10))
    expect(settle({ now: then, then, isApproved: true })).toEqual({ waiting: [], signed: asRows(then) })
  })

  test('and what came since is measured by itself', () => {
    const then = withStatus('revoked', ...first(10))
    const few = withStatus('revoked', ...first(12))
    expect(settle({ now: few, then, isApproved: true })).toEqual({ waiting: [], signed: asRows(few) })
    const many = withStatus('revoked', ...first(20))
    expect(settle({ now: many, then, isApproved: true }).waiting).toEqual(first(20).slice(10))
  })

  test.each([
    ['suspended', 'revoked'],
    ['revoked', 'suspended'],
  ] as const)('an approval of passes that are %s is none for passes that are %s', (approved, wanted) => {
    const then = withStatus(approved, ...first(10))
    expect(settle({ now: withStatus(wanted, ...first(10)), then, isApproved: true }).waiting).toEqual(first(10))
  })

  test('every table goes back to its place', () => {
    const tables: Table[] = ['P', 'C', 'K', 'N']
    expect(Object.keys(withWaiting(rows(school), []))).toEqual(tables)
  })
})
