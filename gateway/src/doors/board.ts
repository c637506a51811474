import { fail, type Result } from '@gatehouse/shared/result.ts'
import { growingPauses } from '../core/pauses.ts'
import type { Clock, Door, DoorFailure, OpenPort, ReportHealth } from '../ports.ts'
import type { Relay } from './relay.ts'
import { type Wire, wireOver } from './wire.ts'

/** A grant older than this does not open: the person has turned away, and somebody else stands there. */
const GRANT_AGE_MS_MAX = 2_000

const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 1_500
const SECURE_MS_MAX = 1_000

export type BoardNeeds = {
  /** For people: `/dev/ttyUSB1`. */
  readonly name: string
  readonly open: OpenPort
  readonly relays: readonly { readonly relay: Relay; readonly report: ReportHealth }[]
  readonly clock: Clock
  readonly random: () => number
}

export type Board = {
  /** One for each relay, in their order. */
  readonly doors: readonly Door[]
  /** Keeps the line open until `signal` aborts, and takes the power off every relay at both ends. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * A relay board at the end of a line that may be lost: opened again after growing pauses, made safe before anything
 * else is said. What was granted while it was away is not kept for later.
 */
export function keptBoard({ name, open, relays, clock, random }: BoardNeeds): Board {
  let wire: Wire | null = null
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Value>(say: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(say)
    last = turn.catch(() => {})
    return turn
  }
  const reportAll: ReportHealth = health => {
    for (const { report } of relays) report(health)
  }

  const secureAll = async (over: Wire) => {
    for (const { relay } of relays) {
      const secured = await relay.secure(over)
      if (!secured.ok)
        throw new Error(
          `the relay board on ${name} does not answer (${secured.failure}): check its power, address and wiring`,
        )
    }
  }

  const useLine = async (signal: AbortSignal): Promise<never> => {
    // The line is closed by leaving it, after the relays were made safe; an abort ends only the waiting.
    await using port = await open(new AbortController().signal)
    const fresh = wireOver(port, clock)
    const lost = fresh.listen()
    lost.catch(() => {})
    await inTurn(() => secureAll(fresh))
    wire = fresh
    reportAll({ up: true })
    const stop = Promise.withResolvers<void>()
    const onAbort = () => stop.resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      await Promise.race([lost, stop.promise])
      if (!signal.aborted) throw new Error(`the line to the relay board on ${name} closed by itself`)
    } finally {
      wire = null
      signal.removeEventListener('abort', onAbort)
      const secured = inTurn(() => secureAll(fresh)).catch(() => {})
      await Promise.race([secured, clock.after(SECURE_MS_MAX)])
    }
    throw new Error('stopped')
  }

  const release = async (relay: Relay, grantedAtMs: number): Promise<Result<null, DoorFailure>> => {
    if (wire === null) return fail('absent')
    const granted = wire
    return inTurn(async () => {
      if (clock.monotonicMs() - grantedAtMs > GRANT_AGE_MS_MAX) return fail('too_late')
      // The line of the grant, not the one that took its place: nothing opens on a reconnect.
      if (wire !== granted) return fail('absent')
      try {
        return await relay.open(granted)
      } catch {
        return fail('write_failed')
      }
    })
  }

  return {
    doors: relays.map(({ relay }) => ({ pulse: relay.pulse, release: grantedAtMs => release(relay, grantedAtMs) })),
    async run(signal) {
      const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
      while (!signal.aborted) {
        try {
          await useLine(signal)
        } catch (error) {
          if (signal.aborted) return
          reportAll({ up: false, problem: error instanceof Error ? error.message : String(error) })
          await clock.after(pauses.next(), signal)
        }
      }
    },
  }
}
