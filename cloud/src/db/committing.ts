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

const after = new WeakMap<Tx, (() => void)[]>()

/** Done once the transaction that was entered has committed; never, where it did not. */
export function onceCommitted(tx: Tx, done: () => void): void {
  const list = after.get(tx)
  if (list === undefined) after.set(tx, [done])
  else list.push(done)
}

export function committed(tx: Tx): void {
  for (const done of after.get(tx) ?? []) done()
}
