import { expect, test } from 'vitest'
import { onTheWall } from './wall.ts'

test.each([
  ['the last minute of winter time', '2026-03-29T00:59:00Z', 7, 119, '2026-03-29'],
  ['the minute after it is an hour later', '2026-03-29T01:00:00Z', 7, 180, '2026-03-29'],
  ['Sunday is the seventh day', '2026-11-29T10:00:00Z', 7, 660, '2026-11-29'],
  ['the leap day', '2028-02-28T23:30:00Z', 2, 30, '2028-02-29'],
  ['beyond 2038', '2038-01-19T03:14:08Z', 2, 254, '2038-01-19'],
])('on the wall in Berlin: %s', (_rule, instant, dayOfWeek, minuteOfDay, date) => {
  expect(onTheWall(Date.parse(instant), 'Europe/Berlin')).toEqual({ dayOfWeek, minuteOfDay, date })
})
