import type { UndoOutcome } from '@gatehouse/shared/wire/api/imports.ts'
import { sql } from 'kysely'
import { auditAll } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import { archiveStudents } from '../students/archive-students.ts'
import { enterStudents, type StudentEntry } from '../students/enter-students.ts'
import type { StudentFields } from '../students/student-fields.ts'
import { BATCH_ROWS, type Batch, type PlanNeeds } from './plan.ts'
import { noteUndone, openJson, type Undone, undoable } from './rows.repo.ts'
import { type Version, versionsOf } from './versions.ts'

export const NOTHING_UNDONE: UndoOutcome = { restored: 0, archived: 0, kept: 0, passesStayRevoked: 0 }

/**
 * Puts the next rows back, the last done first: changed fields to what they were, made students archived, archived ones
 * living again. Whoever was changed since, or has got a pass since, stays as they are. A revoked pass stays revoked.
 * Null: nothing is left before the row `before`.
 */
export async function undoSome(
  tx: Tx,
  needs: PlanNeeds,
  { sinceMs, before }: { readonly sinceMs: number; readonly before: number },
): Promise<{ readonly batch: Batch; readonly undone: UndoOutcome } | null> {
  const { place } = needs
  const rows = await undoable(tx, place.importId, { before, limit: BATCH_ROWS })
  if (rows.length === 0) return null
  const there = await versionsOf(tx, rows)
  const withPass = await whoHasPasses(tx, rows)
  const untouched = (row: Row<'import_rows'>) => {
    const student = there.get(row.student_id!)
    if (student?.version !== row.version_after) return false
    if (row.action === 'make') return !student.archived && !withPass.has(row.student_id!)
    return student.archived === (row.action === 'archive')
  }
  const back = rows.filter(untouched)
  const undone: Undone[] = rows.filter(row => !untouched(row)).map(({ number }) => ({ number, undone: 'kept' }))
  undone.push(
    ...(await unmake(
      tx,
      needs,
      back.filter(row => row.action === 'make'),
    )),
  )
  undone.push(
    ...(await unarchive(
      tx,
      needs,
      back.filter(row => row.action === 'archive'),
    )),
  )
  const changed = back.filter(row => row.action === 'change' || row.action === 'inactivate')
  undone.push(...(await restore(tx, needs, there, changed)))
  await noteUndone(tx, place.importId, undone)
  const of = (what: Undone['undone']) => undone.filter(one => one.undone === what).length
  const restored = new Set(undone.filter(one => one.undone === 'restored').map(({ number }) => number))
  const stay = rows.filter(({ number }) => restored.has(number))
  return {
    batch: { rows: rows.length, last: rows.at(-1)!.number },
    undone: {
      restored: of('restored'),
      archived: of('archived'),
      kept: of('kept'),
      passesStayRevoked: await revokedSince(tx, stay, sinceMs),
    },
  }
}

export const addUndone = (sum: UndoOutcome, more: UndoOutcome): UndoOutcome => ({
  restored: sum.restored + more.restored,
  archived: sum.archived + more.archived,
  kept: sum.kept + more.kept,
  passesStayRevoked: sum.passesStayRevoked + more.passesStayRevoked,
})

const noteOf = (importId: string) => `Undoing import ${importId}`

async function unmake(tx: Tx, { place, actor }: PlanNeeds, rows: readonly Row<'import_rows'>[]): Promise<Undone[]> {
  const wanted = rows.map(row => ({ studentId: row.student_id!, version: row.version_after! }))
  const { archived } = await archiveStudents(tx, actor, wanted, noteOf(place.importId))
  return rows.map(({ number, student_id }) => ({ number, undone: archived.has(student_id!) ? 'archived' : 'kept' }))
}

async function restore(
  tx: Tx,
  { place, actor }: PlanNeeds,
  there: ReadonlyMap<string, Version>,
  rows: readonly Row<'import_rows'>[],
): Promise<Undone[]> {
  const told = rows.map((row): StudentEntry => {
    const studentId = row.student_id!
    const before =
      row.sealed_before === null
        ? {}
        : openJson<Partial<StudentFields>>(place, 'sealed_before', row.number, row.sealed_before)
    return { studentNumber: there.get(studentId)!.student_number, ...before, studentId }
  })
  const { entered } = await enterStudents(tx, place.vault, actor, told, { note: noteOf(place.importId) })
  return rows.map(({ number }, at) => ({ number, undone: entered[at]!.outcome === 'refused' ? 'kept' : 'restored' }))
}

/** Living again, unless somebody else has the number or the address now. */
async function unarchive(tx: Tx, { place, actor }: PlanNeeds, rows: readonly Row<'import_rows'>[]): Promise<Undone[]> {
  const ids = rows.map(({ student_id }) => student_id!)
  const { rows: living } = await sql<{ id: string }>`
    update students set archived_at = null, updated_at = ${new Date(actor.nowMs)}, version = version + 1
    where id = any (${ids}::uuid[]) and archived_at is not null and not exists (
      select from students as other where other.archived_at is null and other.id <> students.id
        and (other.student_number = students.student_number or lower(other.email) = lower(students.email)))
    returning id`.execute(tx)
  const back = new Set(living.map(({ id }) => id))
  await auditAll(
    tx,
    actor,
    [...back].map(id => ({
      action: 'student.restore' as const,
      subject: { kind: 'student', id },
      studentId: id,
      note: noteOf(place.importId),
    })),
  )
  return rows.map(({ number, student_id }) => ({ number, undone: back.has(student_id!) ? 'restored' : 'kept' }))
}

async function whoHasPasses(tx: Tx, rows: readonly Row<'import_rows'>[]): Promise<ReadonlySet<string>> {
  const made = rows.flatMap(row => (row.action === 'make' ? (row.student_id ?? []) : []))
  const found = await tx
    .selectFrom('passes')
    .select('student_id')
    .where('student_id', '=', sql<string>`any (${made}::uuid[])`)
    .where('revoked_at', 'is', null)
    .execute()
  return new Set(found.flatMap(({ student_id }) => student_id ?? []))
}

async function revokedSince(tx: Tx, rows: readonly Row<'import_rows'>[], sinceMs: number): Promise<number> {
  const gone = rows.filter(row => row.action === 'archive' || ['inactive', 'graduated'].includes(row.status_to ?? ''))
  if (gone.length === 0) return 0
  const { n } = await tx
    .selectFrom('passes')
    .where('student_id', '=', sql<string>`any (${gone.flatMap(row => row.student_id ?? [])}::uuid[])`)
    .where('revoked_at', '>=', new Date(sinceMs))
    .select(sql<number>`count(*)::int`.as('n'))
    .executeTakeFirstOrThrow()
  return n
}
