import { EMPTY_POLICY } from '../../list/policy.ts'
import type { PassBody } from '../../pass/body.ts'
import type { Attempt, Certificate, ListedPass, PolicyFacts, Presented, Proof } from '../attempt.ts'
import { decide } from '../decide.ts'

/** Wednesday 2 September 2026, 10:00 on the gate's wall. */
export const AT: Attempt['at'] = {
  epochS: 1_788_336_000,
  clock: 'confirmed',
  dayOfWeek: 3,
  minuteOfDay: 600,
  date: '2026-09-02',
}
export const DAY_S = 86_400

export const body: PassBody = {
  type: 0x12,
  kid: 7,
  passId: '92ac63853fc0633b',
  notBeforeS: AT.epochS - DAY_S,
  expiresS: AT.epochS + DAY_S,
  groups: 0b101,
  class: 'student',
  flags: { photoCheck: false, once: false, escort: false, printed: false },
  profile: 0,
  generation: 3,
  serial: 40,
}

export const row: ListedPass = {
  passId: body.passId,
  notBeforeS: body.notBeforeS,
  expiresS: body.expiresS,
  groups: body.groups,
  status: 'active',
  class: 'student',
  profile: 1,
  minGeneration: 3,
}

export const GOOD_PROOF: Proof = { age: 'fresh', held: 'good', replayed: false }

/** A good day: a phone's signed pass with its row, at its gate, in its hours. */
export const good: Attempt = {
  presented: { kind: 'code', certificate: { found: 'signed', body }, proof: GOOD_PROOF },
  row,
  list: {
    serialMax: 50,
    ageS: 60,
    policy: {
      ...EMPTY_POLICY,
      profiles: {
        1: { name: 'school days', windows: [{ day: 3, fromMinute: 480, untilMinute: 1080 }], onHolidays: [] },
      },
      groupSets: { 9: 0b100 },
    },
  },
  lane: { groups: 0b100, direction: 'in' },
  at: AT,
}

export type Change = (attempt: Attempt) => Attempt

export const asStatic: Change = attempt => ({
  ...attempt,
  presented: { ...attempt.presented, proof: null } as Presented,
})
export const asReference: Change = attempt => ({
  ...attempt,
  presented: { kind: 'reference', passId: body.passId, proof: GOOD_PROOF },
})
export const asCard: Change = attempt => ({ ...attempt, presented: { kind: 'card' } })

const ofCertificate =
  (change: (certificate: Extract<Certificate, { body: PassBody }>) => Certificate): Change =>
  attempt =>
    attempt.presented.kind === 'code' && attempt.presented.certificate.found !== 'malformed'
      ? { ...attempt, presented: { ...attempt.presented, certificate: change(attempt.presented.certificate) } }
      : attempt
export const certificate = (change: Partial<PassBody>) =>
  ofCertificate(before => ({ ...before, body: { ...before.body, ...change } }))
export const found = (what: 'unknown_key' | 'unchecked' | 'bad_signature') =>
  ofCertificate(before => ({ ...before, found: what }))
export const inRow =
  (change: Partial<ListedPass>): Change =>
  attempt => ({ ...attempt, row: attempt.row && { ...attempt.row, ...change } })
export const inProof =
  (change: Partial<Proof>): Change =>
  ({ presented, ...attempt }) => ({
    ...attempt,
    presented:
      presented.kind === 'card'
        ? presented
        : { ...presented, proof: { ...(presented.proof ?? GOOD_PROOF), ...change } },
  })

/** The same attempt under a policy with these changes. */
export const underPolicy =
  (change: Partial<PolicyFacts>): Change =>
  attempt => ({ ...attempt, list: { ...attempt.list, policy: { ...attempt.list.policy, ...change } } })

/** The same attempt on a clock that cannot be right. */
export const inDoubt: Change = attempt => ({ ...attempt, at: { ...attempt.at, clock: 'doubt' } })

export const onList =
  (ageS: number | null): Change =>
  attempt => ({ ...attempt, list: { ...attempt.list, ageS } })

export function verdict(attempt: Attempt): string {
  const decision = decide(attempt)
  return decision.open ? 'open' : decision.refusal
}
