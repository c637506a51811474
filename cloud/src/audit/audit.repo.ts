import type { AuditRow, MyLook } from '@gatehouse/shared/wire/api/audit.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'

/** Where a page ended: the row after it comes next. */
export type AuditCursor = { readonly atMs: number; readonly id: string }

export type AuditQuery = {
  readonly after: AuditCursor | null
  readonly limit: number
  readonly action?: string | undefined
  readonly subjectKind?: string | undefined
  readonly subjectId?: string | undefined
  readonly byId?: string | undefined
  readonly studentId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly search?: string | undefined
}

type AuditLogRow = Row<'audit_log'>

/** Rows that match, newest first, from the cursor on. */
export function listAudit(tx: Tx, query: AuditQuery): Promise<AuditLogRow[]> {
  const { after, limit, action, subjectKind, subjectId, byId, studentId, from, to, search } = query
  let rows = newest(tx, after, limit)
  if (action !== undefined) {
    rows = action.includes('.')
      ? rows.where('action', '=', action)
      : rows.where('action', 'like', `${escaped(action)}.%`)
  }
  if (subjectKind !== undefined) rows = rows.where('subject_kind', '=', subjectKind)
  if (subjectId !== undefined) rows = rows.where('subject_id', '=', subjectId)
  if (byId !== undefined) rows = rows.where('by_id', '=', byId)
  if (studentId !== undefined) rows = rows.where(aboutStudent(studentId))
  if (from !== undefined) rows = rows.where('at', '>=', new Date(from))
  if (to !== undefined) rows = rows.where('at', '<', new Date(to))
  if (search !== undefined && search !== '') rows = rows.where('note', 'ilike', `%${escaped(search)}%`)
  return rows.execute()
}

/** What others did with a student's data: the student's own acts are no news to them. */
export function listLooks(
  tx: Tx,
  { studentId, userId, after, limit }: Pick<AuditQuery, 'after' | 'limit'> & { studentId: string; userId: string },
): Promise<AuditLogRow[]> {
  return newest(tx, after, limit).where(aboutStudent(studentId)).where('by_id', 'is distinct from', userId).execute()
}

function newest(tx: Tx, after: AuditCursor | null, limit: number) {
  const rows = tx.selectFrom('audit_log').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
  return after === null
    ? rows
    : rows.where(sql<boolean>`(at, id) < (${new Date(after.atMs)}::timestamptz, ${after.id}::uuid)`)
}

const aboutStudent = (studentId: string) =>
  sql<boolean>`(student_id = ${studentId}::uuid or student_ids @> array[${studentId}::uuid])`

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&')

/** The student whose account this is. */
export async function studentOfUser(tx: Tx, userId: string): Promise<string | null> {
  const found = await tx
    .selectFrom('students')
    .select('id')
    .where('user_id', '=', userId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
  return found?.id ?? null
}

export function auditRowOf(row: AuditLogRow): AuditRow {
  return {
    id: row.id,
    number: row.number === null ? null : Number(row.number),
    at: row.at.toISOString(),
    action: row.action,
    by: {
      kind: row.by_kind,
      id: row.by_id,
      name: row.by_name,
      role: row.by_role as AuditRow['by']['role'],
      address: row.address,
    },
    requestId: row.request_id,
    subject: row.subject_kind === null ? null : { kind: row.subject_kind, id: row.subject_id ?? '' },
    studentId: row.student_id,
    studentsShown: row.student_ids?.length ?? 0,
    before: row.before as AuditRow['before'],
    after: row.after as AuditRow['after'],
    note: row.note,
    erased: row.salt === null,
  }
}

export function lookOf(row: AuditLogRow): MyLook {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    who: row.by_name,
    role: row.by_role as MyLook['role'],
    inList: row.student_id === null,
  }
}
