import { FOUND_OF_EACH, type Found } from '@gatehouse/shared/wire/api/search.ts'
import { sql } from 'kysely'
import { listQueue } from '../applications/queue.repo.ts'
import type { Tx } from '../db/tables.ts'
import { withHolder } from '../passes/passes.repo.ts'
import { searchWords } from '../students/fold.ts'
import { nameOf } from '../students/name.ts'
import { listStudents, type StudentFilters } from '../students/students-found.repo.ts'
import { listUsers } from '../users/users.repo.ts'

export type Sought = {
  readonly schoolId: string
  readonly text: string
  readonly indexes: StudentFilters['indexes']
  readonly nowMs: number
}

export async function foundStudents(tx: Tx, { schoolId, text, indexes, nowMs }: Sought): Promise<Found[]> {
  const query = { page: 1, limit: FOUND_OF_EACH, sort: 'name', search: text, indexes, nowMs } as const
  const { rows } = await listStudents(tx, schoolId, query)
  return rows.map(row => ({ kind: 'student', id: row.id, title: nameOf(row), detail: row.student_number }))
}

/** Of the students who are found, newest first: what was submitted. */
export async function foundApplications(tx: Tx, { text, nowMs }: Sought): Promise<Found[]> {
  const filters = { search: text, sort: '-submittedAt', me: null, nowMs } as const
  const { rows } = await listQueue(tx, { ...filters, page: 1, limit: FOUND_OF_EACH })
  return rows.map(row => ({ kind: 'application', id: row.id, title: nameOf(row), detail: row.status }))
}

/** By serial or number as printed, else of the students who are found; newest first. */
export async function foundPasses(tx: Tx, { text }: Sought): Promise<Found[]> {
  const passes = withHolder(tx).orderBy('passes.serial', 'desc').limit(FOUND_OF_EACH)
  const rows = /^\d{1,10}$/.test(text)
    ? await passes.where('passes.serial', '=', text).execute()
    : /^[0-9a-f]{16}$/i.test(text)
      ? await passes.where('passes.pass_id', '=', text.toLowerCase()).execute()
      : await passes
          .where(
            'passes.student_id',
            'in',
            sql<string>`(select id from search_students(${searchWords(text)}::text[]) limit 200)`,
          )
          .execute()
  return rows.map(row => ({
    kind: 'pass',
    id: row.pass_id,
    title: nameOf(row),
    detail: `Pass ${row.serial}`,
  }))
}

export async function foundGates(tx: Tx, { text }: Sought): Promise<Found[]> {
  const rows = await tx
    .selectFrom('gates')
    .select(['id', 'name', 'short_name'])
    .where(sql<boolean>`(strpos(lower(name), lower(${text})) > 0 or strpos(short_name, lower(${text})) > 0)`)
    .orderBy('name')
    .limit(FOUND_OF_EACH)
    .execute()
  return rows.map(row => ({ kind: 'gate', id: row.id, title: row.name, detail: row.short_name }))
}

export async function foundUsers(tx: Tx, { text }: Sought): Promise<Found[]> {
  const { rows } = await listUsers(tx, { page: 1, limit: FOUND_OF_EACH, sort: 'name', search: text })
  return rows.map(row => ({ kind: 'user', id: row.id, title: row.display_name, detail: row.role }))
}

/** What was done to the thing with this id, newest first. Words are looked for in the audit log's own search. */
export async function foundAudit(tx: Tx, { text }: Sought): Promise<Found[]> {
  if (!/^[0-9a-f-]{16,36}$/i.test(text)) return []
  const rows = await tx
    .selectFrom('audit_log')
    .select(['id', 'action', 'at', 'by_name'])
    .where('subject_kind', 'in', ['student', 'application', 'user', 'pass', 'gate', 'department', 'job'])
    .where('subject_id', '=', text.toLowerCase())
    .orderBy('at', 'desc')
    .limit(FOUND_OF_EACH)
    .execute()
  return rows.map(row => ({
    kind: 'audit',
    id: row.id,
    title: row.action,
    detail: `${row.by_name ?? ''} ${row.at.toISOString().slice(0, 10)}`.trim(),
  }))
}
