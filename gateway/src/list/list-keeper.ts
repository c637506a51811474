import { acceptDelta, acceptHead, type ListState } from '@gatehouse/shared/list/acceptance.ts'
import type { ListHead } from '@gatehouse/shared/list/documents.ts'
import type { ListPass } from '@gatehouse/shared/list/rows.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Journal } from '../store/journal.ts'
import type { DeltaFailure, ListFacts, ListStore } from '../store/list-store.ts'
import { type Carried, decodeCarried } from './carried-list.ts'
import type { Trust } from './trust.ts'
import type { Files, Signed } from './verified-list.ts'
import { type VerifiedDelta, verifyDelta } from './verify-delta.ts'
import { type ListFailure, verifyHead, verifyPolicy, verifyTables } from './verify-list.ts'

/** `unreadable`: the rows were damaged and could not be made anew; nothing is decided from them. */
export type Lookup<Row = ListPass> = Result<Row | null, 'unreadable'>

/** Steps that are followed one by one; who is further behind takes the list whole. */
const STEPS_MAX = 20

/** Deltas that may lie beside a list's files: rebuilding does them all again. */
const STEPS_KEPT_MAX = 200

/** A head that may be followed, and what is to be fetched for it. */
export type Wanted = {
  readonly head: ListHead
  readonly headJws: string
  /** Hash of the policy, null when the one in force is meant. */
  readonly policy: string | null
  /** Versions whose deltas are to be fetched, in order. */
  readonly steps: readonly number[]
  /** Whether the tables are to be fetched; else the steps go on from the list in force. */
  readonly files: ListHead['snapshot']['files'] | null
}

/** What was fetched for it. */
export type Parts = {
  readonly policyJws: string | null
  readonly deltas: readonly string[]
  readonly files: Files | null
}

/** `recut`, `damaged`: the steps do not lead on from here, and the list is wanted whole. */
export type TakeFailure = ListFailure | 'recut' | 'damaged'

export type ListKeeper = {
  facts(): ListFacts
  /** The row of a card or of a pass. Damaged rows are made anew first, from what was verified. */
  find(by: 'card' | 'pass', key: string): Promise<Lookup>
  /** The compressed point of the phone that is bound to a pass. */
  deviceKey(passId: string): Promise<Lookup<string>>
  /** What a head from the network asks for; null when its list is in force and whole, which it confirms. */
  read(headJws: string, whole?: boolean): Promise<Result<Wanted | null, ListFailure>>
  /** Puts in force what was wanted. */
  take(wanted: Wanted, parts: Parts): Promise<Result<ListFacts, TakeFailure>>
  /** A list that came by hand: it may be past its expiry when its version is higher. */
  carry(text: string): Promise<Result<ListFacts, ListFailure>>
}

export type ListKeeperNeeds = {
  readonly store: ListStore
  readonly tenant: string
  readonly scope: string
  readonly trust: Trust
  /** Where the state is kept a second time. */
  readonly journal: Pick<Journal, 'listState' | 'keepListState'>
  /** The gate's time, and whether somebody signed it: while nobody has, a head cannot be too far ahead of it or too old. */
  readonly now: () => { readonly epochS: number; readonly confirmed: boolean }
  /** Told when rows were found damaged, and whether they could be rebuilt. */
  readonly damaged: (rebuilt: boolean) => void
}

