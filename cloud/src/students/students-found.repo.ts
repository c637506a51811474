import { type ExpressionBuilder, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Row, StudentStatus, Tables, Tx } from '../db/tables.ts'
import { searchWords } from './fold.ts'

export type StudentRow = Row<'students'> & {
  readonly department_name: string | null
  readonly pass_count: number
  readonly passes_end_at: Date | null
}

export type StudentFilters = {
  readonly search?: string | undefined
  readonly status?: StudentStatus | undefined
  readonly departmentId?: string | 'none' | undefined
  readonly createdFrom?: string | undefined
  readonly createdTo?: string | undefined
  readonly enrolledFrom?: string | undefined
  readonly enrolledTo?: string | undefined
  readonly hasPass?: 'true' | 'false' | undefined
  /** Keyed hashes of what was searched, for who may find a student by phone or private e-mail. */
  readonly indexes?: { readonly phone: string | null; readonly privateEmail: string | null } | undefined
  readonly nowMs: number
}

export type StudentQuery = StudentFilters & {
  readonly page: number
  readonly limit: number
  readonly sort:
    | 'name'
    | '-name'
    | 'studentNumber'
    | '-studentNumber'
    | 'createdAt'
    | '-createdAt'
    | 'enrolledOn'
    | '-enrolledOn'
}

/** So many are counted with every page; what goes beyond is counted once in a while. */
const COUNTED_MAX = 1_000
/** A total of thousands may be as old as this: nobody counts them by hand meanwhile. */
const TOTAL_MS_MAX = 5_000
const totals = new LRUCache<string, number>({ max: 2_000, ttl: TOTAL_MS_MAX })

/** Living students that match, one page of them, and how many there are: exactly up to a thousand, beyond as of a few seconds ago. */
export async function listStudents(
  tx: Tx,
  schoolId: string,
  query: StudentQuery,
): Promise<{ rows: StudentRow[]; total: number }> {
  const { page, limit, sort } = query
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const key = totalKey(schoolId, query)
  const known = totals.get(key)
  // One statement, one way to the database: the count of the first thousand comes with each row, unless it is known that there are more.
  const few = living(tx)
    .where(matching(query))
    .select('id')
    .limit(COUNTED_MAX + 1)
  let paged = living(tx)
    .where(matching(query))
    .selectAll()
    .select(BESIDE)
    .select((known === undefined ? sql<number>`(select count(*)::int from (${few}) as few)` : sql<number>`0`).as('few'))
  for (const column of SORTS[sort.replace('-', '') as keyof typeof SORTS]) paged = paged.orderBy(column, direction)
  const rows = await paged
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  if (known !== undefined) return { rows, total: known }
  const counted = rows[0]?.few ?? (page === 1 ? 0 : await countStudents(tx, query))
  if (counted <= COUNTED_MAX) return { rows, total: counted }
  const total = await countStudents(tx, query)
  totals.set(key, total)
  return { rows, total }
}

/** The hour of the question and the page are no part of what is counted. */
function totalKey(schoolId: string, query: StudentQuery): string {
  return `${schoolId} ${JSON.stringify({ ...query, page: 0, limit: 0, sort: null, nowMs: 0 })}`
}

async function countStudents(tx: Tx, filters: StudentFilters): Promise<number> {
  const { total } = await living(tx)
    .where(matching(filters))
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  return total
}

/** The same students without pages, in the order of their ids (the time they were entered), from the one after this id on. */
export function studentsAfter(
  tx: Tx,
  filters: StudentFilters,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<StudentRow[]> {
  return living(tx)
    .where(matching(filters))
    .$if(after !== null, students => students.where('id', '>', after!))
    .selectAll()
    .select(BESIDE)
    .orderBy('id')
    .limit(limit)
    .execute()
}

export function findStudent(tx: Tx, studentId: string): Promise<StudentRow | undefined> {
  return living(tx).where('id', '=', studentId).selectAll().select(BESIDE).executeTakeFirst()
}

/** The living students that filters mean, for a `where`. */
export function matching(filters: StudentFilters) {
  const { search, status, departmentId, createdFrom, createdTo, enrolledFrom, enrolledTo, hasPass, nowMs } = filters
  return (students: ExpressionBuilder<Tables, 'students'>) =>
    students.and([
      ...(status === undefined ? [] : [students('status', '=', status)]),
      ...(departmentId === undefined
        ? []
        : [
            departmentId === 'none'
              ? students('department_id', 'is', null)
              : students('department_id', '=', departmentId),
          ]),
      ...(createdFrom === undefined ? [] : [students('created_at', '>=', new Date(createdFrom))]),
      ...(createdTo === undefined ? [] : [students('created_at', '<', new Date(createdTo))]),
      ...(enrolledFrom === undefined ? [] : [students('enrolled_on', '>=', enrolledFrom)]),
      ...(enrolledTo === undefined ? [] : [students('enrolled_on', '<=', enrolledTo)]),
      ...(hasPass === undefined ? [] : [openPass(hasPass === 'true', nowMs)]),
      ...(search === undefined || search === '' ? [] : [students('id', 'in', found(search, filters.indexes))]),
    ])
}

/** Ids of students, living and archived, whose names, number or e-mail have every word. */
export function idsFound(search: string) {
  return sql<string>`(select id from search_students(${searchWords(search)}::text[]))`
}

function found(search: string, indexes: StudentFilters['indexes']) {
  const { phone = null, privateEmail = null } = indexes ?? {}
  const byWords = sql`select id from search_students(${searchWords(search)}::text[])`
  const byPhone = phone === null ? sql`` : sql` union select id from students where phone_index = ${phone}`
  const byEmail =
    privateEmail === null ? sql`` : sql` union select id from students where private_email_index = ${privateEmail}`
  return sql<string>`(${byWords}${byPhone}${byEmail})`
}

function openPass(wanted: boolean, nowMs: number) {
  const there = sql<boolean>`exists (select from passes where passes.school_id = students.school_id and passes.student_id = students.id
    and passes.revoked_at is null and passes.expires > ${new Date(nowMs)})`
  return wanted ? there : sql<boolean>`not ${there}`
}

const living = (tx: Tx) => tx.selectFrom('students').where('archived_at', 'is', null)

const BESIDE = [
  sql<number>`(select count(*)::int from passes where passes.school_id = students.school_id and passes.student_id = students.id)`.as(
    'pass_count',
  ),
  sql<Date | null>`(select min(revoke_at) from passes where passes.school_id = students.school_id and passes.student_id = students.id)`.as(
    'passes_end_at',
  ),
  sql<
    string | null
  >`(select name from departments where departments.school_id = students.school_id and departments.id = department_id)`.as(
    'department_name',
  ),
] as const

const SORTS = {
  name: [sql`lower(last_name)`, sql`lower(first_name)`, sql`id`],
  studentNumber: [sql`student_number`, sql`id`],
  createdAt: [sql`created_at`, sql`id`],
  enrolledOn: [sql`enrolled_on`, sql`id`],
} as const
