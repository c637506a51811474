import type { PassRow } from '../list/snapshot.ts'
import type { PassBody } from '../pass/body.ts'
import type { Attempt } from './attempt.ts'
import type { Refusal } from './refusals.ts'

/** Looks at one thing only. Null means this rule has no objection. */
export type CertificateRule = (body: PassBody, attempt: Attempt) => Refusal | null
export type RowRule = (row: PassRow, attempt: Attempt) => Refusal | null

type Dated = { readonly notBeforeS: number; readonly expiresS: number }

/** Bit 31 of a pass's groups says that the rest names a group set; no policy of this version has any. */
const GROUP_SET_BIT = 0x80000000

/** Valid while notBefore <= now < expires. */
export function current({ notBeforeS, expiresS }: Dated, { at }: Attempt): Refusal | null {
  if (at.epochS < notBeforeS) return 'not_valid_yet'
  return at.epochS < expiresS ? null : 'expired'
}

/** A pass fits when any group is common. */
export function thisGate({ groups }: { readonly groups: number }, { lane }: Attempt): Refusal | null {
  if ((groups & GROUP_SET_BIT) !== 0) return 'wrong_gate'
  return (groups & lane.groups) === 0 ? 'wrong_gate' : null
}

/** Suspended and lost are refused in the same word: the guard sees which, the visitor need not. */
export const notRevoked: RowRule = row => (row.status === 'active' ? null : 'revoked')

/** A row's minGeneration kills the certificates before it. A card has no generation. */
export const latestIssue: RowRule = (row, { presented }) => {
  if (presented.kind === 'card' || presented.certificate.found === 'malformed') return null
  return presented.certificate.body.generation < row.minGeneration ? 'superseded' : null
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