/** The list in force: verified before it is used, and again when its rows turned out damaged. */
export function keepList(needs: ListKeeperNeeds): ListKeeper {
  const { store, tenant, scope, trust, journal, damaged } = needs
  let rebuilding: Promise<boolean> | null = null
  let whole = true

  const state = (): ListState => {
    const [ours, kept] = [store.facts(), journal.listState()]
    if (kept === null || !isAhead(kept, ours)) return { ...ours, frozen: ours.frozen || kept?.frozen === true }
    return kept
  }

  const accept = (head: ListHead, source: 'network' | 'hand') => {
    const { epochS, confirmed } = needs.now()
    const nowS = confirmed ? epochS : head.issuedAtS
    return acceptHead(state(), head, { tenant, scope, trustEpoch: trust.epoch, nowS, source })
  }

  /** Deltas whose signatures hold and of which each follows from the one before, the last being the head's. */
  const follow = async (
    jwss: readonly string[],
    from: ListState | null,
    head: ListHead,
  ): Promise<Result<VerifiedDelta[], ListFailure>> => {
    const deltas: VerifiedDelta[] = []
    let at = from
    for (const jws of jwss) {
      const read = await verifyDelta(jws, trust)
      if (!read.ok) return read
      const { delta, hash } = read.value
      // The first step from a snapshot: its root is signed, the delta that led to it is not known.
      at ??= {
        epoch: head.epoch,
        version: head.snapshot.version,
        issuedAtS: 0,
        stateRoot: head.snapshot.stateRoot,
        deltaHash: delta.previousDelta,
        frozen: false,
      }
      const next = acceptDelta(at, delta, { tenant, scope })
      if (!next.ok) return next
      at = { ...at, version: delta.to, stateRoot: delta.rootAfter, deltaHash: hash }
      deltas.push(read.value)
    }
    const version = at?.version ?? head.snapshot.version
    if (version !== head.version) return fail('gap')
    if (at !== null && at.deltaHash !== head.deltaHash) return fail('fork')
    return ok(deltas)
  }

  const signedOf = async (head: ListHead, headJws: string, policyJws: string): Promise<Result<Signed, ListFailure>> => {
    const policy = await verifyPolicy(policyJws, head, trust)
    return policy.ok ? ok({ head, headJws, policy: policy.value, policyJws }) : policy
  }

  const put = async (signed: Signed, base: ListHead, parts: Omit<Carried, 'headJws' | 'policyJws'>) => {
    const tables = await verifyTables(parts.files, base.snapshot)
    if (!tables.ok) return tables
    const deltas = await follow(parts.deltas, null, { ...signed.head, snapshot: base.snapshot })
    if (!deltas.ok) return deltas
    const { files, baseJws } = parts
    return store.apply({ ...signed, baseJws, files, tables: tables.value, deltas: deltas.value })
  }

  const settled = (): ListFacts => {
    whole = true
    journal.keepListState(store.facts())
    return store.facts()
  }

  const rebuild = async (): Promise<boolean> => {
    const kept = store.kept()
    store.quarantine()
    whole = kept !== null && (await again(kept))
    damaged(whole)
    return whole
  }
  const again = async (kept: Carried): Promise<boolean> => {
    const [head, base] = [await verifyHead(kept.headJws, trust), await verifyHead(kept.baseJws, trust)]
    if (!head.ok || !base.ok) return false
    const signed = await signedOf(head.value, kept.headJws, kept.policyJws)
    return signed.ok && (await put(signed.value, base.value, kept)).ok
  }

  const lookUp = async <Row>(read: () => Result<Row | null, 'damaged'>): Promise<Lookup<Row>> => {
    const found = read()
    if (found.ok) return found
    rebuilding ??= whole
      ? rebuild().finally(() => {
          rebuilding = null
        })
      : null
    if (rebuilding === null || !(await rebuilding)) return fail('unreadable')
    const second = read()
    return second.ok ? second : fail('unreadable')
  }

  return {
    facts: () => store.facts(),
    find: (by, key) => lookUp(() => (by === 'card' ? store.findByCard(key) : store.findByPass(key))),
    deviceKey: passId => lookUp(() => store.deviceKey(passId)),
    async read(headJws, takeWhole = false) {
      const read = await verifyHead(headJws, trust)
      if (!read.ok) return read
      const head = read.value
      const accepted = accept(head, 'network')
      if (!accepted.ok) {
        if (accepted.failure === 'equivocation') {
          await store.freeze()
          journal.keepListState({ ...state(), frozen: true })
        }
        return accepted
      }
      const ours = store.facts()
      if (head.version === ours.version && head.epoch === ours.epoch && whole) {
        await store.confirm({ head, headJws })
        journal.keepListState(store.facts())
        return ok(null)
      }
      const policy = head.policyHash === ours.policyHash && store.policyJws() !== null ? null : head.policyHash
      const behind = head.version - ours.version
      const bySteps =
        !takeWhole &&
        whole &&
        ours.version > 0 &&
        head.epoch === ours.epoch &&
        behind <= STEPS_MAX &&
        store.steps() + behind <= STEPS_KEPT_MAX
      const from = bySteps ? ours.version : head.snapshot.version
      const steps = Array.from({ length: Math.max(0, head.version - from) }, (_, at) => from + at + 1)
      return ok({ head, headJws, policy, steps, files: bySteps ? null : head.snapshot.files })
    },
    async take({ head, headJws }, { policyJws, deltas, files }) {
      const before = policyJws ?? store.policyJws()
      if (before === null) return fail('wrong_file')
      const signed = await signedOf(head, headJws, before)
      if (!signed.ok) return signed
      let done: Result<null, ListFailure | DeltaFailure>
      if (files === null) {
        const steps = await follow(deltas, store.facts(), head)
        done = steps.ok ? await store.step(signed.value, steps.value) : steps
      } else done = await put(signed.value, head, { baseJws: headJws, deltas, files })
      return done.ok ? ok(settled()) : done
    },
    async carry(text) {
      const carried = decodeCarried(text)
      if (!carried.ok) return carried
      const { headJws, policyJws, baseJws } = carried.value
      const [head, base] = [await verifyHead(headJws, trust), await verifyHead(baseJws, trust)]
      if (!head.ok) return head
      if (!base.ok) return base
      const accepted = accept(head.value, 'hand')
      if (!accepted.ok) return accepted
      if (accepted.value === 'in_force' && store.facts().version === head.value.version && whole) return ok(settled())
      const signed = await signedOf(head.value, headJws, policyJws)
      if (!signed.ok) return signed
      const done = await put(signed.value, base.value, carried.value)
      if (done.ok) return ok(settled())
      return fail(done.failure === 'recut' || done.failure === 'damaged' ? 'wrong_root' : done.failure)
    },
  }
}

function isAhead(a: ListState, b: ListState): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.version > b.version)
}
