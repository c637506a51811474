import { CompiledQuery } from 'kysely'
import { beforeCommit, committed } from './committing.ts'
import { TURN_TO_SCHOOL } from './frugal-client.ts'
import { ownSchool } from './own-school.ts'
import type { Db, Tx } from './tables.ts'

/**
 * Runs `work` in a transaction that sees the rows of one school and no others; null = the rows of no school (a
 * super_admin and her sessions).
 *
 * Two layers hold, and neither needs the other: the policies of the database, and a filter on each statement. A
 * forgotten `where` finds nothing of another school. Inside, use `tx` and never the `db` outside: an embedded database
 * has one connection, and would wait for itself.
 */
export async function inSchool<Answer>(
  db: Db,
  schoolId: string | null,
  work: (tx: Tx) => Promise<Answer>,
): Promise<Answer> {
  const { tx, answer } = await db.transaction().execute(async begun => {
    const tx = await enterSchool(begun, schoolId)
    const answer = await work(tx)
    await beforeCommit(tx, schoolId)
    return { tx, answer }
  })
  committed(tx)
  return answer
}

/** Turns a transaction to another school, or to none, until it ends. What is to be done there is done with the answer. */
export async function enterSchool(tx: Tx, schoolId: string | null): Promise<Tx> {
  await tx.executeQuery(CompiledQuery.raw(TURN_TO_SCHOOL, [schoolId ?? '']))
  return tx.withoutPlugins().withPlugin(ownSchool(schoolId)) as Tx
}

/**
 * Holds the school's row until the end of the transaction: numbers are given one at a time, and what a pass is issued with is not
 * taken away meanwhile. Taken before any other row, so that two never wait for each other; rows that refer to the school go on.
 */
export async function lockSchool(tx: Tx, schoolId: string): Promise<void> {
  await tx.selectFrom('schools').select('id').where('id', '=', schoolId).forNoKeyUpdate().execute()
}
