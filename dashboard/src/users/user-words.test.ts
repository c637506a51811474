import { expect, test } from 'vitest'
import { sayUserChange } from './user-words.ts'

test('what happened to an account is a sentence, whatever changed at once', () => {
  const rows = [
    ['user.create', { email: 'a@b.example' }, 'Entered'],
    ['user.update', { role: 'school_admin' }, 'Became administrator of the school'],
    ['user.update', { active: false }, 'Access taken away'],
    [
      'user.update',
      { active: true, displayName: 'B', email: 'b@b.example' },
      'Access given back. Changed name and e-mail',
    ],
    ['user.update', { grants: ['pii:read'] }, 'Given sight of personal data'],
    ['user.update', { grants: [] }, 'Sight of personal data taken away'],
    ['user.update', null, 'Changed'],
    ['password.changed', null, 'Password changed'],
  ] as const
  for (const [action, after, said] of rows) {
    expect(sayUserChange({ action, after: after === null ? null : { ...after } })).toBe(said)
  }
})
