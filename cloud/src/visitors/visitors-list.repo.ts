import type { VisitState } from '@gatehouse/shared/wire/api/visitors.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'
import { opensUntil } from '../passes/passes.repo.ts'
import { dayIn, timeZoneOf } from '../schools/time-zone.ts'
import { visitorsFound } from './visitors-found.ts'

export type VisitorFilters = {
  readonly search?: string | undefined
  readonly state?: VisitState | undefined
  readonly hostUserId?: string | undefined
}

export type VisitorQuery = VisitorFilters & {
  readonly page: number
  readonly limit: number
  readonly sort: 'createdAt' | '-createdAt' | 'name' | '-name'
}

export type Now = { readonly nowMs: number; readonly schoolId: string }

export type VisitorRow = Row<'visitors'> & {
  readonly host_name: string | null
  readonly host_active: boolean | null
  /** The pass of the newest visit; null: there was none. */
  readonly visit_pass: string | null
}

/** Visitors that match, a page of them, and how many there are. */
export async function listVisitors(
  tx: Tx,
  { page, limit, sort, ...filters }: VisitorQuery,
  now: Now,
): Promise<{ rows: VisitorRow[]; total: number }> {
  const wanted = await matching(tx, filters, now)
  const { total } = await wanted.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  let rows = shownColumns(wanted)
  for (const column of SORTS[sort.replace('-', '') as keyof typeof SORTS]) rows = rows.orderBy(column, direction)
  return {
    rows: await rows
      .limit(limit)
      .offset((page - 1) * limit)
      .execute(),
    total,
  }
}

/** The same without pages, in the order in which they were entered, from the one after this id on. */
export async function visitorsAfter(
  tx: Tx,
  { after, limit, ...filters }: VisitorFilters & { readonly after: string | null; readonly limit: number },
  now: Now,
): Promise<VisitorRow[]> {
  return shownColumns(await matching(tx, filters, now))
    .$if(after !== null, visitors => visitors.where('visitors.id', '>', after!))
    .orderBy('visitors.id')
    .limit(limit)
    .execute()
}

export function findVisitor(tx: Tx, visitorId: string): Promise<VisitorRow | undefined> {
  return shownColumns(withVisit(tx).where('visitors.id', '=', visitorId)).executeTakeFirst()
}

/** Living ones of these, in no order. */
export function findVisitors(tx: Tx, visitorIds: readonly string[]): Promise<VisitorRow[]> {
  return shownColumns(withVisit(tx).where('visitors.id', 'in', visitorIds)).execute()
}

export type VisitRow = Row<'passes'> & { readonly arrived_at: Date | null; readonly left_at: Date | null }

/** Passes as visits, newest first: these, or the last of each of these visitors. */
export function visitsOf(
  tx: Tx,
  which: { readonly passIds: readonly string[] } | { readonly visitorIds: readonly string[]; readonly ofEach: number },
): Promise<VisitRow[]> {
  const visits = tx
    .selectFrom('passes')
    .leftJoinLateral(
      eb =>
        eb
          .selectFrom('visitor_arrivals')
          .whereRef('visitor_arrivals.school_id', '=', 'passes.school_id')
          .whereRef('visitor_arrivals.pass_id', '=', 'passes.pass_id')
          .select(['arrived_at', 'left_at'])
          .orderBy('day', 'desc')
          .limit(1)
          .as('arrival'),
      join => join.onTrue(),
    )
    .selectAll('passes')
    .select(['arrival.arrived_at', 'arrival.left_at'])
    .orderBy('passes.serial', 'desc')
  if ('passIds' in which) {
    return which.passIds.length === 0
      ? Promise.resolve([])
      : visits.where('passes.pass_id', 'in', [...which.passIds]).execute()
  }
  const numbered = tx
    .selectFrom('passes')
    .where('visitor_id', 'in', which.visitorIds)
    .select(['pass_id', sql<string>`row_number() over (partition by visitor_id order by serial desc)`.as('place')])
  const newest = tx.selectFrom(numbered.as('numbered')).select('pass_id').where('place', '<=', String(which.ofEach))
  return visits.where('passes.pass_id', 'in', newest).execute()
}

/** As the filter `state` says it in SQL. Who arrived yesterday and was seen by no gate going is not taken to be here still. */
export function stateOf(row: VisitRow, timeZone: string, nowMs: number): VisitState {
  if (row.status !== 'active' || opensUntil(row).getTime() <= nowMs) return 'over'
  const isToday = row.arrived_at !== null && dayIn(timeZone, row.arrived_at.getTime()) === dayIn(timeZone, nowMs)
  return isToday && row.left_at === null ? 'inside' : 'expected'
}

async function matching(tx: Tx, { search, state, hostUserId }: VisitorFilters, { nowMs, schoolId }: Now) {
  const today = dayIn(await timeZoneOf(tx, schoolId), nowMs)
  const open = sql<boolean>`(visit.status = 'active' and visit.expires > ${new Date(nowMs)})`
  const here = sql<boolean>`exists (select from visitor_arrivals where visitor_arrivals.school_id = visitors.school_id
    and visitor_arrivals.pass_id = visit.pass_id and day = ${today} and left_at is null)`
  const states = {
    inside: sql<boolean>`(${open} and ${here})`,
    expected: sql<boolean>`(${open} and not ${here})`,
    over: sql<boolean>`coalesce(not ${open}, true)`,
  }
  return withVisit(tx)
    .$if(search !== undefined && search !== '', visitors => visitors.where('visitors.id', 'in', visitorsFound(search!)))
    .$if(hostUserId !== undefined, visitors => visitors.where('visitors.host_user_id', '=', hostUserId!))
    .$if(state !== undefined, visitors => visitors.where(states[state!]))
}

const withVisit = (tx: Tx) =>
  tx
    .selectFrom('visitors')
    .leftJoinLateral(
      eb =>
        eb
          .selectFrom('passes')
          .whereRef('passes.school_id', '=', 'visitors.school_id')
          .whereRef('passes.visitor_id', '=', 'visitors.id')
          .select(['pass_id', 'status', 'expires'])
          .orderBy('serial', 'desc')
          .limit(1)
          .as('visit'),
      join => join.onTrue(),
    )
    .where('visitors.archived_at', 'is', null)

const shownColumns = (visitors: ReturnType<typeof withVisit>) =>
  visitors
    .leftJoin('users', join =>
      join.onRef('users.school_id', '=', 'visitors.school_id').onRef('users.id', '=', 'visitors.host_user_id'),
    )
    .selectAll('visitors')
    .select(['users.display_name as host_name', 'users.active as host_active', 'visit.pass_id as visit_pass'])

const SORTS = {
  createdAt: [sql`visitors.created_at`, sql`visitors.id`],
  name: [sql`lower(visitors.last_name)`, sql`lower(visitors.first_name)`, sql`visitors.id`],
} as const
