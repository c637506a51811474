import { expect, test } from 'vitest'
import { quietForMs, untilDailyMs } from './quiet-hours.ts'

const ZONE = 'Europe/Amsterdam'
const NIGHT = { from: '22:00', to: '07:00' }
const NOON = { from: '12:00', to: '13:30' }
const minutes = (ms: number) => ms / 60_000

test.each([
  ['before they begin', '2027-01-10T20:59:59Z', NIGHT, 0],
  ['as they begin', '2027-01-10T21:00:00Z', NIGHT, 540],
  ['after midnight', '2027-01-11T05:59:00Z', NIGHT, 1],
  ['as they end', '2027-01-11T06:00:00Z', NIGHT, 0],
  ['within a day', '2027-01-11T11:30:00Z', NOON, 60],
  ['after, within a day', '2027-01-11T12:30:00Z', NOON, 0],
  ['none', '2027-01-11T02:00:00Z', null, 0],
  ['the night with an hour less', '2027-03-27T21:00:00Z', NIGHT, 480],
  ['the night with an hour more', '2026-10-24T20:00:00Z', NIGHT, 600],
] as const)('quiet hours %s', (_name, now, quiet, wanted) => {
  expect(minutes(quietForMs(Date.parse(now), ZONE, quiet))).toBe(wanted)
})

test('the daily mail is at seven there: today, or tomorrow', () => {
  expect(minutes(untilDailyMs(Date.parse('2027-01-11T05:59:00Z'), ZONE))).toBe(1)
  expect(minutes(untilDailyMs(Date.parse('2027-01-11T06:00:00Z'), ZONE))).toBe(1440)
})
