import { expect, test } from 'vitest'
import { bucket } from './bucket.ts'

test('so many at once, and then so many a second', () => {
  const takes = bucket({ atOnce: 3, perS: 10 })
  expect([0, 0, 0, 0].map(takes)).toEqual([true, true, true, false])
  expect([50, 100, 150].map(takes)).toEqual([false, true, false])
})

test('an hour of rest saves up no more than fits', () => {
  const takes = bucket({ atOnce: 2, perS: 10 })
  takes(0)
  expect([3_600_000, 3_600_000, 3_600_000].map(takes)).toEqual([true, true, false])
})
