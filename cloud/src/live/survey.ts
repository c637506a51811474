import { ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { sql } from 'kysely'
import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'

/** A session is used anew when its token of 15 minutes ends; a little more, so that nobody flickers. */
export const ACTIVE_MS = 20 * 60_000

/** Numbers of the installation, of all schools together. */
export type Survey = {
  readonly gatesEnrolled: number
  readonly gatesOnline: number
  /** When the oldest list was issued that a connected gate decides by; null: none said so. */
  readonly oldestListAtMs: number | null
  /** People who used a session in the last 20 minutes. */
  readonly activeUsers: Readonly<Record<Role, number>>
}

/** A short statement for each school, one after the other; who reads meters keeps the answer for a while. */
export async function surveyGatehouse(db: Db, nowMs: number): Promise<Survey> {
  const activeUsers = Object.fromEntries(ROLES.map(role => [role, 0])) as Record<Role, number>
  let [gatesEnrolled, gatesOnline, oldestListAtMs] = [0, 0, null as number | null]
  for (const schoolId of [null, ...(await findSchools(db)).map(({ id }) => id)]) {
    const one = await inSchool(db, schoolId, tx => surveySchool(tx, new Date(nowMs - ACTIVE_MS)))
    gatesEnrolled += one.enrolled
    gatesOnline += one.online
    const listAtMs = one.list_at === null ? null : Number(one.list_at) * 1000
    if (listAtMs !== null && (oldestListAtMs === null || listAtMs < oldestListAtMs)) oldestListAtMs = listAtMs
    for (const { role, count } of one.active) activeUsers[role] += count
  }
  return { gatesEnrolled, gatesOnline, oldestListAtMs, activeUsers }
}

type Row = {
  readonly enrolled: number
  readonly online: number
  /** Seconds since 1970. */
  readonly list_at: string | null
  readonly active: readonly { readonly role: Role; readonly count: number }[]
}

async function surveySchool(tx: Tx, usedSince: Date): Promise<Row> {
  const { rows } = await sql<Row>`
    select
      (select count(*)::int from gates where enrolled_at is not null) as enrolled,
      (select count(*)::int from gate_states where online) as online,
      (select min((state ->> 'listIssuedAtS')::bigint)::text from gate_states where online) as list_at,
      (select coalesce(json_agg(json_build_object('role', role, 'count', people)), '[]'::json) from (
        select users.role, count(distinct users.id)::int as people from sessions
        join users on users.id = sessions.user_id
        where sessions.ended_at is null and sessions.used_at > ${usedSince}::timestamptz group by users.role) as used) as active`.execute(
    tx,
  )
  return rows[0]!
}
