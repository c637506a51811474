import { expect, test } from 'vitest'
import { holderPath } from './holder-path.ts'

test('a student and a visitor have a page, and nobody has none', () => {
  expect(holderPath({ studentId: '7', visitorId: null })).toBe('/students/7')
  expect(holderPath({ studentId: null, visitorId: '8' })).toBe('/visitors?open=8')
  expect(holderPath({ studentId: null })).toBeNull()
  expect(holderPath(null)).toBeNull()
})
