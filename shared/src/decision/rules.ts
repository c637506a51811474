import { DEFAULT_LEASE } from '../list/documents.ts'
import { leaseAllows } from '../list/lease.ts'
import type { PassBody } from '../pass/body.ts'
import type { Attempt, ListedPass, Proof } from './attempt.ts'
import { bodyOf } from './attempt.ts'
import type { Refusal } from './refusals.ts'

/** Looks at one thing only. Null means this rule has no objection. */
export type Rule<Subject> = (subject: Subject, attempt: Attempt) => Refusal | null
export type CertificateRule = Rule<PassBody>
export type RowRule = Rule<ListedPass>

type Dated = { readonly notBeforeS: number; readonly expiresS: number }

/** Bit 31 of a pass's groups says that the rest names a group set of the policy in force. */
const GROUP_SET_BIT = 0x80000000

/** Valid while notBefore <= now < expires. On a clock in doubt it may be later than it says, and never earlier. */
export function current({ notBeforeS, expiresS }: Dated, { at }: Attempt): Refusal | null {
  if (at.epochS < notBeforeS && at.clock !== 'doubt') return 'not_valid_yet'
  return at.epochS < expiresS ? null : 'expired'
}

/** A pass fits when any group is common. A set that the policy does not have is no group at all. */
export function thisGate({ groups }: { readonly groups: number }, { lane, list }: Attempt): Refusal | null {
  const isSet = (groups & GROUP_SET_BIT) !== 0
  const mask = isSet ? (list.policy.groupSets?.[String(groups & ~GROUP_SET_BIT)] ?? 0) : groups
  return (mask & lane.groups) === 0 ? 'wrong_gate' : null
}

/** Suspended and lost are refused in the same word: the guard sees which, the visitor need not. */
export const notRevoked: RowRule = row => (row.status === 'active' ? null : 'revoked')

/** A row's minGeneration kills the certificates before it. Cards and references have no generation. */
export const latestIssue: RowRule = (row, { presented }) => {
  const body = bodyOf(presented)
  return body !== null && body.generation < row.minGeneration ? 'superseded' : null
}

/** A pass that lives on a phone is not opened by a print of it, nor is any where the policy takes no static codes. A card is no code. */
export function rotating(row: ListedPass | null, { presented, list }: Attempt): Refusal | null {
  if (presented.kind !== 'code' || presented.proof !== null) return null
  return row?.flags?.dynamicOnly || list.policy.staticPasses === 'refuse' ? 'dynamic_required' : null
}

/**
 * Hours are those of the gate's wall, and a holiday's own go before those of any profile. Profile 0 is always, on holidays too;
 * one that the policy does not have opens nothing.
 */
export function withinHours({ profile }: { readonly profile: number }, { at, list }: Attempt): Refusal | null {
  if (profile === 0 || at.clock === 'doubt') return null
  const known = list.policy.profiles[profile]
  if (known === undefined) return 'outside_hours'
  const holiday = list.policy.holidays[at.date]
  const hours =
    holiday === undefined
      ? known.windows.filter(({ day }) => day === at.dayOfWeek)
      : (holiday.hours ?? known.onHolidays)
  const open = hours.some(({ fromMinute, untilMinute }) => fromMinute <= at.minuteOfDay && at.minuteOfDay < untilMinute)
  return open ? null : 'outside_hours'
}

type Classed = { readonly class: PassBody['class'] }

/** What was blocked since the list was signed is not known here. A gate that never had one is in its last resort. */
function withinLease(
  { class: passClass }: Classed,
  { ageS, policy }: Attempt['list'],
  listed: boolean,
): Refusal | null {
  const question = { ageS: ageS ?? Number.POSITIVE_INFINITY, listed, class: passClass }
  return leaseAllows(policy.lease ?? DEFAULT_LEASE, question) ? null : 'list_too_old'
}
export const rowWithinLease: RowRule = (row, { list }) => withinLease(row, list, true)
export const signatureWithinLease: CertificateRule = (body, { list }) => withinLease(body, list, false)

/** A code of this moment, a pass with hours and one that may not have begun need a clock; so does what only a signature speaks for. */
export function clockEnough(row: ListedPass | null, { presented, list, at }: Attempt): Refusal | null {
  if (at.clock !== 'doubt') return null
  const opens = list.policy.whenClockInDoubt ?? 'listed_cards'
  if (row === null || opens === 'closed') return 'clock_in_doubt'
  if (row.profile !== 0 || at.epochS < row.notBeforeS) return 'clock_in_doubt'
  if (presented.kind === 'card') return null
  const certificate = bodyOf(presented)
  const isOfAnyTime = presented.proof === null && certificate !== null && certificate.notBeforeS <= at.epochS
  return opens === 'listed' && isOfAnyTime ? null : 'clock_in_doubt'
}

/** A proof that was not checked is as good as a bad one. */
export function proven({ held, replayed }: Proof): Refusal | null {
  if (held === 'no_secret') return 'needs_secret'
  if (held !== 'good') return 'bad_proof'
  return replayed ? 'replayed' : null
}
