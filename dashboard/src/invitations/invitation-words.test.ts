import { expect, test } from 'vitest'
import { sayNotInvited } from './invitation-words.ts'

const NONE = {
  chosen: 0,
  invited: 0,
  hasAccount: 0,
  notActive: 0,
  noEmail: 0,
  addressInUse: 0,
  noBirthDate: 0,
  replaced: 0,
}

test('what is nought is not said', () => expect(sayNotInvited({ ...NONE, invited: 12 })).toEqual([]))

test('one is one, and many are many', () => {
  expect(sayNotInvited({ ...NONE, hasAccount: 1, noEmail: 1200 })).toEqual([
    '1 student has an account already',
    '1,200 students have no e-mail address',
  ])
})
