import { sql } from 'kysely'
import type { Db } from '../db/tables.ts'
import { type Log, said } from '../http/log.ts'

const EVERY_MS = 500
const ROWS_MAX = 1_000

/** Gives rows that were committed their places in the chains, and answers how many. Several processes may. */
export async function sealAudit(db: Db): Promise<number> {
  let sealed = 0
  for (;;) {
    const { rows } = await sql<{ n: number }>`select audit_seal(${ROWS_MAX}) as n`.execute(db)
    const { n } = rows[0]!
    sealed += n
    if (n < ROWS_MAX) return sealed
  }
}

/** Seals twice a second until it is stopped; then once more, for what came last. */
export function startSealer({ db, log }: { readonly db: Db; readonly log: Log }): () => Promise<void> {
  const once = () =>
    sealAudit(db).then(
      () => {},
      problem => log.error({ problem: said(problem) }, 'audit.seal_failed'),
    )
  let running = once()
  const timer = setInterval(() => {
    running = running.then(once)
  }, EVERY_MS)
  return async () => {
    clearInterval(timer)
    await running
    await once()
  }
}
