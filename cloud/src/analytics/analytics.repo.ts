import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import type { PassStatus } from '../passes/tables.ts'

/** What figures are of; null: of everything. Times in ms since 1970, `toMs` not included. */
export type AnalyticsAsked = {
  readonly departmentId: string | null
  readonly gateId: string | null
  readonly fromMs: number
  readonly toMs: number
  /** A day is one of this zone. */
  readonly timeZone: string
  readonly nowMs: number
}

export type TrendDay = {
  /** `2026-09-01` */
  readonly day: string
  readonly applications: number
  readonly granted: number
  readonly refused: number
}

export type Analytics = {
  /** Submitted in the time asked for. */
  readonly totalApplications: number
  /** At this moment. */
  readonly activeStudents: number
  /** Passes at this moment by what they are; `expired`: their time is over. */
  readonly passDistribution: readonly { readonly status: PassStatus | 'expired'; readonly count: number }[]
  readonly accessEvents: { readonly total: number; readonly granted: number; readonly refused: number }
  /** Days on which something happened, oldest first. */
  readonly trends: readonly TrendDay[]
  /** ISO 8601 */
  readonly generatedAt: string
}

/** Figures of the school, each counted anew. */
export async function readAnalytics(tx: Tx, asked: AnalyticsAsked): Promise<Analytics> {
  const events = await eventDays(tx, asked)
  const applications = await applicationDays(tx, asked)
  const sum = (of: (day: (typeof events)[number]) => number) => events.reduce((total, day) => total + of(day), 0)
  return {
    totalApplications: applications.reduce((total, { count }) => total + count, 0),
    activeStudents: await activeStudents(tx, asked),
    passDistribution: await passDistribution(tx, asked),
    accessEvents: { total: sum(day => day.total), granted: sum(day => day.granted), refused: sum(day => day.refused) },
    trends: trendsOf(events, applications),
    generatedAt: new Date(asked.nowMs).toISOString(),
  }
}

type EventDay = { readonly day: string; readonly total: number; readonly granted: number; readonly refused: number }

function eventDays(tx: Tx, { fromMs, toMs, gateId, departmentId, timeZone }: AnalyticsAsked): Promise<EventDay[]> {
  const counted = (kind: 'granted' | 'refused') => sql<number>`count(*) filter (where kind = ${sql.lit(kind)})::int`
  return tx
    .selectFrom('access_events')
    .where('event_time', '>=', new Date(fromMs))
    .where('event_time', '<', new Date(toMs))
    .$if(gateId !== null, rows => rows.where('gate_id', '=', gateId!))
    .$if(departmentId !== null, rows => rows.where(inDepartment(tx, departmentId!)))
    .select([
      dayOf('event_time', timeZone).as('day'),
      sql<number>`count(*)::int`.as('total'),
      counted('granted').as('granted'),
      counted('refused').as('refused'),
    ])
    .groupBy('day')
    .orderBy('day')
    .execute()
}

function applicationDays(tx: Tx, { fromMs, toMs, departmentId, timeZone }: AnalyticsAsked) {
  return tx
    .selectFrom('applications')
    .where('submitted_at', '>=', new Date(fromMs))
    .where('submitted_at', '<', new Date(toMs))
    .$if(departmentId !== null, rows => rows.where(inDepartment(tx, departmentId!)))
    .select([dayOf('submitted_at', timeZone).as('day'), sql<number>`count(*)::int`.as('count')])
    .groupBy('day')
    .orderBy('day')
    .execute()
}

async function activeStudents(tx: Tx, { departmentId }: AnalyticsAsked): Promise<number> {
  const { count } = await tx
    .selectFrom('students')
    .where('archived_at', 'is', null)
    .where('status', '=', 'active')
    .$if(departmentId !== null, rows => rows.where('department_id', '=', departmentId!))
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function passDistribution(tx: Tx, { departmentId, nowMs }: AnalyticsAsked) {
  const now = new Date(nowMs)
  return tx
    .selectFrom('passes')
    .$if(departmentId !== null, rows => rows.where(inDepartment(tx, departmentId!)))
    .select([
      sql<
        PassStatus | 'expired'
      >`case when status = 'active' and least(expires, revoke_at) <= ${now}::timestamptz then 'expired' else status end`.as(
        'seen',
      ),
      sql<number>`count(*)::int`.as('count'),
    ])
    .groupBy('seen')
    .orderBy('seen')
    .execute()
    .then(rows => rows.map(({ seen, count }) => ({ status: seen, count })))
}

const dayOf = (column: 'event_time' | 'submitted_at', timeZone: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone ${timeZone}, 'YYYY-MM-DD')`

/** Whoever is of the department today. */
function inDepartment(tx: Tx, departmentId: string) {
  const students = tx.selectFrom('students').select('id').where('department_id', '=', departmentId)
  return sql<boolean>`student_id in ${students}`
}

function trendsOf(
  events: readonly EventDay[],
  applications: readonly { readonly day: string; readonly count: number }[],
): TrendDay[] {
  const submitted = new Map(applications.map(({ day, count }) => [day, count]))
  const happened = new Map(events.map(event => [event.day, event]))
  return [...new Set([...submitted.keys(), ...happened.keys()])].toSorted().map(day => ({
    day,
    applications: submitted.get(day) ?? 0,
    granted: happened.get(day)?.granted ?? 0,
    refused: happened.get(day)?.refused ?? 0,
  }))
}
