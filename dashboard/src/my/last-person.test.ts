import { beforeEach, expect, test } from 'vitest'
import { passOfLastPerson, rememberPerson } from './last-person.ts'
import type { PocketPass } from './pocket.ts'

/** Newest first, as the pocket gives them. */
const kept = [
  { passId: 'b2', userId: 'bob', serial: 9 },
  { passId: 'a2', userId: 'ada', serial: 8 },
  { passId: 'a1', userId: 'ada', serial: 3 },
] as unknown as readonly PocketPass[]

beforeEach(() => localStorage.clear())

test('a browser on which nobody signed in shows nobody’s pass', () => {
  expect(passOfLastPerson(kept)).toBeUndefined()
})

test('the last person’s newest pass is shown, and of who was here before nothing', () => {
  rememberPerson('bob')
  rememberPerson('ada')
  expect(passOfLastPerson(kept)?.passId).toBe('a2')
  rememberPerson('a guard without a pass')
  expect(passOfLastPerson(kept)).toBeUndefined()
})
