import { NOT_RENEWED } from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { expect, test } from 'vitest'
import { sayNotRenewed } from './renewal-words.ts'

const none = Object.fromEntries(NOT_RENEWED.map(reason => [reason, 0])) as Record<(typeof NOT_RENEWED)[number], number>

test('each reason is a line, of one and of several, and what is not there is not said', () => {
  expect(sayNotRenewed({ notRenewed: none })).toEqual([])
  expect(sayNotRenewed({ notRenewed: { ...none, revoked: 1, notYet: 12 } })).toEqual([
    '1 is revoked',
    '12 end too far away to be renewed yet',
  ])
})
