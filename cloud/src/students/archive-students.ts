import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import { turnPasses } from './status-effects.ts'

export type ToArchive = { readonly studentId: string; readonly version: number }

/**
 * Archives many students in one step; every pass of theirs is revoked. Who is archived already, or was changed since that version, is left
 * as they are. Answers who was archived, and how many passes were revoked.
 */
export async function archiveStudents(
  tx: Tx,
  actor: Actor,
  wanted: readonly ToArchive[],
  note?: string,
): Promise<{ readonly archived: ReadonlySet<string>; readonly passesRevoked: number }> {
  if (wanted.length === 0) return { archived: new Set(), passesRevoked: 0 }
  const now = new Date(actor.nowMs)
  const { rows } = await sql<{ id: string }>`
    with held as (select id from students where id = any (${wanted.map(({ studentId }) => studentId)}::uuid[]) order by id for update)
    update students set archived_at = ${now}, updated_at = ${now}, version = students.version + 1
    from held, json_to_recordset(${JSON.stringify(wanted)}::json) as told ("studentId" uuid, version int)
    where students.id = held.id and told."studentId" = students.id and students.version = told.version and archived_at is null
    returning students.id`.execute(tx)
  const ids = rows.map(({ id }) => id)
  const passes = await passCounts(tx, ids)
  const effects = await turnPasses(tx, actor, ids, { to: 'archived', endAtMs: 0 })
  await auditAll(
    tx,
    actor,
    ids.map(id => ({
      action: 'student.archive',
      subject: { kind: 'student', id },
      studentId: id,
      after: { passesRevoked: passes.get(id) ?? 0 },
      ...(note !== undefined && { note }),
    })),
  )
  return { archived: new Set(ids), passesRevoked: effects.get('revoked') ?? 0 }
}

/** Passes that are not revoked yet, of each who has some. */
async function passCounts(tx: Tx, studentIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx
    .selectFrom('passes')
    .select(['student_id', sql<number>`count(*)::int`.as('n')])
    .where('student_id', '=', sql<string>`any (${[...studentIds]}::uuid[])`)
    .where('revoked_at', 'is', null)
    .groupBy('student_id')
    .execute()
  return new Map(rows.flatMap(({ student_id, n }) => (student_id === null ? [] : [[student_id, n] as const])))
}
