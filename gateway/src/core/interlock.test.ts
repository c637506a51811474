import { expect, test } from 'vitest'
import { interlock } from './interlock.ts'

test('one direction waits for the other, and for its relay to fall back', () => {
  const turnstile = interlock()
  expect(turnstile.waitMs('in', 0)).toBe(0)
  turnstile.take('in', 700)
  expect(turnstile.waitMs('out', 0)).toBe(800)
  expect(turnstile.waitMs('out', 500)).toBe(300)
  expect(turnstile.waitMs('out', 800)).toBe(0)
  expect(turnstile.waitMs('in', 0)).toBe(0)
})

test('a release that failed keeps nobody waiting', () => {
  const turnstile = interlock()
  turnstile.take('in', 700)
  turnstile.free('in')
  expect(turnstile.waitMs('out', 0)).toBe(0)
})

test('the second door of a mantrap waits for nobody who holds the first one open', () => {
  const mantrap = interlock()
  mantrap.stands('outer', true)
  expect(mantrap.waitMs('inner', 0)).toBeNull()
  expect(mantrap.waitMs('outer', 0)).toBe(0)
  mantrap.stands('outer', false)
  expect(mantrap.waitMs('inner', 0)).toBe(0)
})
