import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { ACTIVE_MS } from '../live/survey.ts'

/** How a school's gates and jobs are at a moment. */
export type SystemMetrics = {
  readonly gatesOnline: number
  /** Set up. */
  readonly gatesTotal: number
  /** Over the last minute. */
  readonly eventsPerSecond: number
  /** From an event at its gate to its row, on average over the last five minutes; null: there was none. */
  readonly ingestLagMs: number | null
  /** Of the lists that connected gates decide by; null: none of them said. */
  readonly oldestListAgeS: number | null
  readonly jobsWaiting: number
  /** Failed, and waiting for a person. */
  readonly jobsDead: number
  /** Used in the last 20 minutes. */
  readonly sessions: number
  /** ISO 8601 */
  readonly at: string
}

const RATE_S = 60
const LAG_MS = 5 * 60_000

type Row = Pick<SystemMetrics, 'gatesOnline' | 'gatesTotal' | 'jobsWaiting' | 'jobsDead' | 'sessions'> & {
  readonly events: number
  readonly lag_ms: number | null
  /** Seconds since 1970. */
  readonly list_at: string | null
}

/** One statement, by plain SQL. */
export async function readSystemMetrics(tx: Tx, schoolId: string, nowMs: number): Promise<SystemMetrics> {
  const before = (ms: number) => sql`${new Date(nowMs - ms)}::timestamptz`
  const school = sql`${schoolId}::uuid`
  const { rows } = await sql<Row>`
    select
      (select count(*)::int from gate_states where school_id = ${school} and online) as "gatesOnline",
      (select count(*)::int from gates where school_id = ${school} and enrolled_at is not null) as "gatesTotal",
      (select count(*)::int from access_events where school_id = ${school} and event_time > ${before(RATE_S * 1000)}) as events,
      (select avg(extract(epoch from received_at - event_time) * 1000)::int from access_events
        where school_id = ${school} and event_time > ${before(LAG_MS)}) as lag_ms,
      (select min((state ->> 'listIssuedAtS')::bigint)::text from gate_states
        where school_id = ${school} and online) as list_at,
      (select count(*)::int from jobs where school_id = ${school} and state = 'waiting') as "jobsWaiting",
      (select count(*)::int from jobs where school_id = ${school} and state = 'failed') as "jobsDead",
      (select count(*)::int from sessions where school_id = ${school} and ended_at is null
        and used_at > ${before(ACTIVE_MS)}) as sessions`.execute(tx)
  const { events, lag_ms, list_at, ...counts } = rows[0]!
  return {
    ...counts,
    eventsPerSecond: events / RATE_S,
    // A gate's clock may be ahead of ours.
    ingestLagMs: lag_ms === null ? null : Math.max(0, lag_ms),
    oldestListAgeS: list_at === null ? null : Math.max(0, Math.round(nowMs / 1000 - Number(list_at))),
    at: new Date(nowMs).toISOString(),
  }
}
