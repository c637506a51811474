import type { EventFacts } from '../store/journal.ts'

/** One good event, to change one thing of. */
export function eventFacts(change: Partial<EventFacts> = {}): EventFacts {
  return {
    kind: 'granted',
    lane: 'in',
    passId: '92ac63853fc0633b',
    decision: { ground: 'list' },
    listVersion: 1,
    policyHash: 'a'.repeat(64),
    trustedTimeMs: 1_790_000_000_000,
    wallTimeMs: 1_790_000_000_000,
    monotonicMs: 5,
    bootId: '019a0000-0000-7000-8000-000000000000',
    clockQuality: 'unconfirmed',
    ...change,
  }
}
