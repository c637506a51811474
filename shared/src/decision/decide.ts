import type { PassBody } from '../pass/body.ts'
import type { Attempt } from './attempt.ts'
import type { Decision, Refusal } from './refusals.ts'
import { type CertificateRule, current, latestIssue, notRevoked, type RowRule, thisGate, withinHours } from './rules.ts'

/** What a certificate says against itself, before the list is asked. */
const CERTIFICATE_RULES: readonly CertificateRule[] = [current, thisGate]

/** A certificate is an upper bound and the row can only narrow it; where there is a row, its profile wins. */
const ROW_RULES: readonly RowRule[] = [notRevoked, current, thisGate, latestIssue, withinHours]

/**
 * Whether this attempt opens this access point now.
 *
 * Pure: same facts, same decision, on the gate at night with no network and in the cloud a week
 * later when someone asks why they were turned away.
 */
export function decide(attempt: Attempt): Decision {
  const passId = passIdOf(attempt)
  const refusal = objectionTo(attempt)
  if (refusal === null) return { open: true, passId, ground: attempt.row ? 'list' : 'signature', objection: null }

  // Leaving is never refused: someone whose pass ran out at noon must get home. What is no credential at all is
  // another matter: noise on a line is not a person, and a door must not open by itself.
  if (attempt.lane.direction === 'out' && refusal !== 'malformed') {
    return { open: true, passId, ground: 'leaving', objection: refusal }
  }
  return { open: false, passId, refusal }
}

function objectionTo(attempt: Attempt): Refusal | null {
  const { presented, row } = attempt
  if (presented.kind === 'card') return row === null ? 'unknown_pass' : firstObjection(ROW_RULES, row, attempt)

  const { certificate } = presented
  if (certificate.found !== 'signed') return certificate.found
  const refusal = firstObjection(CERTIFICATE_RULES, certificate.body, attempt)
  if (refusal !== null) return refusal
  return row === null ? withoutRow(certificate.body, attempt) : firstObjection(ROW_RULES, row, attempt)
}

/** No row: a serial beyond the list's is newer than the list, and the signature alone decides as far as the policy allows. */
function withoutRow(body: PassBody, attempt: Attempt): Refusal | null {
  const { serialMax, policy } = attempt.list
  if (body.serial <= serialMax || policy.newerThanList === 'refuse') return 'unknown_pass'
  return withinHours(body, attempt)
}

function firstObjection<Subject>(
  rules: readonly ((subject: Subject, attempt: Attempt) => Refusal | null)[],
  subject: Subject,
  attempt: Attempt,
): Refusal | null {
  for (const rule of rules) {
    const refusal = rule(subject, attempt)
    if (refusal !== null) return refusal
  }
  return null
}

function passIdOf({ presented, row }: Attempt): string | null {
  if (row !== null) return row.passId
  if (presented.kind === 'card' || presented.certificate.found === 'malformed') return null
  return presented.certificate.body.passId
}
