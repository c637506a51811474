import { describe, expect, test } from 'vitest'
import type { Holiday, Profile } from '../list/policy.ts'
import { asCard, type Change, good, inRow, underPolicy, verdict } from './testing/good-attempt.ts'

/** Monday to Friday from 08:00 to 18:00, from 10:00 to 12:00 on holidays; the guards’ has no hours on one. */
const STUDENTS: Profile = {
  name: 'school days',
  windows: [1, 2, 3, 4, 5].map(day => ({ day, fromMinute: 480, untilMinute: 1080 })),
  onHolidays: [{ fromMinute: 600, untilMinute: 720 }],
}
const GUARDS: Profile = {
  name: 'all week',
  windows: [1, 2, 3, 4, 5, 6, 7].map(day => ({ day, fromMinute: 0, untilMinute: 1440 })),
  onHolidays: [],
}
const OWN_HOURS: Holiday = { name: 'Open day', hours: [{ fromMinute: 1140, untilMinute: 1260 }] }
const NO_HOURS: Holiday = { name: 'Closed', hours: [] }
const AS_PROFILES_SAY: Holiday = { name: 'Founder’s day', hours: null }

/** A Wednesday, 2 September 2026, or the day that is given. */
const at =
  (minuteOfDay: number, date = '2026-09-02'): Change =>
  attempt => ({ ...attempt, at: { ...attempt.at, minuteOfDay, date } })
const withHolidays = (holidays: Record<string, Holiday>) =>
  underPolicy({ profiles: { 1: STUDENTS, 2: GUARDS }, holidays })

describe('on a holiday', () => {
  test.each<[string, Holiday, number, number, string]>([
    ['a profile’s own hours of a holiday hold', AS_PROFILES_SAY, 1, 660, 'open'],
    ['and not those of the weekday', AS_PROFILES_SAY, 1, 800, 'outside_hours'],
    ['a profile that has none is closed', AS_PROFILES_SAY, 2, 660, 'outside_hours'],
    ['hours of the holiday itself hold for every profile', OWN_HOURS, 2, 1200, 'open'],
    ['also for one that would be closed by then', OWN_HOURS, 1, 1200, 'open'],
    ['and take the place of what a profile has', OWN_HOURS, 1, 660, 'outside_hours'],
    ['the first minute', OWN_HOURS, 1, 1140, 'open'],
    ['the minute after the last', OWN_HOURS, 1, 1260, 'outside_hours'],
    ['a holiday of no hours closes all', NO_HOURS, 2, 660, 'outside_hours'],
    ['a pass of no hours opens at any time', NO_HOURS, 0, 660, 'open'],
    ['hours of the holiday do not make up a profile that is not there', OWN_HOURS, 9, 1200, 'outside_hours'],
  ])('%s', (_rule, holiday, profile, minute, expected) => {
    const attempt = at(minute)(inRow({ profile })(withHolidays({ '2026-09-02': holiday })(good)))
    expect(verdict(attempt)).toBe(expected)
    expect(verdict(asCard(attempt))).toBe(expected)
  })

  test('and on the days beside it the week is as it was', () => {
    const attempt = withHolidays({ '2026-09-02': NO_HOURS })(good)
    expect(verdict(at(660)(attempt))).toBe('outside_hours')
    expect(verdict(at(660, '2026-09-01')(attempt))).toBe('open')
    expect(verdict(at(660, '2026-09-03')(attempt))).toBe('open')
  })
})
