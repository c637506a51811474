import type { GateRules } from '../list/documents.ts'
import type { PolicyFacts } from './attempt.ts'

/** A school's policy as it is at one gate: what the gate's own rules state goes before the school's. */
export function policyAtGate<Policy extends PolicyFacts>(
  policy: Policy & {
    readonly gates?: Readonly<Record<string, { readonly [Rule in keyof GateRules]?: GateRules[Rule] | undefined }>>
  },
  gateId: string,
): Policy {
  const { lease, whenClockInDoubt } = policy.gates?.[gateId] ?? {}
  return {
    ...policy,
    ...(lease === undefined ? {} : { lease }),
    ...(whenClockInDoubt === undefined ? {} : { whenClockInDoubt }),
  }
}
