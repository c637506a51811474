import { AsyncLocalStorage } from 'node:async_hooks'
import type { Tx } from './tables.ts'

/** What the request in hand wants done at the end of each of its transactions, before the commit. */
type Committing = (tx: Tx, schoolId: string | null) => Promise<void>

const wanted = new AsyncLocalStorage<Committing>()

/** Runs `work`; what `committing` writes is there exactly where what a transaction of `work` wrote is. */
export function whileCommitting<Answer>(committing: Committing, work: () => Promise<Answer>): Promise<Answer> {
  return wanted.run(committing, work)
}

export async function beforeCommit(tx: Tx, schoolId: string | null): Promise<void> {
  await wanted.getStore()?.(tx, schoolId)
}
