import { fail, ok, type Result } from '../result.ts'
import type { Delta, ListHead } from './documents.ts'

/**
 * Every way a gate refuses a list, and keeps the one it has. Signature, type, key and algorithm are asked where the bytes come in; the rest
 * here. Each has its own word in the log, the event and on the dashboard.
 */
export const LIST_REFUSALS = [
  'bad_signature',
  'wrong_type',
  'wrong_algorithm',
  'unknown_extension',
  'unknown_key',
  'malformed',
  'other_tenant',
  'other_scope',
  'older_epoch',
  'unknown_epoch',
  'older_version',
  'older_date',
  'equivocation',
  'future_date',
  'expired_head',
  'frozen',
  'gap',
  'fork',
  'malformed_ops',
  'wrong_root',
  'wrong_file',
] as const
export type ListRefusal = (typeof LIST_REFUSALS)[number]

/** A head may be ahead of the gate's trusted time by this much: two clocks are never one. */
export const HEAD_FUTURE_S_MAX = 120

/** What a gate holds durably of the list in force: in the list's database and in the journal's, and the higher counts. */
export type ListState = {
  readonly epoch: number
  readonly version: number
  readonly issuedAtS: number
  /** Hexadecimal; that of an empty list before the first. */
  readonly stateRoot: string
  readonly deltaHash: string | null
  /** After an equivocation nothing more is taken from the network until a person looks. */
  readonly frozen: boolean
}

export type HeadFacts = {
  readonly tenant: string
  readonly scope: string
  /** The epoch of the trust bundle in force. */
  readonly trustEpoch: number
  readonly nowS: number
  /** A list carried by hand may be past its expiry when its version is higher; its age counts from its own date. */
  readonly source: 'network' | 'hand'
}

/** What a head that may be believed asks of the gate. */
export type HeadAnswer = 'in_force' | 'newer'

/** Whether a head, its signature already checked, may replace or confirm the list in force. */
export function acceptHead(state: ListState, head: ListHead, facts: HeadFacts): Result<HeadAnswer, ListRefusal> {
  if (head.issuer !== facts.tenant) return fail('other_tenant')
  if (head.scope !== facts.scope) return fail('other_scope')
  if (head.epoch < Math.max(state.epoch, facts.trustEpoch)) return fail('older_epoch')
  // An epoch rises in the trust bundle only: a thief of a list key must not shut out the lists that come after.
  if (head.epoch > facts.trustEpoch) return fail('unknown_epoch')
  if (head.epoch === state.epoch) {
    if (head.version < state.version) return fail('older_version')
    if (head.version === state.version && head.stateRoot !== state.stateRoot) return fail('equivocation')
    if (head.issuedAtS < state.issuedAtS) return fail('older_date')
  }
  if (head.issuedAtS > facts.nowS + HEAD_FUTURE_S_MAX) return fail('future_date')
  if (facts.source === 'network' && head.expiresS <= facts.nowS) return fail('expired_head')
  if (facts.source === 'network' && state.frozen) return fail('frozen')

  const newer = head.epoch > state.epoch || head.version > state.version
  return ok(newer ? 'newer' : 'in_force')
}

/** Whether a delta, its signature already checked, is the very next step from the list in force. */
export function acceptDelta(
  state: ListState,
  delta: Delta,
  facts: Pick<HeadFacts, 'tenant' | 'scope'>,
): Result<null, ListRefusal> {
  if (delta.issuer !== facts.tenant) return fail('other_tenant')
  if (delta.scope !== facts.scope) return fail('other_scope')
  if (delta.epoch !== state.epoch) return fail('older_epoch')
  if (delta.to !== delta.from + 1) return fail('malformed')
  if (delta.to <= state.version) return fail('older_version')
  if (delta.from !== state.version) return fail('gap')
  if (delta.rootBefore !== state.stateRoot || delta.previousDelta !== state.deltaHash) return fail('fork')
  return ok(null)
}
