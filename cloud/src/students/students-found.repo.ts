import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Row, Tables, Tx } from '../db/tables.ts'
import { searchWords } from './fold.ts'
import type { StudentStatus } from './tables.ts'

/** What is read of a student; what only the search compares is not. By name: a statement without a star is planned once a connection. */
const COLUMNS = [
  'id',
  'school_id',
  'user_id',
  'student_number',
  'first_name',
  'last_name',
  'email',
  'department_id',
  'status',
  'enrolled_on',
  'sealed_personal',
  'sealed_notes',
  'merged_into',
  'version',
  'archived_at',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Tables['students'])[]

export type StudentRow = Pick<Row<'students'>, (typeof COLUMNS)[number]> & {
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
/** Who asks while another one counts anew is told what was counted before. */
const COUNTING_MS_MAX = 60_000
type Total = { readonly total: number; readonly atMs: number; isCountedAnew: boolean }
const totals = new LRUCache<string, Total>({ max: 2_000, ttl: COUNTING_MS_MAX })

/** Living students that match, one page of them, and how many there are: exactly up to a thousand, beyond as of a few seconds ago. */
export function listStudents(tx: Tx, schoolId: string, query: StudentQuery): Promise<StudentsPage> {
  return isSearched(query) ? pageOfFound(tx, query) : pageInOrder(tx, schoolId, query)
}

const isSearched = ({ search = '' }: StudentFilters) => search !== ''

/** An index has the order: a page is read from where it begins. */
async function pageInOrder(tx: Tx, schoolId: string, query: StudentQuery): Promise<StudentsPage> {
  const { page, limit } = query
  const key = totalKey(schoolId, query)
  const kept = totals.get(key)
  const isYoung = kept !== undefined && performance.now() - kept.atMs < TOTAL_MS_MAX
  const known = kept !== undefined && (isYoung || kept.isCountedAnew) ? kept.total : undefined
  const wanted = living(tx).where(matching(query))
  // One statement, one way to the database: the count comes with each row, unless it is known that there are more than a thousand.
  const few = wanted.select('students.id').limit(sql.lit(COUNTED_MAX + 1))
  const counting = known === undefined ? sql<number>`(select count(*)::int from (${few}) as few)` : sql<number>`0`
  let paged = withBeside(wanted).select(counting.as('few'))
  for (const [column, direction] of inOrder(query)) paged = paged.orderBy(column, direction)
  // Written out: a plan that is kept knows that it is few.
  paged = paged.limit(sql.lit(limit))
  const rows = await (page === 1 ? paged : paged.offset((page - 1) * limit)).execute()
  if (known !== undefined) return { rows, total: known, isCapped: false }
  const counted = rows[0]?.few ?? (page === 1 ? 0 : await countStudents(tx, query))
  if (counted <= COUNTED_MAX) return { rows, total: counted, isCapped: false }
  if (kept !== undefined) kept.isCountedAnew = true
  try {
    const total = await countStudents(tx, query)
    totals.set(key, { total, atMs: performance.now(), isCountedAnew: false })
    return { rows, total, isCapped: false }
  } finally {
    if (kept !== undefined) kept.isCountedAnew = false
  }
}

/** All who are found, then their order, then what stands beside a page of them. */
async function pageOfFound(tx: Tx, query: StudentQuery): Promise<StudentsPage> {
  const { page, limit } = query
  const mayBeMany = onlySearched(query)
  let onPage = foundFirst(tx, query, mayBeMany ? COUNTED_MAX + 1 : null)
    .select(sql<number>`count(*) over ()::int`.as('found'))
    .limit(sql.lit(limit))
    .offset((page - 1) * limit)
  for (const [column, direction] of inOrder(query)) onPage = onPage.orderBy(column, direction)
  let paged = withBeside(living(tx)).innerJoin(onPage.as('on_page'), 'on_page.found_id', 'students.id')
  for (const [column, direction] of inOrder(query)) paged = paged.orderBy(column, direction)
  const rows = await paged.select('on_page.found').execute()
  const total = rows[0]?.found ?? (page === 1 ? 0 : await countStudents(tx, query))
  const isCapped = mayBeMany && total > COUNTED_MAX
  return { rows, total: isCapped ? COUNTED_MAX : total, isCapped }
}

/**
 * The ids of those who are searched, and what they are put in order by. Left to itself the planner walks a school of some
 * ten thousand in the order that is wanted and looks each student up among those found, one after the other: seconds.
 */
function foundFirst(tx: Tx, filters: StudentFilters, atMost: number | null) {
  return tx
    .with(
      cte => cte('matched').materialized(),
      () =>
        living(tx)
          .where(matching(filters, atMost))
          .select(['id', 'last_name', 'first_name', 'student_number', 'created_at', 'enrolled_on']),
    )
    .selectFrom('matched')
    .select('matched.id as found_id')
}

export type StudentsPage = {
  readonly rows: readonly StudentRow[]
  readonly total: number
  /** A search that finds more than a thousand: these are the thousand whose last name begins with it, or any thousand. */
  readonly isCapped: boolean
}

/** Words and nothing else: where other filters come on top, all who have the words are looked through. */
function onlySearched({
  search,
  indexes,
  page: _,
  limit: __,
  sort: ___,
  nowMs: ____,
  ...others
}: StudentQuery): boolean {
  const isPersonal = indexes != null && (indexes.phone !== null || indexes.privateEmail !== null)
  return (
    search !== undefined &&
    searchWords(search).length > 0 &&
    !isPersonal &&
    Object.values(others).every(value => value === undefined)
  )
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
  if (!isSearched(filters)) {
    return withBeside(living(tx).where(matching(filters)))
      .$if(after !== null, students => students.where('id', '>', after!))
      .orderBy('id')
      .limit(limit)
      .execute()
  }
  const next = foundFirst(tx, filters, null)
    .$if(after !== null, matched => matched.where('matched.id', '>', after!))
    .orderBy('matched.id')
    .limit(limit)
  return withBeside(living(tx))
    .innerJoin(next.as('next'), 'next.found_id', 'students.id')
    .orderBy('students.id')
    .execute()
}

export function findStudent(tx: Tx, studentId: string): Promise<StudentRow | undefined> {
  return withBeside(living(tx).where('id', '=', studentId)).executeTakeFirst()
}

/** The living ones of these. */
export function findStudents(tx: Tx, studentIds: readonly string[]): Promise<StudentRow[]> {
  return withBeside(living(tx).where('id', 'in', studentIds)).execute()
}

/** The living students that filters mean, for a `where`; of a search that finds more than `atMost`, so many of them. */
export function matching(filters: StudentFilters, atMost: number | null = null) {
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
      ...(search === undefined || search === '' ? [] : [students('id', 'in', found(search, filters.indexes, atMost))]),
    ])
}

