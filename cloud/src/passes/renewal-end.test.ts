import { expect, test } from 'vitest'
import { type RenewalFacts, renewalEnd } from './renewal-end.ts'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-26T12:00:00Z')
const good: RenewalFacts = {
  status: 'active',
  expiresMs: NOW + 10 * DAY_MS,
  isHolderActive: true,
  isVisitor: false,
  byRuleMs: NOW + 100 * DAY_MS,
  renewalDays: 30,
}
const end = (facts: Partial<RenewalFacts>, askedMs?: number) =>
  renewalEnd({ ...good, ...facts }, { askedMs, nowMs: NOW })
const is = (value: number) => ({ ok: true, value })
const not = (failure: string) => ({ ok: false, failure })

test.each<[string, Partial<RenewalFacts>, number | undefined, object]>([
  ['ends as the school has it', {}, undefined, is(NOW + 100 * DAY_MS)],
  ['ends as asked', {}, NOW + 20 * DAY_MS, is(NOW + 20 * DAY_MS)],
  ['one that ran out begins anew', { expiresMs: NOW - DAY_MS }, undefined, is(NOW + 100 * DAY_MS)],
  ['on the first day of the window', { expiresMs: NOW + 30 * DAY_MS }, undefined, is(NOW + 100 * DAY_MS)],
  ['a moment before the window', { expiresMs: NOW + 30 * DAY_MS + 1 }, undefined, not('notYet')],
  [
    'before the window with an end that was named',
    { expiresMs: NOW + 60 * DAY_MS },
    NOW + 70 * DAY_MS,
    is(NOW + 70 * DAY_MS),
  ],
  ['revoked, whatever else', { status: 'revoked', isHolderActive: false, byRuleMs: null }, undefined, not('revoked')],
  ['suspended', { status: 'suspended', isHolderActive: false }, undefined, not('suspended')],
  ['lost', { status: 'lost' }, undefined, not('suspended')],
  ['of who left', { isHolderActive: false, byRuleMs: null }, undefined, not('holderNotActive')],
  ['without a term', { byRuleMs: null }, undefined, not('noTerm')],
  ['without a term, with an end', { byRuleMs: null }, NOW + 20 * DAY_MS, is(NOW + 20 * DAY_MS)],
  ['to the end that it has', { byRuleMs: NOW + 10 * DAY_MS }, undefined, not('endsNoLater')],
  ['to an end in the past', { expiresMs: NOW - 9 * DAY_MS }, NOW, not('endsNoLater')],
  ['of a visitor, beyond the rule', { isVisitor: true }, NOW + 101 * DAY_MS, not('tooLong')],
  ['of a visitor, to the rule', { isVisitor: true }, NOW + 100 * DAY_MS, is(NOW + 100 * DAY_MS)],
  ['of a student, beyond the rule', {}, NOW + 101 * DAY_MS, is(NOW + 101 * DAY_MS)],
])('%s', (_, facts, askedMs, said) => {
  expect(end(facts, askedMs)).toEqual(said)
})
