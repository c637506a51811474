import type { PassRow } from '@gatehouse/shared/list/snapshot.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { ListFacts, ListStore } from '../store/list-store.ts'
import type { Trust } from './trust.ts'
import { type ListExpected, type ListFailure, type Promised, verifyHead, verifyList } from './verify-list.ts'

/** `unreadable`: the rows were damaged and could not be made anew; nothing is decided from them. */
export type Lookup = Result<PassRow | null, 'unreadable'>

export type ListKeeper = {
  facts(): ListFacts
  /** The row of a card or of a pass. Damaged rows are made anew first, from the snapshot that was verified. */
  find(by: 'card' | 'pass', key: string): Promise<Lookup>
  /** The promise of a head to fetch the snapshot of; null when that list is in force and whole. */
  read(head: string): Promise<Result<Promised, ListFailure>>
  /** Puts a snapshot in force. */
  take(snapshot: string, promised: Promised): Promise<Result<ListFacts, ListFailure>>
}

export type ListKeeperNeeds = {
  readonly store: ListStore
  readonly tenant: string
  readonly scope: string
  readonly trust: Trust
  /** Told when rows were found damaged, and whether they could be rebuilt. */
  readonly damaged: (rebuilt: boolean) => void
}

/** The list in force: verified before it is used, and again when its rows turned out damaged. */
export function keepList({ store, tenant, scope, trust, damaged }: ListKeeperNeeds): ListKeeper {
  let rebuilding: Promise<boolean> | null = null
  let whole = true

  const inForce = (): ListExpected => {
    const { version, sha256 } = store.facts()
    return { tenant, scope, trust, inForce: version === 0 ? null : { version, sha256 } }
  }

  const rebuild = async (): Promise<boolean> => {
    const snapshot = store.snapshot()
    const list = snapshot === null ? null : await verifyList(snapshot, null, inForce())
    whole = list?.ok === true
    if (list?.ok === true) await store.rebuild(list.value)
    damaged(whole)
    return whole
  }

  const lookUp = (by: 'card' | 'pass', key: string) => (by === 'card' ? store.findByCard(key) : store.findByPass(key))

  return {
    facts: () => store.facts(),
    async find(by, key) {
      const found = lookUp(by, key)
      if (found.ok) return found
      rebuilding ??= whole
        ? rebuild().finally(() => {
            rebuilding = null
          })
        : null
      if (rebuilding === null || !(await rebuilding)) return fail('unreadable')
      const again = lookUp(by, key)
      return again.ok ? again : fail('unreadable')
    },
    async read(head) {
      const read = await verifyHead(head, inForce())
      if (!read.ok) return read
      return ok(read.value.version === store.facts().version && whole ? null : read.value)
    },
    async take(snapshot, promised) {
      const list = await verifyList(snapshot, promised, inForce())
      if (!list.ok) return list
      if (list.value.version > store.facts().version) await store.apply(list.value)
      else if (!whole) await store.rebuild(list.value)
      whole = true
      return ok(store.facts())
    },
  }
}
