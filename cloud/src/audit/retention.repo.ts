import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { RETENTION, type RetentionDays, type RetentionKind } from '@gatehouse/shared/wire/api/retention.ts'
import { sql } from 'kysely'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { forgetOldVisitors } from '../visitors/forget.repo.ts'
import { type Actor, THE_SERVICE } from './actor.ts'
import { audit, changes } from './audit.ts'
import { forgetIn, thinSignIns } from './forget.repo.ts'

const OWN_DAYS = Object.fromEntries(Object.entries(RETENTION).map(([kind, { days }]) => [kind, days])) as RetentionDays

export type KeptRetention = { readonly version: number; readonly days: RetentionDays }

/** The figures of the school that was entered. */
export async function readRetention(tx: Tx): Promise<KeptRetention> {
  const row = await tx.selectFrom('retention').selectAll().executeTakeFirst()
  return row === undefined
    ? { version: 0, days: OWN_DAYS }
    : { version: row.version, days: { ...OWN_DAYS, ...row.days } as RetentionDays }
}

/** `ifMatch`: only if nobody changed them since. */
export async function saveRetention(
  tx: Tx,
  actor: Actor,
  days: RetentionDays,
  ifMatch: number | null,
): Promise<Result<KeptRetention, 'changed_meanwhile'>> {
  const before = await readRetention(tx)
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  const next = { version: before.version + 1, days: JSON.stringify(days), changed_at: new Date(actor.nowMs) }
  const saved = await tx
    .insertInto('retention')
    .values({ school_id: actor.schoolId, ...next })
    .onConflict(on => on.column('school_id').doUpdateSet(next).where('retention.version', '=', before.version))
    .returning('version')
    .executeTakeFirst()
  if (saved === undefined) return fail('changed_meanwhile')
  await audit(tx, actor, { action: 'retention.update', ...changes(before.days, days) })
  return ok({ version: next.version, days })
}

const DAY_MS = 86_400_000
const ROWS_MAX = 5_000

/**
 * Lets go of what the school, or the platform, no longer keeps: some thousand rows a transaction, so that nobody waits,
 * until nothing is left. What went is told in the audit log, with how many.
 */
export async function forgetByRetention(db: Db, schoolId: string | null, nowMs: number): Promise<void> {
  const { days } = schoolId === null ? { days: OWN_DAYS } : await inSchool(db, schoolId, readRetention)
  const before = (kind: RetentionKind) => new Date(nowMs - days[kind] * DAY_MS)
  const gone: Record<string, number> = {}
  for (const kind of Object.keys(RETENTION) as RetentionKind[]) {
    for (;;) {
      const rows = await inSchool(db, schoolId, tx => FORGET[kind](tx, before(kind)))
      gone[kind] = (gone[kind] ?? 0) + rows
      if (rows < ROWS_MAX) break
    }
  }
  const after = Object.fromEntries(Object.entries(gone).filter(([, rows]) => rows > 0))
  if (Object.keys(after).length === 0) return
  await inSchool(db, schoolId, tx =>
    audit(tx, { schoolId, nowMs, by: THE_SERVICE }, { action: 'retention.run', after }),
  )
}

/** Each lets go of `ROWS_MAX` at most, and answers how many it did. */
const FORGET: Record<RetentionKind, (tx: Tx, before: Date) => Promise<number>> = {
  async events(tx, before) {
    const { rows } = await sql<{ n: string }>`select events_forget(${before}::timestamptz, ${ROWS_MAX}) as n`.execute(
      tx,
    )
    return Number(rows[0]!.n)
  },
  async deadLetters(tx, before) {
    const old = tx.selectFrom('event_dead_letters').select('id').where('received_at', '<', before).limit(ROWS_MAX)
    const { numDeletedRows } = await tx.deleteFrom('event_dead_letters').where('id', 'in', old).executeTakeFirst()
    return Number(numDeletedRows)
  },
  visitors: (tx, before) => forgetOldVisitors(tx, before, ROWS_MAX),
  audit: async (tx, before) => Number(await forgetIn(tx, before, ROWS_MAX)),
  signIns: async (tx, before) => Number(await thinSignIns(tx, before, ROWS_MAX)),
}
