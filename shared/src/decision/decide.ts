import type { PassBody } from '../pass/body.ts'
import type { Attempt, Proof } from './attempt.ts'
import { bodyOf } from './attempt.ts'
import type { Decision, Refusal } from './refusals.ts'
import {
  type CertificateRule,
  clockEnough,
  current,
  latestIssue,
  notRevoked,
  proven,
  type RowRule,
  type Rule,
  rotating,
  rowWithinLease,
  signatureWithinLease,
  thisGate,
  withinHours,
} from './rules.ts'

/** What a certificate says against itself, before the list is asked. */
const CERTIFICATE_RULES: readonly CertificateRule[] = [current, thisGate]

/** A certificate is an upper bound and the row can only narrow it; where there is a row, its profile wins. */
const ROW_RULES: readonly RowRule[] = [
  notRevoked,
  current,
  thisGate,
  latestIssue,
  rotating,
  withinHours,
  rowWithinLease,
  clockEnough,
]

/**
 * Whether this attempt opens this access point now.
 *
 * Pure: same facts, same decision, on the gate at night with no network and in the cloud a week
 * later when someone asks why they were turned away.
 */
export function decide(attempt: Attempt): Decision {
  const passId = passIdOf(attempt)
  const refusal = byItself(attempt) ?? byTheList(attempt) ?? byProof(attempt)
  if (refusal === null) return { open: true, passId, ground: attempt.row ? 'list' : 'signature', objection: null }

  // Leaving is never refused: someone whose pass ran out at noon must get home. What is no credential at all is
  // another matter: noise on a line is not a person, and a door must not open by itself.
  if (attempt.lane.direction === 'out' && refusal !== 'malformed') {
    return { open: true, passId, ground: 'leaving', objection: refusal }
  }
  return { open: false, passId, refusal }
}

/** What a credential says against itself. */
function byItself(attempt: Attempt): Refusal | null {
  const { presented } = attempt
  if (presented.kind === 'card') return null
  const tooOldOrNew = offTime(presented.proof, attempt.at)
  if (presented.kind === 'reference') return tooOldOrNew

  const { certificate } = presented
  if (certificate.found === 'malformed' || certificate.found === 'unknown_key') return certificate.found
  if (tooOldOrNew !== null) return tooOldOrNew
  if (certificate.found !== 'signed') return 'bad_signature'
  return firstObjection(CERTIFICATE_RULES, certificate.body, attempt)
}

function byTheList(attempt: Attempt): Refusal | null {
  if (attempt.row !== null) return firstObjection(ROW_RULES, attempt.row, attempt)
  const body = bodyOf(attempt.presented)
  return body === null ? 'unknown_pass' : withoutRow(body, attempt)
}

/** No row: a serial beyond the list's is newer than the list, and the signature alone decides as far as the policy allows. */
function withoutRow(body: PassBody, attempt: Attempt): Refusal | null {
  const { serialMax, policy } = attempt.list
  if (body.serial <= serialMax || policy.newerThanList === 'refuse') return 'unknown_pass'
  return (
    rotating(null, attempt) ??
    withinHours(body, attempt) ??
    signatureWithinLease(body, attempt) ??
    clockEnough(null, attempt)
  )
}

/** The age of a code, where there is a clock to tell it by. */
function offTime(proof: Proof | null, { clock }: Attempt['at']): Refusal | null {
  if (proof === null || clock === 'doubt') return null
  return proof.age === 'fresh' || proof.age === 'unknown' ? null : proof.age
}

function byProof({ presented }: Attempt): Refusal | null {
  return presented.kind === 'card' || presented.proof === null ? null : proven(presented.proof)
}

function firstObjection<Subject>(rules: readonly Rule<Subject>[], subject: Subject, attempt: Attempt): Refusal | null {
  for (const rule of rules) {
    const refusal = rule(subject, attempt)
    if (refusal !== null) return refusal
  }
  return null
}

function passIdOf({ presented, row }: Attempt): string | null {
  if (row !== null) return row.passId
  return presented.kind === 'reference' ? presented.passId : (bodyOf(presented)?.passId ?? null)
}
