import { isDeepStrictEqual } from 'node:util'
import { ListPolicy, POLICY_TYP } from '@gatehouse/shared/list/documents.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { decodeJwt } from 'jose'
import type { Signer } from '../keys/school-keys.ts'
import type { Scope } from './snapshot.repo.ts'

/** What a policy says, before it has a version and a date. */
const Content = ListPolicy.omit({ issuer: true, scope: true, version: true, issuedAtS: true })
export type PolicyContent = ReturnType<typeof policyContent>

/** Of the school's rules, all but what only the publisher asks. */
export function policyContent(rules: GateRulesContent) {
  return Content.parse(rules)
}

/** A policy that we signed ourselves and kept in our own table: its signature is for the gates. */
export function readPolicy(policyJws: string): ListPolicy {
  return ListPolicy.parse(decodeJwt(policyJws))
}

/** The policy that was signed last, as we wrote it ourselves. */
export function publishedPolicy(policyJws: string): { readonly version: number; readonly content: PolicyContent } {
  const policy = readPolicy(policyJws)
  return { version: policy.version, content: Content.parse(policy) }
}

/** The order in which numbers and dates stand says nothing: rows come by date, whichever way a document had them. */
export function isSamePolicy(a: PolicyContent, b: PolicyContent): boolean {
  return isDeepStrictEqual(a, b)
}

export function signPolicy(
  signer: Signer,
  { tenant, scope }: Scope,
  { version, content, nowMs }: { readonly version: number; readonly content: PolicyContent; readonly nowMs: number },
): Promise<string> {
  const policy: ListPolicy = { issuer: tenant, scope, version, issuedAtS: Math.floor(nowMs / 1000), ...content }
  return signer.jws(POLICY_TYP, JSON.stringify(policy))
}
