import { expect, test } from 'vitest'
import { clockOffset, sayClock } from './clock-offset.ts'

test('the offset is taken from the middle of the way, and of the second the header names', () => {
  const date = 'Wed, 25 Nov 2026 12:00:00 GMT'
  const at = Date.parse(date)
  expect(clockOffset(date, at + 400, at + 600)).toBe(0)
  expect(clockOffset(date, at + 60_400, at + 60_600)).toBe(60_000)
  expect(clockOffset(null, at, at)).toBeNull()
  expect(clockOffset('yesterday', at, at)).toBeNull()
})

test.each([
  [0, null],
  [12_000, null],
  [13_000, /13 s fast.*automatic/],
  [-27_000, null],
  [-28_000, /28 s slow.*automatic/],
  [-7_200_000, /2 h slow/],
])('a clock %i ms off says %s', (offsetMs, said) => {
  if (said === null) expect(sayClock(offsetMs)).toBeNull()
  else expect(sayClock(offsetMs)).toMatch(said)
})
