import type { ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Tables, Tx } from '../db/tables.ts'
import { idsFound } from '../students/students-found.repo.ts'
import type { Application } from './move.repo.ts'

export type QueueRow = Application & {
  readonly first_name: string
  readonly last_name: string
  readonly student_number: string
  /** The account that the application is of. */
  readonly applicant_user: string | null
  readonly assignee: string | null
  readonly attention: number
  readonly waiting: number
}

export type QueueFilters = {
  readonly status?: ApplicationStatus | undefined
  readonly open?: 'true' | 'false' | undefined
  readonly assigned?: string | undefined
  readonly overdue?: 'true' | 'false' | undefined
  readonly attention?: 'true' | 'false' | undefined
  readonly search?: string | undefined
  readonly me: string | null
  readonly nowMs: number
}

const PENDING = ['submitted', 'under_review', 'requires_documents'] as const

/** Applications that were submitted, a page of them and how many there are. */
export async function listQueue(
  tx: Tx,
  {
    page,
    limit,
    sort,
    ...filters
  }: QueueFilters & {
    readonly page: number
    readonly limit: number
    readonly sort: 'submittedAt' | '-submittedAt' | 'dueAt' | '-dueAt'
  },
): Promise<{ rows: QueueRow[]; total: number }> {
  const { total } = await tx
    .selectFrom('applications')
    .where(eb => fitting(eb, filters))
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  const column = sort.endsWith('submittedAt') ? 'applications.submitted_at' : 'applications.due_at'
  const rows = await withPeople(tx)
    .where(eb => fitting(eb as unknown as ExpressionBuilder<Tables, 'applications'>, filters))
    .orderBy(column, by => (sort.startsWith('-') ? by.desc().nullsLast() : by.asc().nullsLast()))
    .orderBy('applications.id')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** The same without pages, in the order of their ids. */
export function queueAfter(
  tx: Tx,
  { after, limit, ...filters }: QueueFilters & { readonly after: string | null; readonly limit: number },
): Promise<QueueRow[]> {
  return withPeople(tx)
    .where(eb => fitting(eb as unknown as ExpressionBuilder<Tables, 'applications'>, filters))
    .$if(after !== null, rows => rows.where('applications.id', '>', after!))
    .orderBy('applications.id')
    .limit(limit)
    .execute()
}

/** The newest applications of each of these students, so many of each; `drafts`: also what was not submitted. */
export function applicationsOfEach(
  tx: Tx,
  studentIds: readonly string[],
  { ofEach, drafts }: { readonly ofEach: number; readonly drafts: boolean },
): Promise<QueueRow[]> {
  const numbered = tx
    .selectFrom('applications')
    .where('student_id', 'in', studentIds)
    .$if(!drafts, rows => rows.where('submitted_at', 'is not', null))
    .select([
      'id',
      sql<string>`row_number() over (partition by student_id order by begun_at desc, id desc)`.as('place'),
    ])
  const newest = tx.selectFrom(numbered.as('numbered')).select('id').where('place', '<=', String(ofEach))
  return withPeople(tx)
    .where('applications.id', 'in', newest)
    .orderBy('applications.begun_at', 'desc')
    .orderBy('applications.id', 'desc')
    .execute()
}

/** As they are kept, in no order. */
export function findApplications(tx: Tx, applicationIds: readonly string[]): Promise<Application[]> {
  return tx.selectFrom('applications').selectAll().where('id', 'in', applicationIds).execute()
}

/** One of a student's own, also before it was submitted. */
export function findOfStudent(
  tx: Tx,
  { applicationId, studentId }: { readonly applicationId: string; readonly studentId: string },
): Promise<QueueRow | undefined> {
  return withPeople(tx)
    .where('applications.id', '=', applicationId)
    .where('applications.student_id', '=', studentId)
    .executeTakeFirst()
}

export function findQueued(tx: Tx, applicationId: string): Promise<QueueRow | undefined> {
  return withPeople(tx)
    .where('applications.id', '=', applicationId)
    .where('applications.submitted_at', 'is not', null)
    .executeTakeFirst()
}

/** Held for who asked: what somebody else is taking at this moment is passed over. */
export async function lockNext(tx: Tx, me: string | null): Promise<string | null> {
  const row = await tx
    .selectFrom('applications')
    .select('id')
    .where('status', '=', 'submitted')
    .where('assigned_to', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('students')
            .select('students.id')
            .whereRef('students.id', '=', 'applications.student_id')
            .where('students.user_id', '=', me),
        ),
      ),
    )
    .orderBy('submitted_at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row?.id ?? null
}

function withPeople(tx: Tx) {
  const checks = (state: 'attention' | 'waiting') =>
    sql<number>`(select count(*)::int from application_checks as checks where checks.school_id = applications.school_id
      and checks.application_id = applications.id and checks.state = ${state})`
  return tx
    .selectFrom('applications')
    .innerJoin('students', join =>
      join
        .onRef('students.school_id', '=', 'applications.school_id')
        .onRef('students.id', '=', 'applications.student_id'),
    )
    .leftJoin('users as assignees', 'assignees.id', 'applications.assigned_to')
    .selectAll('applications')
    .select([
      'students.first_name',
      'students.last_name',
      'students.student_number',
      'students.user_id as applicant_user',
    ])
    .select([
      'assignees.display_name as assignee',
      checks('attention').as('attention'),
      checks('waiting').as('waiting'),
    ])
}

function fitting(
  rows: ExpressionBuilder<Tables, 'applications'>,
  { status, open, assigned, overdue, attention, search, me, nowMs }: QueueFilters,
) {
  const wanted = [rows('applications.submitted_at', 'is not', null)]
  if (status !== undefined) wanted.push(rows('applications.status', '=', status))
  if (open !== undefined) wanted.push(rows('applications.status', open === 'true' ? 'in' : 'not in', PENDING))
  if (assigned === 'none') wanted.push(rows('applications.assigned_to', 'is', null))
  else if (assigned !== undefined) wanted.push(rows('applications.assigned_to', '=', assigned === 'me' ? me : assigned))
  if (overdue !== undefined) {
    const late = sql<boolean>`coalesce(applications.due_at <= ${new Date(nowMs)}, false)`
    wanted.push(rows(late, '=', overdue === 'true') as never)
  }
  if (attention !== undefined) {
    const asks = sql<boolean>`exists (select from application_checks as checks where checks.school_id = applications.school_id
      and checks.application_id = applications.id and checks.state = 'attention')`
    wanted.push(rows(asks, '=', attention === 'true') as never)
  }
  if (search) wanted.push(rows('applications.student_id', 'in', idsFound(search)))
  return rows.and(wanted)
}
