import { expect, test } from 'vitest'
import { raiseFloor, type TrustedTime, tell, trustedTimeFrom } from './trusted-time.ts'
import { onTheWall } from './wall.ts'

const FLOOR = Date.UTC(2026, 8, 1)
const HOUR = 3_600_000

/** Tells the time at each pair of wall and monotonic clock, one after the other. */
function told(floorMs: number, ...clocks: readonly (readonly [wallMs: number, monotonicMs: number])[]) {
  let time: TrustedTime = trustedTimeFrom(floorMs)
  return clocks.map(([wallMs, monotonicMs]) => {
    const answer = tell(time, { wallMs, monotonicMs })
    time = answer.time
    return [answer.now.trustedMs - FLOOR, answer.now.quality]
  })
}

test.each([
  ['the wall is believed when it is ahead of the floor', [[FLOOR + HOUR, 0]], [[HOUR, 'unconfirmed']]],
  [
    'a wall behind the floor is in doubt, and the floor goes on by the monotonic clock',
    [
      [FLOOR - HOUR, 0],
      [FLOOR - HOUR, 5_000],
    ],
    [
      [0, 'doubt'],
      [5_000, 'doubt'],
    ],
  ],
  [
    'a wall set back two days is not followed',
    [
      [FLOOR + HOUR, 0],
      [FLOOR - 47 * HOUR, 1_000],
    ],
    [
      [HOUR, 'unconfirmed'],
      [HOUR + 1_000, 'doubt'],
    ],
  ],
  [
    'a second back, as NTP does it, is waited for',
    [
      [FLOOR + HOUR, 0],
      [FLOOR + HOUR - 1_000, 10],
    ],
    [
      [HOUR, 'unconfirmed'],
      [HOUR, 'unconfirmed'],
    ],
  ],
  [
    'a wall put right again is believed again',
    [
      [FLOOR + HOUR, 0],
      [FLOOR, 1_000],
      [FLOOR + HOUR + 5_000, 5_000],
    ],
    [
      [HOUR, 'unconfirmed'],
      [HOUR + 1_000, 'doubt'],
      [HOUR + 5_000, 'unconfirmed'],
    ],
  ],
] as const)('%s', (_rule, clocks, expected) => {
  expect(told(FLOOR, ...clocks)).toEqual(expected)
})

test('trusted time never falls, whatever the wall does', () => {
  let time = trustedTimeFrom(FLOOR)
  let before = 0
  for (let step = 0; step < 10_000; step++) {
    // A walk that only looks like chance, so that a failure comes again.
    const wallMs = FLOOR + ((step * 7_919) % 1_000) * HOUR - 500 * HOUR
    const answer = tell(time, { wallMs, monotonicMs: step * 10 })
    time = step % 100 === 0 ? raiseFloor(answer.time, FLOOR + step) : answer.time
    expect(answer.now.trustedMs).toBeGreaterThanOrEqual(before)
    before = answer.now.trustedMs
  }
})

test('the floor only rises', () => {
  expect(raiseFloor(trustedTimeFrom(5), 4).floorMs).toBe(5)
  expect(raiseFloor(trustedTimeFrom(5), 6).floorMs).toBe(6)
})

test.each([
  ['the last minute of winter time', '2026-03-29T00:59:00Z', 7, 119],
  ['the minute after it is an hour later', '2026-03-29T01:00:00Z', 7, 180],
  ['Sunday is the seventh day', '2026-11-29T10:00:00Z', 7, 660],
  ['the leap day', '2028-02-29T23:30:00Z', 3, 30],
])('on the wall in Berlin: %s', (_rule, instant, dayOfWeek, minuteOfDay) => {
  expect(onTheWall(Date.parse(instant), 'Europe/Berlin')).toEqual({ dayOfWeek, minuteOfDay })
})
