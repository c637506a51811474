import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { leave } from '../db/outbox.ts'
import type { Row, StudentStatus, Tables, Tx } from '../db/tables.ts'
import { fold, searchWords } from './fold.ts'

export type StudentFields = {
  readonly studentNumber: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string | null
  readonly department: string | null
  readonly status: StudentStatus
}

export type StudentRow = Row<'students'> & { readonly pass_count: number }

export type StudentQuery = {
  readonly page: number
  readonly limit: number
  readonly search?: string | undefined
  readonly status?: StudentStatus | undefined
  readonly sort: 'name' | '-name' | 'studentNumber' | '-studentNumber' | 'createdAt' | '-createdAt'
}

/** Living students that match, one page of them, and how many there are. */
export async function listStudents(
  tx: Tx,
  { page, limit, search, status, sort }: StudentQuery,
): Promise<{ rows: StudentRow[]; total: number }> {
  const matching = (students: ExpressionBuilder<Tables, 'students'>) =>
    students.and([
      ...(status === undefined ? [] : [students('status', '=', status)]),
      ...(search === undefined || search === '' ? [] : [students('id', 'in', idsFound(search))]),
    ])
  const { total } = await living(tx)
    .where(matching)
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()

  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  let paged = living(tx).where(matching).selectAll().select(PASS_COUNT)
  for (const column of SORTS[sort.replace('-', '') as keyof typeof SORTS]) paged = paged.orderBy(column, direction)
  const rows = await paged
    .orderBy('id')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** Ids of students, living and archived, whose names, number or e-mail have every word. */
export function idsFound(search: string) {
  return sql<string>`(select id from search_students(${searchWords(search)}::text[]))`
}

export function findStudent(tx: Tx, studentId: string): Promise<StudentRow | undefined> {
  return living(tx).where('id', '=', studentId).selectAll().select(PASS_COUNT).executeTakeFirst()
}

type Refused = 'number_taken' | 'email_taken'

export async function createStudent(
  tx: Tx,
  { schoolId, nowMs }: Actor,
  fields: StudentFields,
): Promise<Result<StudentRow, Refused>> {
  const now = new Date(nowMs)
  const row = await tx
    .insertInto('students')
    .values({
      id: randomUUIDv7(),
      school_id: schoolId,
      user_id: null,
      ...columnsOf(fields),
      archived_at: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? fail((await takenBy(tx, fields, null)) ?? 'number_taken') : ok({ ...row, pass_count: 0 })
}

/**
 * Changes a student; what the new status means for the passes is done in the same transaction. Suspending suspends
 * them and coming back gives those back; leaving and graduating revoke them.
 */
export async function updateStudent(
  tx: Tx,
  actor: Actor,
  studentId: string,
  change: Partial<StudentFields>,
): Promise<Result<StudentRow, Refused | 'no_such_student'>> {
  const before = await tx
    .selectFrom('students')
    .selectAll()
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (before === undefined) return fail('no_such_student')
  const fields: StudentFields = { ...fieldsOf(before), ...defined(change) }
  const taken = await takenBy(tx, fields, studentId)
  if (taken !== null) return fail(taken)
  await tx
    .updateTable('students')
    .set({ ...columnsOf(fields), updated_at: new Date(actor.nowMs) })
    .where('id', '=', studentId)
    .execute()
  if (fields.status !== before.status) await actOnPasses(tx, actor, studentId, fields.status)
  return ok((await findStudent(tx, studentId))!)
}

/** Archives a student; every pass is revoked. Answers how many were. */
export async function archiveStudent(
  tx: Tx,
  actor: Actor,
  studentId: string,
): Promise<Result<number, 'no_such_student'>> {
  const archived = await tx
    .updateTable('students')
    .set({ archived_at: new Date(actor.nowMs), updated_at: new Date(actor.nowMs) })
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (archived === undefined) return fail('no_such_student')
  return ok(await revokeAll(tx, actor, studentId, 'The student was archived.'))
}

async function actOnPasses(tx: Tx, actor: Actor, studentId: string, status: StudentStatus): Promise<void> {
  if (status === 'inactive') return void (await revokeAll(tx, actor, studentId, 'The student left.'))
  if (status === 'graduated') return void (await revokeAll(tx, actor, studentId, 'The student graduated.'))
  const [from, to] = status === 'suspended' ? (['active', 'suspended'] as const) : (['suspended', 'active'] as const)
  let passes = tx
    .updateTable('passes')
    .set({ status: to, changed_by: actor.userId, suspended_with_student: status === 'suspended' })
    .where('student_id', '=', studentId)
    .where('status', '=', from)
  // A pass that was suspended by itself stays so when its student comes back.
  if (status === 'active') passes = passes.where('suspended_with_student', '=', true)
  const changed = await passes.returning('pass_id').execute()
  if (changed.length > 0) await leave(tx, actor.schoolId, 'list.changed', {})
}

async function revokeAll(tx: Tx, { schoolId, userId, nowMs }: Actor, studentId: string, note: string): Promise<number> {
  const revoked = await tx
    .updateTable('passes')
    .set({
      status: 'revoked',
      revoked_at: new Date(nowMs),
      revoked_by: userId,
      changed_by: userId,
      note,
      suspended_with_student: false,
    })
    .where('student_id', '=', studentId)
    .where('revoked_at', 'is', null)
    .returning('pass_id')
    .execute()
  if (revoked.length > 0) await leave(tx, schoolId, 'list.changed', {})
  return revoked.length
}

const living = (tx: Tx) => tx.selectFrom('students').where('archived_at', 'is', null)

const PASS_COUNT =
  sql<number>`(select count(*)::int from passes where passes.school_id = students.school_id and passes.student_id = students.id)`.as(
    'pass_count',
  )

const SORTS = {
  name: [sql`lower(last_name)`, sql`lower(first_name)`],
  studentNumber: [sql`student_number`],
  createdAt: [sql`created_at`],
} as const

function fieldsOf(row: Row<'students'>): StudentFields {
  return {
    studentNumber: row.student_number,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    department: row.department,
    status: row.status,
  }
}

function columnsOf({ studentNumber, firstName, lastName, email, department, status }: StudentFields) {
  return {
    student_number: studentNumber,
    first_name: firstName,
    last_name: lastName,
    email,
    department,
    status,
    search_text: fold([firstName, lastName, studentNumber, email ?? ''].join(' ')),
  }
}

/** Which of the two another living student has. */
async function takenBy(tx: Tx, { studentNumber, email }: StudentFields, self: string | null): Promise<Refused | null> {
  const others = living(tx).$if(self !== null, query => query.where('id', '!=', self!))
  const number = await others.where('student_number', '=', studentNumber).select('id').executeTakeFirst()
  if (number !== undefined) return 'number_taken'
  if (email === null) return null
  const mail = await others.where(sql<boolean>`lower(email) = lower(${email})`).select('id').executeTakeFirst()
  return mail === undefined ? null : 'email_taken'
}

function defined(change: Partial<StudentFields>): Partial<StudentFields> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}