/** Ids of students, living and archived, whose names, number or e-mail have every word. */
export function idsFound(search: string) {
  return sql<string>`(select id from search_students(${searchWords(search)}::text[]))`
}

function found(search: string, indexes: StudentFilters['indexes'], atMost: number | null) {
  const { phone = null, privateEmail = null } = indexes ?? {}
  const byWords = sql`select id from search_students(${searchWords(search)}::text[], ${atMost}::int)`
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

const withBeside = <Chosen>(students: SelectQueryBuilder<Tables, 'students', Chosen>) =>
  students
    .innerJoinLateral(
      eb =>
        eb
          .selectFrom('passes')
          .whereRef('passes.school_id', '=', 'students.school_id')
          .whereRef('passes.student_id', '=', 'students.id')
          .select([sql<number>`count(*)::int`.as('pass_count'), sql<Date | null>`min(revoke_at)`.as('passes_end_at')])
          .as('theirs'),
      join => join.onTrue(),
    )
    .select(COLUMNS.map(column => `students.${column}` as const))
    .select(['theirs.pass_count', 'theirs.passes_end_at'])
    .select(
      sql<
        string | null
      >`(select name from departments where departments.school_id = students.school_id and departments.id = department_id)`.as(
        'department_name',
      ),
    )

const inOrder = ({ sort }: StudentQuery) =>
  SORTS[sort.replace('-', '') as keyof typeof SORTS].map(
    column => [column, sort.startsWith('-') ? 'desc' : 'asc'] as const,
  )

const SORTS = {
  name: [sql`lower(last_name)`, sql`lower(first_name)`, sql`id`],
  studentNumber: [sql`student_number`, sql`id`],
  createdAt: [sql`created_at`, sql`id`],
  enrolledOn: [sql`enrolled_on`, sql`id`],
} as const
