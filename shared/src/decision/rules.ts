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

/** Valid while notBefore <= now < expires. */
export function current({ notBeforeS, expiresS }: Dated, { at }: Attempt): Refusal | null {
  if (at.epochS < notBeforeS) return 'not_valid_yet'
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

/** Hours are those of the gate's wall. A profile that the policy does not have opens nothing. */
export function withinHours({ profile }: { readonly profile: number }, attempt: Attempt): Refusal | null {
  if (profile === 0) return null
  const { dayOfWeek, minuteOfDay } = attempt.at
  const windows = attempt.list.policy.profiles[profile]?.windows ?? []
  const open = windows.some(
    ({ day, fromMinute, untilMinute }) => day === dayOfWeek && fromMinute <= minuteOfDay && minuteOfDay < untilMinute,
  )
  return open ? null : 'outside_hours'
}

/** A proof that was not checked is as good as a bad one. */
export function proven({ held, replayed }: Proof): Refusal | null {
  if (held === 'no_secret') return 'needs_secret'
  if (held !== 'good') return 'bad_proof'
  return replayed ? 'replayed' : null
}
