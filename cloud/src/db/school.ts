import { sql } from 'kysely'
import type { Db, Tx } from './tables.ts'

/**
 * Runs `work` in a transaction that sees the rows of one school and no others; null = the rows of no school (a
 * super_admin and her sessions).
 *
 * The policies hold, not the queries: a forgotten `where` finds nothing of another school. Inside, use `tx` and never
 * the `db` outside: an embedded database has one connection, and would wait for itself.
 */
export function inSchool<Answer>(db: Db, schoolId: string | null, work: (tx: Tx) => Promise<Answer>): Promise<Answer> {
  return db.transaction().execute(async tx => {
    await enterSchool(tx, schoolId)
    return work(tx)
  })
}

/** Turns a transaction to another school, or to none, until it ends. For what must be made in two places or not at all. */
export async function enterSchool(tx: Tx, schoolId: string | null): Promise<void> {
  await sql`select set_config('app.school', ${schoolId ?? ''}, true)`.execute(tx)
}

/**
 * Holds the school's row until the end of the transaction: numbers are given one at a time, and what a pass is issued with is not
 * taken away meanwhile. Taken before any other row, so that two never wait for each other; rows that refer to the school go on.
 */
export async function lockSchool(tx: Tx, schoolId: string): Promise<void> {
  await tx.selectFrom('schools').select('id').where('id', '=', schoolId).forNoKeyUpdate().execute()
}
