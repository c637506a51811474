import { DEFAULT_GATE_RULES, type GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { expect, test } from 'vitest'
import { changesBetween, freeSet, mergeRules, minuteOf, saidAt, timeField, untilMinuteOf } from './draft.ts'

const DAY = { name: 'Day', windows: [{ day: 1, fromMinute: 480, untilMinute: 1080 }], onHolidays: [] }
const BASE: GateRulesContent = { ...DEFAULT_GATE_RULES, profiles: { 1: DAY, 2: { ...DAY, name: 'Evening' } } }

test('what I changed is mine and what another changed is theirs', () => {
  const mine = { ...BASE, staticPasses: 'refuse' as const, profiles: { ...BASE.profiles, 1: { ...DAY, name: 'Mine' } } }
  const newest = {
    ...BASE,
    newerThanList: 'refuse' as const,
    profiles: { ...BASE.profiles, 2: { ...DAY, name: 'Theirs' } },
  }
  expect(mergeRules(BASE, mine, newest)).toEqual({
    ...BASE,
    staticPasses: 'refuse',
    newerThanList: 'refuse',
    profiles: { 1: { ...DAY, name: 'Mine' }, 2: { ...DAY, name: 'Theirs' } },
  })
})

test('what I took away stays away, and what another took away too', () => {
  const mine = { ...BASE, profiles: { 2: BASE.profiles[2]! } }
  const newest = { ...BASE, profiles: { 1: BASE.profiles[1]! } }
  expect(mergeRules(BASE, mine, newest).profiles).toEqual({})
})

test('of one thing that both changed, mine is kept', () => {
  const guard = (rows: number) => ({ ...BASE, guard: { percent: 5, rows } })
  expect(mergeRules(BASE, guard(7), guard(9)).guard.rows).toBe(7)
})

test('what will change is told by name, and nothing where nothing does', () => {
  expect(changesBetween(BASE, { ...BASE })).toEqual([])
  expect(
    changesBetween(BASE, {
      ...BASE,
      profiles: { 1: { ...DAY, name: 'Longer day' }, 3: { ...DAY, name: 'Night' } },
      holidays: { '2026-12-25': { name: 'Christmas', hours: [] } },
      staticPasses: 'refuse',
      groupSets: { 7: 5 },
    }),
  ).toEqual([
    'Group set 7 new',
    'Hours “Longer day” changed',
    'Hours “Evening” taken away',
    'Hours “Night” new',
    'Holiday “Christmas” (2026-12-25) new',
    'Printed codes no longer open',
  ])
})

test('a new set takes the first number that is free', () => {
  expect(freeSet({})).toBe(0)
  expect(freeSet({ 0: 1, 1: 3, 3: 4 })).toBe(2)
  expect(freeSet(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [at, 1])))).toBeNull()
})

test('what was said against a field is found at it and at what it is in, and nowhere else', () => {
  const at = saidAt({ 'rules.profiles.1.windows.0': 'hours must end after they begin' })
  expect(at('profiles.1')).toBe('hours must end after they begin')
  expect(at('profiles.1.windows.0')).toBe('hours must end after they begin')
  expect(at('profiles.1.windows.1')).toBeUndefined()
  expect(at('profiles.11')).toBeUndefined()
  expect(saidAt({ 'rules.profiles.11.name': 'too long' })('profiles.1')).toBeUndefined()
})

test('midnight begins a day at its start and ends it at its end', () => {
  expect([minuteOf('00:00'), untilMinuteOf('00:00'), minuteOf('23:59')]).toEqual([0, 1440, 1439])
  expect([timeField(0), timeField(570), timeField(1440)]).toEqual(['00:00', '09:30', '00:00'])
})
