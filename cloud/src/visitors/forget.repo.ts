import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { visitorPath } from './arrivals.repo.ts'

/** In place of a name. */
const FORGOTTEN = '(erased)'

/**
 * Takes out what the entered school keeps of these visitors. Empty rows stay for the passes, which gates go on refusing; what the log
 * and the gates told of them stays, and names nobody.
 */
export async function forgetVisitors(tx: Tx, visitorIds: readonly string[]): Promise<void> {
  if (visitorIds.length === 0) return
  const ids = [...visitorIds]
  const passes = tx.selectFrom('passes').select('pass_id').where('visitor_id', 'in', ids)
  await tx.deleteFrom('visitor_arrivals').where('visitor_id', 'in', ids).execute()
  await tx.deleteFrom('credentials').where('pass_id', 'in', passes).execute()
  await tx.updateTable('passes').set({ note: null }).where('visitor_id', 'in', ids).execute()
  await tx
    .deleteFrom('deliveries')
    .where('kind', '=', 'visitor_arrived')
    .where(sql<boolean>`body::json -> 'data' ->> 'path' = any (${ids.map(visitorPath)}::text[])`)
    .execute()
  // With the ways they went by.
  await tx.deleteFrom('notifications').where('path', 'in', ids.map(visitorPath)).execute()
  await tx
    .updateTable('visitors')
    .set({
      first_name: FORGOTTEN,
      last_name: '',
      organisation: null,
      sealed_contact: null,
      purpose: null,
      search_text: '',
      archived_at: sql`now()`,
      updated_at: sql`now()`,
      version: sql`version + 1`,
    })
    .where('id', 'in', ids)
    .execute()
  await sql`select events_unlink(visitor), audit_erase(visitor, null) from unnest(${ids}::uuid[]) as visitor`.execute(
    tx,
  )
}

/** Forgets visitors whose last visit was over, by its time or by hand, before then. Answers how many, `rowsMax` at most. */
export async function forgetOldVisitors(tx: Tx, before: Date, rowsMax: number): Promise<number> {
  const rows = await tx
    .selectFrom('visitors')
    .select('id')
    .where('archived_at', 'is', null)
    .where('created_at', '<', before)
    .where(
      sql<boolean>`not exists (select from passes where passes.school_id = visitors.school_id
        and passes.visitor_id = visitors.id and least(passes.expires, coalesce(passes.revoked_at, passes.expires)) >= ${before})`,
    )
    .orderBy('id')
    .limit(rowsMax)
    .forUpdate()
    .execute()
  await forgetVisitors(
    tx,
    rows.map(({ id }) => id),
  )
  return rows.length
}
