import { describe, expect, test } from 'vitest'
import { losesBy, policyLosses } from './policy-losses.ts'
import { type ListPass, NO_ROW_FLAGS } from './rows.ts'

const TODAY = '2026-09-21'
type Rules = Parameters<typeof policyLosses>[0]

const MORNINGS = {
  name: 'Mornings',
  windows: [1, 2, 3, 4, 5].map(day => ({ day, fromMinute: 480, untilMinute: 720 })),
  onHolidays: [],
}
const rules: Rules = { profiles: { 1: MORNINGS }, holidays: {}, groupSets: { 9: 0b110 }, staticPasses: 'open' }
const pass: ListPass = {
  passId: '92ac63853fc0633b',
  notBeforeS: 0,
  expiresS: 2_000_000,
  groups: 1,
  status: 'active',
  class: 'student',
  profile: 0,
  flags: NO_ROW_FLAGS,
  minGeneration: 0,
}

describe('what changed rules take', () => {
  test.each<[string, Partial<Rules>, boolean]>([
    ['nothing', {}, false],
    ['a profile that is gone', { profiles: {} }, true],
    ['an hour less on Fridays', { profiles: { 1: { ...MORNINGS, windows: MORNINGS.windows.slice(0, 4) } } }, true],
    ['the same hours in two halves', { profiles: { 1: { ...MORNINGS, windows: halves() } } }, false],
    ['Saturdays besides', { profiles: { 1: { ...MORNINGS, windows: [...MORNINGS.windows, hours(6)] } } }, false],
    ['another name', { profiles: { 1: { ...MORNINGS, name: 'Before noon' } } }, false],
    ['a holiday to come', { holidays: { '2026-12-24': { name: 'Christmas Eve', hours: null } } }, true],
    [
      'a holiday on a day that is closed anyhow',
      { holidays: { '2026-12-26': { name: 'A Saturday', hours: null } } },
      false,
    ],
    ['a holiday that is over', { holidays: { '2026-09-18': { name: 'Yesterday', hours: null } } }, false],
    ['a holiday with the same hours', { holidays: { '2026-12-24': { name: 'Half a day', hours: [hours(4)] } } }, false],
  ])('hours: %s', (_what, change, loses) => {
    expect(losesBy(policyLosses(rules, { ...rules, ...change }, TODAY), { ...pass, profile: 1 })).toBe(loses)
    expect(losesBy(policyLosses(rules, { ...rules, ...change }, TODAY), pass)).toBe(false)
  })

  test('a group set that lost a group', () => {
    const inSet = { ...pass, groups: 0x80000009 }
    expect(losesBy(policyLosses(rules, { ...rules, groupSets: { 9: 0b100 } }, TODAY), inSet)).toBe(true)
    expect(losesBy(policyLosses(rules, { ...rules, groupSets: { 9: 0b111 } }, TODAY), inSet)).toBe(false)
    expect(losesBy(policyLosses(rules, { ...rules, groupSets: {} }, TODAY), pass)).toBe(false)
  })

  test('printed codes no more: every pass that is not bound to a phone', () => {
    const losses = policyLosses(rules, { ...rules, staticPasses: 'refuse' }, TODAY)
    expect(losesBy(losses, pass)).toBe(true)
    expect(losesBy(losses, { ...pass, flags: { ...NO_ROW_FLAGS, dynamicOnly: true } })).toBe(false)
  })
})

function hours(day: number) {
  return { day, fromMinute: 480, untilMinute: 720 }
}

function halves() {
  return MORNINGS.windows.flatMap(({ day }) => [
    { day, fromMinute: 480, untilMinute: 600 },
    { day, fromMinute: 600, untilMinute: 720 },
  ])
}
