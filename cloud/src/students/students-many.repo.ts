import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { AT_ONCE_MAX, type PassEffect } from '@gatehouse/shared/wire/api/students-many.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'
import { nameOf } from './name.ts'
import { effectOf, passesEnd, revokedColumns, turnPasses } from './status-effects.ts'
import { schoolRules } from './student-fields.ts'
import { matching, type StudentFilters } from './students-found.repo.ts'
import type { StudentStatus } from './tables.ts'

export type Which = { readonly studentIds: readonly string[] } | { readonly filter: StudentFilters }

export type StatusChange = {
  readonly which: Which
  readonly status: StudentStatus | 'archived'
  readonly passesEndOn?: string | undefined
}

type Counts = Readonly<Partial<Record<PassEffect, number>>>

export type StatusPreview = {
  readonly students: number
  readonly unchanged: number
  readonly passesEndAt: Date | null
  readonly counts: Counts
  readonly passes: readonly {
    readonly passId: string
    readonly serial: number
    readonly studentId: string
    readonly holderName: string
    readonly effect: PassEffect
  }[]
}

const PASSES_SHOWN_MAX = 500

/** What a change of status would do. It computes with the same rule as the change itself. */
export async function previewStatus(
  tx: Tx,
  actor: Pick<Actor, 'schoolId' | 'nowMs'>,
  { which, status, passesEndOn }: StatusChange,
): Promise<Result<StatusPreview, 'too_many'>> {
  const students = await meant(tx, which)
  if (students.length > AT_ONCE_MAX) return fail('too_many')
  const changing = students.filter(student => student.status !== status)
  const { nowMs } = actor
  const endAtMs = passesEnd(await schoolRules(tx, actor.schoolId), status, { nowMs, on: passesEndOn })
  const rows = await tx
    .selectFrom('passes')
    .innerJoin('students', 'students.id', 'passes.student_id')
    .select(['pass_id', 'serial', 'students.id as holder_id', 'first_name', 'last_name', 'passes.status', 'not_before'])
    .select(['suspended_with_student', 'revoke_at'])
    .where('student_id', '=', sql<string>`any (${changing.map(({ id }) => id)}::uuid[])`)
    .orderBy('serial')
    .execute()
  const passes = rows.flatMap(row => {
    // What was revoked is told of where one might think that it comes back.
    const comesBack = status === 'active' && row.status === 'revoked'
    const effect: PassEffect | 'none' = comesBack ? 'stays_revoked' : effectOf(row, status, endAtMs, nowMs)
    if (effect === 'none') return []
    const { pass_id: passId, holder_id: studentId } = row
    return [{ passId, serial: Number(row.serial), studentId, holderName: nameOf(row), effect }]
  })
  return ok({
    students: changing.length,
    unchanged: students.length - changing.length,
    passesEndAt: endAtMs > nowMs ? new Date(endAtMs) : null,
    counts: countsOf(passes),
    passes: passes.slice(0, PASSES_SHOWN_MAX),
  })
}

export function countsOf(passes: readonly { readonly effect: PassEffect }[]): Counts {
  const byEffect = Map.groupBy(passes, ({ effect }) => effect)
  return Object.fromEntries([...byEffect].map(([effect, those]) => [effect, those.length]))
}

/** Passes that a preview says something happens to. */
export function touched(counts: Counts): number {
  const { stays_revoked: _, ...changing } = counts
  return Object.values(changing).reduce((sum, count) => sum + count, 0)
}

export type Seen = { readonly students: number; readonly passes: number }

/** Changes the status of many students, and their passes with it. `seen`: the numbers somebody agreed to. */
export async function changeStatus(
  tx: Tx,
  actor: Actor,
  change: StatusChange,
  seen: Seen | undefined,
): Promise<Result<{ students: number; counts: Counts }, 'too_many' | 'changed_meanwhile'>> {
  const { which, status, passesEndOn } = change
  const held = await meant(tx, which, { hold: true })
  if (held.length > AT_ONCE_MAX) return fail('too_many')
  const changing = held.filter(student => student.status !== status)
  const ids = changing.map(({ id }) => id)
  const preview = await previewStatus(tx, actor, { which: { studentIds: ids }, status, passesEndOn })
  if (!preview.ok) return preview
  const { counts } = preview.value
  if (seen !== undefined && (seen.students !== ids.length || seen.passes !== touched(counts)))
    return fail('changed_meanwhile')
  if (ids.length === 0) return ok({ students: 0, counts })

  const now = new Date(actor.nowMs)
  await tx
    .updateTable('students')
    .set(eb => ({
      ...(status === 'archived' ? { archived_at: now } : { status }),
      updated_at: now,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', sql<string>`any (${ids}::uuid[])`)
    .execute()
  const endAtMs = passesEnd(await schoolRules(tx, actor.schoolId), status, { nowMs: actor.nowMs, on: passesEndOn })
  await turnPasses(tx, actor, ids, { to: status, endAtMs })
  await auditAll(
    tx,
    actor,
    changing.map(student => ({
      action: status === 'archived' ? 'student.archive' : 'student.update',
      subject: { kind: 'student', id: student.id },
      studentId: student.id,
      before: { status: student.status },
      after: { status },
      note: `One of ${ids.length} at once.`,
    })),
  )
  return ok({ students: ids.length, counts })
}

/** The living students that are meant, one more than may be at once at most; held in the order of their ids. */
async function meant(tx: Tx, which: Which, { hold = false } = {}) {
  return tx
    .selectFrom('students')
    .select(['id', 'status'])
    .where('archived_at', 'is', null)
    .$if('studentIds' in which, query =>
      query.where(
        'id',
        '=',
        sql<string>`any (${[...(which as { studentIds: readonly string[] }).studentIds]}::uuid[])`,
      ),
    )
    .$if('filter' in which, query => query.where(matching((which as { filter: StudentFilters }).filter)))
    .orderBy('id')
    .limit(AT_ONCE_MAX + 1)
    .$if(hold, query => query.forUpdate())
    .execute()
}

/** Revokes the passes whose day has come: their holders left or graduated, and did not come back. Answers how many. */
export async function revokeDue(tx: Tx, actor: Actor): Promise<number> {
  const due = await tx
    .selectFrom('passes')
    .select(['pass_id', 'student_id'])
    .where('revoke_at', '<=', new Date(actor.nowMs))
    .where('revoked_at', 'is', null)
    .orderBy('pass_id')
    .limit(10_000)
    .forUpdate()
    .execute()
  if (due.length === 0) return 0
  const note = 'The student left, and this was the day.'
  await tx
    .updateTable('passes')
    .set({ ...revokedColumns({ userId: null, nowMs: actor.nowMs, note }), changed_by: actor.userId })
    .where('pass_id', '=', sql<string>`any (${due.map(pass => pass.pass_id)}::text[])`)
    .execute()
  await auditAll(
    tx,
    actor,
    due.map(pass => ({
      action: 'pass.revoke',
      subject: { kind: 'pass', id: pass.pass_id },
      studentId: pass.student_id,
      after: { status: 'revoked' },
      note,
    })),
  )
  await leave(tx, actor.schoolId, 'list.changed', {})
  return due.length
}
