import type { Card } from '@gatehouse/shared/list/card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { endOfPass } from '../terms/validity.repo.ts'
import { mayHost } from '../visitors/hosts.repo.ts'
import { addCredential, removeCredential } from './credentials.repo.ts'
import { GENERATION_MAX } from './device-keys.repo.ts'
import { aboutPass, findPass, type PassRow } from './passes.repo.ts'
import { tellOfPass } from './tell-of-pass.ts'

export type RenewRefused =
  | 'no_such_pass'
  | 'already_revoked'
  | 'student_not_active'
  | 'host_not_active'
  | 'no_term'
  | 'ends_no_later'
  | 'too_long'

/**
 * Gives a pass a later end. Left out: the end that a pass of the kind would have if it began when this one ends, or now
 * if it is over. What was printed says the old end, and gates hold it to that: it is printed anew.
 */
export async function renewPass(
  tx: Tx,
  actor: Actor,
  { passId, expiresMs }: { readonly passId: string; readonly expiresMs: number | undefined },
): Promise<Result<PassRow, RenewRefused>> {
  const { schoolId, userId, nowMs } = actor
  await lockSchool(tx, schoolId)
  const pass = await findPass(tx, passId)
  if (pass === undefined) return fail('no_such_pass')
  if (pass.status === 'revoked') return fail('already_revoked')
  const refused = await whyNotTheirs(tx, pass)
  if (refused !== null) return fail(refused)
  const beginsMs = Math.max(nowMs, pass.expires.getTime())
  const byRule = (await endOfPass(tx, { schoolId, kind: pass.class, beginsMs }))?.expiresMs
  const endsMs = expiresMs ?? byRule
  if (endsMs === undefined) return fail('no_term')
  if (endsMs <= pass.expires.getTime() || endsMs <= nowMs) return fail('ends_no_later')
  if (pass.visitor_id !== null && byRule !== undefined && endsMs > byRule) return fail('too_long')
  await tx
    .updateTable('passes')
    .set({ expires: new Date(endsMs), renewed_at: new Date(nowMs), changed_by: userId })
    .where('pass_id', '=', passId)
    .execute()
  await leave(tx, schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'pass.renew',
    ...aboutPass(pass),
    before: { expires: pass.expires.toISOString() },
    after: { expires: new Date(endsMs).toISOString() },
  })
  return ok((await findPass(tx, passId))!)
}

/** Whose passes end because they leave gets no longer one meanwhile, and nobody visits somebody who is gone. The holder is held. */
async function whyNotTheirs(
  tx: Tx,
  { student_id, visitor_id }: PassRow,
): Promise<'student_not_active' | 'host_not_active' | null> {
  if (student_id === null) {
    const { archived_at, host_user_id } = await tx
      .selectFrom('visitors')
      .select(['archived_at', 'host_user_id'])
      .where('id', '=', visitor_id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    return archived_at === null && (await mayHost(tx, host_user_id)) ? null : 'host_not_active'
  }
  const { status, archived_at } = await tx
    .selectFrom('students')
    .select(['status', 'archived_at'])
    .where('id', '=', student_id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return archived_at === null && (status === 'active' || status === 'suspended') ? null : 'student_not_active'
}

export type Lost = {
  readonly passId: string
  readonly note: string
  /** Taken off the pass. */
  readonly credentialId?: string | undefined
  /** Put in its place. */
  readonly card?: Card | undefined
  /** Codes that were printed open nothing any more. */
  readonly printed: boolean
}

export type LostRefused =
  | 'no_such_pass'
  | 'already_revoked'
  | 'no_such_credential'
  | 'card_taken'
  | 'replaced_too_often'

/** What was lost opens nothing any more from the next list on; the pass, and all else that is on it, stays. */
export async function replaceLost(
  tx: Tx,
  vault: Vault,
  actor: Actor & { readonly tenant: string },
  { passId, note, credentialId, card, printed }: Lost,
): Promise<Result<PassRow, LostRefused>> {
  const held = await tx
    .selectFrom('passes')
    .select(['status', 'generation'])
    .where('pass_id', '=', passId)
    .forUpdate()
    .executeTakeFirst()
  if (held === undefined) return fail('no_such_pass')
  if (held.status === 'revoked') return fail('already_revoked')
  if (printed && held.generation >= GENERATION_MAX) return fail('replaced_too_often')
  // Whatever refuses does so before anything is changed.
  if (credentialId !== undefined && !(await holdCredential(tx, passId, credentialId))) return fail('no_such_credential')
  if (card !== undefined) {
    const added = await addCredential(tx, vault, actor, { passId, card })
    if (!added.ok) return added
  }
  if (credentialId !== undefined) await removeCredential(tx, actor, { passId, credentialId })
  if (printed) {
    await tx
      .updateTable('passes')
      .set({
        generation: sql`generation + 1`,
        min_generation: sql`generation + 1`,
        changed_by: actor.userId,
      })
      .where('pass_id', '=', passId)
      .execute()
    await leave(tx, actor.schoolId, 'list.changed', {})
  }
  const row = (await findPass(tx, passId))!
  await audit(tx, actor, {
    action: 'pass.replace',
    ...aboutPass(row),
    after: { card: credentialId ?? null, replaced: card !== undefined, printed },
    note,
  })
  await tellOfPass(tx, row, 'card_lost')
  return ok(row)
}

async function holdCredential(tx: Tx, passId: string, credentialId: string): Promise<boolean> {
  const held = await tx
    .selectFrom('credentials')
    .select('id')
    .where('id', '=', credentialId)
    .where('pass_id', '=', passId)
    .forUpdate()
    .executeTakeFirst()
  return held !== undefined
}
