import { growingPauses } from '../core/pauses.ts'
import type { ListKeeper, Parts, Wanted } from '../list/list-keeper.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Recorder } from '../recorder.ts'
import { sha256Hex } from '../store/sha256.ts'

const PAUSE_MS_MIN = 500
const PAUSE_MS_MAX = 60_000

export type ListSyncNeeds = {
  readonly keeper: ListKeeper
  /** What a head asks for; throws when it cannot be had now. */
  readonly fetchParts: (wanted: Wanted) => Promise<Parts>
  readonly recorder: Recorder
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly changed: () => void
}

export type ListSync = {
  /**
   * What came on the list's topic. Only the last one counts. `live`: it was sent just now, so the time in it is the present one; the broker
   * may have kept the other kind for long.
   */
  heard(head: string, live: boolean): void
  /** Whom we trust has changed: a head whose key or epoch was not known is looked at again. */
  again(): void
}

/** Follows the signed head: fetches its list, verifies it, puts it in force. What is refused is said once, and the list in force stays. */
export function listSync(needs: ListSyncNeeds, signal: AbortSignal): ListSync {
  const { keeper, fetchParts, recorder, clock, random, log, changed } = needs
  let waiting: { readonly head: string; readonly live: boolean } | null = null
  let running = false
  let newer = new AbortController()
  let refusedBefore = ''
  let withoutKey: string | null = null

  const refuse = (document: string, failure: string) => {
    const which = `${failure} ${sha256Hex(document)}`
    if (which === refusedBefore) return
    refusedBefore = which
    const { version } = keeper.facts()
    log.error({ failure, inForce: version }, 'list.refused')
    recorder.record({ kind: failure === 'equivocation' ? 'alarm' : 'list', details: { refused: failure } })
  }

  const tellTime = (live: boolean, issuedAtS: number) => {
    if (live) recorder.heardPresentTime(issuedAtS * 1000)
    else recorder.heardTime(issuedAtS * 1000)
  }

  const follow = async ({ head, live }: NonNullable<typeof waiting>, whole = false): Promise<'done' | 'again'> => {
    const read = await keeper.read(head, whole)
    if (signal.aborted) return 'done'
    if (!read.ok) {
      if (read.failure === 'unknown_key' || read.failure === 'unknown_epoch') withoutKey = head
      refuse(head, read.failure)
      return 'done'
    }
    if (read.value === null) {
      tellTime(live, keeper.facts().issuedAtS)
      changed()
      return 'done'
    }
    let parts: Parts
    try {
      parts = await fetchParts(read.value)
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'list.not_fetched')
      // A step that is no longer kept will not come back; the tables are there as long as the head is.
      return read.value.files === null ? follow({ head, live: false }, true) : 'again'
    }
    if (signal.aborted) return 'done'
    const taken = await keeper.take(read.value, parts)
    if (signal.aborted) return 'done'
    if (!taken.ok) {
      if (taken.failure === 'recut' || taken.failure === 'damaged') {
        return read.value.files === null ? follow({ head, live: false }, true) : 'again'
      }
      if (taken.failure === 'unknown_key') {
        // A step by a key that was revoked since; the tables are signed by the head alone.
        if (read.value.files === null) return follow({ head, live: false }, true)
        withoutKey = head
      }
      refuse(head, taken.failure)
      // Cut short or changed on the way: the next try may bring the right one.
      return taken.failure === 'wrong_file' ? 'again' : 'done'
    }
    const { version, issuedAtS } = taken.value
    tellTime(live, issuedAtS)
    recorder.record({ kind: 'list', details: { version } })
    log.info({ version, steps: read.value.files === null ? read.value.steps.length : 0 }, 'list.in_force')
    changed()
    return 'done'
  }

  const run = async () => {
    const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
    while (waiting !== null && !signal.aborted) {
      const head: NonNullable<typeof waiting> = waiting
      waiting = null
      if ((await follow(head)) === 'done') pauses.reset()
      else {
        // By then it is no longer the present moment that it tells.
        const later = { ...head, live: false }
        waiting ??= later
        newer = new AbortController()
        if (waiting === later) await clock.after(pauses.next(), AbortSignal.any([signal, newer.signal]))
      }
    }
  }

  const heard = (head: string, live: boolean) => {
    withoutKey = null
    waiting = { head, live }
    newer.abort()
    if (running) return
    running = true
    void run()
      .catch(error => log.error({ error: String(error) }, 'list.failed'))
      .finally(() => {
        running = false
      })
  }

  return {
    heard,
    again() {
      refusedBefore = ''
      // What waits is newer, and will be read by the new keys.
      if (withoutKey !== null && waiting === null) heard(withoutKey, false)
    },
  }
}
