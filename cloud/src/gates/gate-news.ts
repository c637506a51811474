import { sql } from 'kysely'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Log } from '../http/log.ts'
import { startForEachSchool } from '../jobs/each-school.ts'
import { readGateRules } from '../lists/gate-rules.repo.ts'
import { notify } from '../notifications/notify.ts'

const EVERY_MS = 60_000
/** A gate that is back sooner is not worth a word: it was started anew, or a cable was moved. */
export const OFFLINE_MS = 5 * 60_000
/** Who looks after gates, and who stands at them. */
export const GATE_PEOPLE = ['gate:update', 'pass:suspend'] as const

/** Tells people of gates that are away and of lists that have grown old, each time once, until it is stopped. */
export function startGateNews({
  db,
  nowMs,
  log,
}: {
  readonly db: Db
  readonly nowMs: () => number
  readonly log: Log
}): () => Promise<void> {
  return startForEachSchool({ db, log, everyMs: EVERY_MS, failed: 'gates.not_told' }, schoolId =>
    inSchool(db, schoolId, async tx => {
      await tellOfOffline(tx, schoolId, nowMs())
      await tellOfOldLists(tx, schoolId, nowMs())
    }),
  )
}

/** Gates that were connected once and are away for {@link OFFLINE_MS}. Answers how many were told of. */
export function tellOfOffline(tx: Tx, schoolId: string, nowMs: number): Promise<number> {
  return tellOf(tx, schoolId, 'gate_offline', {
    since: sql<Date>`states.since`,
    where: sql<boolean>`not states.online and states.since <= ${new Date(nowMs - OFFLINE_MS).toISOString()}::timestamptz`,
  })
}

/** Connected gates whose list is older than the school calls fresh: passes that were revoked since still open them. */
export async function tellOfOldLists(tx: Tx, schoolId: string, nowMs: number): Promise<number> {
  const { rules } = await readGateRules(tx, schoolId)
  const issuedAt = sql<Date>`to_timestamp((states.state ->> 'listIssuedAtS')::bigint)`
  const from = new Date(nowMs - rules.lease.freshS * 1000).toISOString()
  return tellOf(tx, schoolId, 'list_stale', {
    since: issuedAt,
    where: sql<boolean>`states.online and states.since <= ${from}::timestamptz and ${issuedAt} <= ${from}::timestamptz`,
  })
}

/** The states are held until the commit: of two processes that look at once, one tells. */
async function tellOf(
  tx: Tx,
  schoolId: string,
  kind: 'gate_offline' | 'list_stale',
  { since, where }: { readonly since: ReturnType<typeof sql<Date>>; readonly where: ReturnType<typeof sql<boolean>> },
): Promise<number> {
  const { rows } = await sql<{ id: string; name: string; since: Date }>`
    select gates.id, gates.name, ${since} as since from gate_states as states
    join gates on gates.school_id = states.school_id and gates.id = states.gate_id
    where states.school_id = ${schoolId} and gates.enrolled_at is not null and ${where}
      and not exists (
        select from notifications where notifications.school_id = states.school_id and notifications.kind = ${kind}
          and notifications.path = '/gates/' || gates.id::text and notifications.made_at >= ${since}
      )
    order by gates.id
    for no key update of states skip locked`.execute(tx)
  for (const { id, name, since: at } of rows) {
    await notify(tx, schoolId, {
      kind,
      to: { right: GATE_PEOPLE },
      facts: { gate: name, since: at.toISOString() },
      path: `/gates/${id}`,
    })
  }
  return rows.length
}
