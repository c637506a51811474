import { leaseAllows } from '@gatehouse/shared/list/lease.ts'
import { expect, test } from 'vitest'
import { decodeCarried } from './carried-list.ts'
import { makeList, standaloneGate } from './make-list.ts'
import { trustIn } from './trust.ts'
import { verifyHead, verifyPolicy } from './verify-list.ts'

test('the list of a gate without a cloud does not age: nobody signs it anew', async () => {
  const { identity, listKey } = standaloneGate('shed', 'Europe/Berlin')
  const { carried } = await makeList([], { identity, listKey: { ...listKey, version: 1 }, nowS: 1_788_336_000 })
  const read = decodeCarried(carried)
  if (!read.ok) throw new Error(read.failure)
  const trust = trustIn(identity.trust)
  const head = await verifyHead(read.value.headJws, trust)
  if (!head.ok) throw new Error(head.failure)
  const policy = await verifyPolicy(read.value.policyJws, head.value, trust)
  if (!policy.ok) throw new Error(policy.failure)
  const tenYearsS = 3_650 * 86_400
  expect(leaseAllows(policy.value.lease, { ageS: tenYearsS, listed: true, class: 'visitor' })).toBe(true)
})
