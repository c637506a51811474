import { expect, test } from 'vitest'
import { dateField, sayAge, sayAgo, sayLastDay, sayMoment, sayTime, startOfDay, type Zone } from './when.ts'

const berlin: Zone = { timeZone: 'Europe/Berlin', language: 'en-GB' }
const now = Date.parse('2026-11-25T21:00:00Z')

test('a time is said in the school’s zone, not the reader’s', () => {
  expect(sayTime('2026-11-25T07:02:14Z', berlin)).toBe('08:02:14')
  expect(sayTime('2026-11-25T07:02:14Z', { ...berlin, timeZone: 'Asia/Kolkata' })).toBe('12:32:14')
})

test('today needs no date, this year no year', () => {
  expect(sayMoment('2026-11-25T07:02:14Z', now, berlin)).toBe('08:02:14')
  expect(sayMoment('2026-11-24T07:02:14Z', now, berlin)).toBe('24 Nov, 08:02')
  expect(sayMoment('2025-11-24T07:02:14Z', now, berlin)).toBe('24 Nov 2025, 08:02')
})

test('midnight is the beginning of a day, not an hour called 24', () =>
  expect(sayTime('2026-11-24T23:00:00Z', berlin)).toBe('00:00:00'))

const ages: readonly [ms: number, said: string][] = [
  [-5_000, 'now'],
  [999, 'now'],
  [3_000, '3 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [86_400_000 * 3, '3 d'],
]
for (const [ms, said] of ages) test(`${ms} ms is ${said}`, () => expect(sayAge(ms)).toBe(said))

test('a clock that is ahead says now, never a time to come', () => expect(sayAgo(now + 900, now)).toBe('now'))

test('a pass until 24:00 of the 30th is said to be until the 30th', () =>
  expect(sayLastDay('2026-11-30T23:00:00Z', berlin)).toBe('30 Nov 2026'))

const days: readonly [date: string, timeZone: string, daysLater: number, instant: string][] = [
  ['2026-11-25', 'Europe/Berlin', 0, '2026-11-24T23:00:00Z'],
  ['2026-11-25', 'Europe/Berlin', 1, '2026-11-25T23:00:00Z'],
  // 25 hours long: the clocks go back.
  ['2026-10-25', 'Europe/Berlin', 1, '2026-10-25T23:00:00Z'],
  ['2026-10-25', 'Europe/Berlin', 0, '2026-10-24T22:00:00Z'],
  // Midnight does not exist: the day begins at one.
  ['2026-09-06', 'America/Santiago', 0, '2026-09-06T04:00:00Z'],
  ['2026-12-31', 'Pacific/Auckland', 1, '2026-12-31T11:00:00Z'],
]
for (const [date, timeZone, daysLater, instant] of days) {
  test(`${date} + ${daysLater} in ${timeZone} begins at ${instant}`, async () =>
    expect(await startOfDay(date, timeZone, daysLater)).toBe(instant))
}

test('a date field shows the day that it is at the school', () => {
  expect(dateField(Date.parse('2026-11-25T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-26')
  expect(dateField(Date.parse('2026-11-25T23:30:00Z'), 'America/New_York')).toBe('2026-11-25')
})
