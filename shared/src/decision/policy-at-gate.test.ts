import { expect, test } from 'vitest'
import { DEFAULT_LEASE } from '../list/documents.ts'
import { EMPTY_POLICY } from '../list/policy.ts'
import { policyAtGate } from './policy-at-gate.ts'

const STRICT = { ...DEFAULT_LEASE, lastResort: 'closed' } as const
const policy = {
  ...EMPTY_POLICY,
  lease: DEFAULT_LEASE,
  whenClockInDoubt: 'listed_cards',
  gates: { laboratory: { lease: STRICT, whenClockInDoubt: 'closed' }, garage: { whenClockInDoubt: 'listed' } },
} as const

test('what a gate states goes before what its school says, and the rest is the school’s', () => {
  expect(policyAtGate(policy, 'laboratory')).toMatchObject({ lease: STRICT, whenClockInDoubt: 'closed' })
  expect(policyAtGate(policy, 'garage')).toMatchObject({ lease: DEFAULT_LEASE, whenClockInDoubt: 'listed' })
  expect(policyAtGate(policy, 'north')).toMatchObject({ lease: DEFAULT_LEASE, whenClockInDoubt: 'listed_cards' })
  expect(policyAtGate(EMPTY_POLICY, 'north')).toEqual(EMPTY_POLICY)
})
