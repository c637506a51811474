import DataLoader from 'dataloader'
import type { Actor } from '../audit/actor.ts'
import { look, STUDENT_IDS_MAX } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import { readsPersonal, type SchoolPerson } from '../http/bind.ts'
import type { Vault } from '../keys/vault.ts'

export type LoaderNeeds = {
  readonly who: SchoolPerson
  readonly needs: { readonly vault: Vault; readonly nowMs: () => number }
  actor(): Actor
  read<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>
}

/** What loaders are made with. */
export type Batch = {
  /** Answers for all of the keys at once, in their order. */
  of<Key, Value, CacheKey = Key>(
    load: (tx: Tx, keys: readonly Key[]) => Promise<readonly Value[]>,
    cacheKeyFn?: (key: Key) => CacheKey,
  ): DataLoader<Key, Value, CacheKey>
  /** Whose rows are shown is in the audit log, once for an operation; not that somebody looked at their own. */
  told(tx: Tx, action: Looked, holderIds: readonly string[]): Promise<void>
}

type Looked =
  | `${'student' | 'pass' | 'application' | 'visitor'}.list`
  | `${'application' | 'visitor'}.read`
  | 'pass.history'

export function batchOf(call: LoaderNeeds): Batch {
  const { who } = call
  const before = new Set<string>()
  return {
    of: (load, cacheKeyFn) =>
      new DataLoader(keys => call.read(tx => load(tx, keys)), cacheKeyFn === undefined ? {} : { cacheKeyFn }),
    async told(tx, action, holderIds) {
      if (who.role === 'student') return
      const ids = [...new Set(holderIds)].filter(id => !before.has(`${action} ${id}`))
      for (const id of ids) before.add(`${action} ${id}`)
      const after = { beside: true, ...(action === 'application.read' && { personal: readsPersonal(who) }) }
      for (let at = 0; at < ids.length; at += STUDENT_IDS_MAX) {
        await look(tx, call.actor(), { action, studentIds: ids.slice(at, at + STUDENT_IDS_MAX), after })
      }
    },
  }
}

/** Of a row, so many. */
export type SomeOf<Key extends string> = { readonly [Name in Key]: string } & { readonly limit: number }

/** Other names with other limits are one statement all the same. */
export const mostOf = (keys: readonly { readonly limit: number }[]) => Math.max(...keys.map(({ limit }) => limit))
