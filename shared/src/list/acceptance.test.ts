import { describe, expect, test } from 'vitest'
import { acceptDelta, acceptHead, type HeadFacts, type ListState } from './acceptance.ts'
import type { Delta, ListHead } from './documents.ts'

const NOW = 1_790_000_000
const root = (byte: string) => byte.repeat(64)

const state: ListState = {
  epoch: 3,
  version: 40,
  issuedAtS: NOW - 120,
  stateRoot: root('a'),
  deltaHash: root('d'),
  frozen: false,
}
const facts: HeadFacts = { tenant: 'test-campus', scope: 'main', trustEpoch: 3, nowS: NOW, source: 'network' }
const head: ListHead = {
  issuer: 'test-campus',
  scope: 'main',
  epoch: 3,
  version: 41,
  issuedAtS: NOW - 10,
  expiresS: NOW + 890,
  stateRoot: root('b'),
  serialMax: 500,
  deltaHash: root('e'),
  snapshot: { version: 41, stateRoot: root('b'), files: {} as ListHead['snapshot']['files'] },
  policyHash: root('c'),
}
const delta: Delta = {
  issuer: 'test-campus',
  scope: 'main',
  epoch: 3,
  from: 40,
  to: 41,
  issuedAtS: NOW - 10,
  previousDelta: root('d'),
  rootBefore: root('a'),
  rootAfter: root('b'),
  bucketBits: { P: 0, C: 0, K: 0, N: 0 },
  ops: {},
}

describe('a head', () => {
  test.each<[string, Partial<ListHead>, Partial<HeadFacts>, Partial<ListState>, string]>([
    ['one version on is newer', {}, {}, {}, 'newer'],
    ['the same version and root is in force', { version: 40, stateRoot: root('a') }, {}, {}, 'in_force'],
    ['another tenant’s', { issuer: 'other-campus' }, {}, {}, 'other_tenant'],
    ['another scope’s', { scope: 'annex' }, {}, {}, 'other_scope'],
    ['an older epoch', { epoch: 2 }, {}, {}, 'older_epoch'],
    ['an epoch older than the trust bundle’s', {}, { trustEpoch: 4 }, {}, 'older_epoch'],
    ['a newer epoch may begin at version 1', { epoch: 4, version: 1 }, { trustEpoch: 4 }, {}, 'newer'],
    ['an epoch that no trust bundle has named', { epoch: 4 }, {}, {}, 'unknown_epoch'],
    ['an older version', { version: 39 }, {}, {}, 'older_version'],
    ['the same version with another root', { version: 40 }, {}, {}, 'equivocation'],
    ['a newer version of an older date', { issuedAtS: state.issuedAtS - 1 }, {}, {}, 'older_date'],
    ['a date two minutes ahead is two clocks', { issuedAtS: NOW + 120 }, {}, {}, 'newer'],
    ['a date further ahead', { issuedAtS: NOW + 121 }, {}, {}, 'future_date'],
    ['past its expiry, from the network', { expiresS: NOW }, {}, {}, 'expired_head'],
    ['past its expiry, carried by hand', { expiresS: NOW }, { source: 'hand' }, {}, 'newer'],
    ['from the network, to a gate that saw two truths', {}, {}, { frozen: true }, 'frozen'],
    ['by hand, to a gate that saw two truths', {}, { source: 'hand' }, { frozen: true }, 'newer'],
  ])('%s', (_what, inHead, inFacts, inState, answer) => {
    const accepted = acceptHead({ ...state, ...inState }, { ...head, ...inHead }, { ...facts, ...inFacts })
    expect(accepted.ok ? accepted.value : accepted.failure).toBe(answer)
  })
})

describe('a delta', () => {
  test.each<[string, Partial<Delta>, string]>([
    ['the very next step', {}, 'ok'],
    ['another tenant’s', { issuer: 'other-campus' }, 'other_tenant'],
    ['another scope’s', { scope: 'annex' }, 'other_scope'],
    ['another epoch’s', { epoch: 4 }, 'older_epoch'],
    ['two steps in one', { to: 42 }, 'malformed'],
    ['one that was taken already', { from: 39, to: 40 }, 'older_version'],
    ['one too far ahead', { from: 41, to: 42 }, 'gap'],
    ['from another root', { rootBefore: root('f') }, 'fork'],
    ['behind another delta', { previousDelta: root('f') }, 'fork'],
  ])('%s', (_what, change, answer) => {
    const accepted = acceptDelta(state, { ...delta, ...change }, facts)
    expect(accepted.ok ? 'ok' : accepted.failure).toBe(answer)
  })
})
