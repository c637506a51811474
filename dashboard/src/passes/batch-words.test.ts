import { expect, test } from 'vitest'
import { sayNotIssued } from './batch-words.ts'

test('who gets no pass is told with the reason, one and many', () => {
  const none = { chosen: 10, issued: 10, hasPass: 0, notActive: 0, noDefaultLevel: 0 }
  expect(sayNotIssued(none)).toEqual([])
  expect(sayNotIssued({ ...none, hasPass: 1, notActive: 2 })).toEqual(['1 has one already', '2 are not active'])
  expect(sayNotIssued({ ...none, noDefaultLevel: 1 })[0]).toMatch(/^1 has no default access level/)
})
