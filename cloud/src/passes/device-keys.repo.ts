import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { aboutPass, type PassRow, withHolder } from './passes.repo.ts'

/** u16 in the certificate. */
export const GENERATION_MAX = 0xffff

/** The passes of who is signed in, newest first. */
export function listOwnPasses(tx: Tx, userId: string): Promise<PassRow[]> {
  return withHolder(tx)
    .where('students.user_id', '=', userId)
    .where('students.archived_at', 'is', null)
    .orderBy('passes.serial', 'desc')
    .execute()
}

export function findOwnPass(tx: Tx, userId: string, passId: string): Promise<PassRow | undefined> {
  return withHolder(tx)
    .where('students.user_id', '=', userId)
    .where('students.archived_at', 'is', null)
    .where('passes.pass_id', '=', passId)
    .executeTakeFirst()
}

export async function deviceKeysOf(tx: Tx, passIds: readonly string[]): Promise<Map<string, Row<'device_keys'>>> {
  if (passIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('device_keys')
    .selectAll()
    .where('pass_id', 'in', [...passIds])
    .execute()
  return new Map(rows.map(row => [row.pass_id, row]))
}

/**
 * Binds a phone by the point of its key. Another phone's certificate, and whatever was printed before, dies with the next list, because
 * generation and minGeneration rise; the first phone leaves them alone, and so does the same one again.
 */
export async function bindDevice(
  tx: Tx,
  actor: Actor,
  { userId, passId, point }: { readonly userId: string; readonly passId: string; readonly point: string },
): Promise<Result<PassRow, 'no_such_pass' | 'already_revoked' | 'bound_too_often'>> {
  const { schoolId, nowMs } = actor
  const pass = await findOwnPass(tx, userId, passId)
  if (pass === undefined) return fail('no_such_pass')
  // Two phones at once take turns at the pass's row.
  const held = await tx
    .selectFrom('passes')
    .select(['status', 'generation'])
    .where('pass_id', '=', passId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (held.status === 'revoked') return fail('already_revoked')
  const before = (await deviceKeysOf(tx, [passId])).get(passId)
  await audit(tx, actor, {
    action: 'phone.bind',
    ...aboutPass(pass),
    before: { point: before?.point ?? null },
    after: { point },
  })
  if (before?.point === point) return ok(pass)
  if (before !== undefined) {
    if (held.generation >= GENERATION_MAX) return fail('bound_too_often')
    await tx
      .updateTable('passes')
      .set({ generation: sql`generation + 1`, min_generation: sql`generation + 1` })
      .where('pass_id', '=', passId)
      .execute()
  }
  const bound = { point, created_at: new Date(nowMs) }
  await tx
    .insertInto('device_keys')
    .values({ school_id: schoolId, pass_id: passId, ...bound })
    .onConflict(conflict => conflict.columns(['school_id', 'pass_id']).doUpdateSet(bound))
    .execute()
  await leave(tx, schoolId, 'list.changed', {})
  return ok((await findOwnPass(tx, userId, passId))!)
}
