import { growingPauses } from '../core/pauses.ts'
import type { ListKeeper } from '../list/list-keeper.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Recorder } from '../recorder.ts'
import { sha256Hex } from '../store/sha256.ts'

const PAUSE_MS_MIN = 500
const PAUSE_MS_MAX = 60_000

export type ListSyncNeeds = {
  readonly keeper: ListKeeper
  /** The signed snapshot of that hash; throws when it cannot be had now. */
  readonly fetchList: (sha256: string, bytesMax: number) => Promise<string>
  readonly recorder: Recorder
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly changed: () => void
}

export type ListSync = {
  /** What came on the list's topic. Only the last one counts. */
  heard(head: string): void
}

/** Follows the signed head: fetches its list, verifies it, puts it in force. What is refused is said once, and the list in force stays. */
export function listSync(needs: ListSyncNeeds, signal: AbortSignal): ListSync {
  const { keeper, fetchList, recorder, clock, random, log, changed } = needs
  let waiting: string | null = null
  let running = false
  let newer = new AbortController()
  let refusedBefore = ''

  const refuse = (document: string, failure: string) => {
    const which = `${failure} ${sha256Hex(document)}`
    if (which === refusedBefore) return
    refusedBefore = which
    const { version } = keeper.facts()
    log.error({ failure, inForce: version }, 'list.refused')
    recorder.record({ kind: failure === 'equivocation' ? 'alarm' : 'list', details: { refused: failure } })
  }

  const follow = async (head: string): Promise<'done' | 'again'> => {
    const promised = await keeper.read(head)
    if (signal.aborted) return 'done'
    if (!promised.ok) {
      refuse(head, promised.failure)
      return 'done'
    }
    if (promised.value === null) return 'done'
    const { snapshotSha256, snapshotBytes } = promised.value
    let snapshot: string
    try {
      snapshot = await fetchList(snapshotSha256, snapshotBytes)
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'list.not_fetched')
      return 'again'
    }
    if (signal.aborted) return 'done'
    const taken = await keeper.take(snapshot, promised.value)
    if (signal.aborted) return 'done'
    if (!taken.ok) {
      refuse(snapshot, taken.failure)
      // Cut short or changed on the way: the next try may bring the right one.
      return taken.failure === 'wrong_hash' || taken.failure === 'wrong_length' ? 'again' : 'done'
    }
    const { version, issuedAtS } = taken.value
    recorder.heardTime(issuedAtS * 1000)
    recorder.record({ kind: 'list', details: { version } })
    log.info({ version }, 'list.in_force')
    changed()
    return 'done'
  }

  const run = async () => {
    const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
    while (waiting !== null && !signal.aborted) {
      const head: string = waiting
      waiting = null
      if ((await follow(head)) === 'done') pauses.reset()
      else {
        waiting ??= head
        newer = new AbortController()
        if (waiting === head) await clock.after(pauses.next(), AbortSignal.any([signal, newer.signal]))
      }
    }
  }

  return {
    heard(head) {
      waiting = head
      newer.abort()
      if (running) return
      running = true
      void run()
        .catch(error => log.error({ error: String(error) }, 'list.failed'))
        .finally(() => {
          running = false
        })
    },
  }
}
