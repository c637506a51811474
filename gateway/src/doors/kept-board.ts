import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { PulseTiming } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { DoorConfig } from '@gatehouse/shared/wire/hardware/door-config.ts'
import { oneAtATime } from '../core/one-at-a-time.ts'
import { growingPauses } from '../core/pauses.ts'
import { pauseUntilPlugged } from '../devices/pause.ts'
import type { Clock, DoorFailure, Health, Plugged, ReportHealth } from '../ports.ts'
import type { BoardDriver, BoardEvent, BoardLine } from './board-line.ts'

/** A grant older than this does not open: the person has turned away, and somebody else stands there. */
export const GRANT_AGE_MS_MAX = 2_000

const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 1_500
const SECURE_MS_MAX = 1_000

/** An output that a door hangs on. */
export type OutputUse = Pick<DoorConfig, 'energised' | 'pulseMs' | 'pulseMsMax'> & { readonly channel: number }

export type KeptBoardNeeds = {
  /** For people: `/dev/ttyUSB1`. */
  readonly name: string
  readonly driver: BoardDriver
  readonly outputs: readonly OutputUse[]
  readonly report: ReportHealth
  /** Hears of the inputs; `lost` when the line went, and with it what they say. */
  readonly tell: (event: BoardEvent | { readonly kind: 'lost' }) => void
  readonly clock: Clock
  readonly random: () => number
  /** Ends a pause early. */
  readonly plugged?: Plugged | undefined
}

export type KeptBoard = {
  readonly pulse: PulseTiming
  /** Opens once, for the configured time, for a grant made at `grantedAtMs` on the monotonic clock. Never queued, never repeated. */
  release(channel: number, grantedAtMs: number): Promise<Result<null, DoorFailure>>
  /** From now on, or no longer, this output stays released: no pulse is ended and nothing is locked, not even at the stop. */
  leaveReleased(channel: number, leave: boolean): void
  /** Keeps the line open until `signal` aborts, and brings every output to rest at both ends. */
  run(signal: AbortSignal): Promise<void>
}

/** How an output that is released by us is brought back. */
type Release = { readonly sinceMs: number; readonly ended: AbortController }

/**
 * A board at the end of a line that may be lost: opened again after growing pauses, made safe before anything else is
 * said. What was granted while it was away is not kept for later.
 */
export function keptBoard(needs: KeptBoardNeeds): KeptBoard {
  const { name, driver, outputs, report, tell, clock, random, plugged } = needs
  const uses = new Map(outputs.map(use => [use.channel, use]))
  const released = new Map<number, Release>()
  const left = new Set<number>()
  let line: BoardLine | null = null
  let fault: (error: Error) => void = () => {}
  const inTurn = oneAtATime()

  const rest = async (over: BoardLine, { channel, energised }: OutputUse) => {
    released.get(channel)?.ended.abort()
    released.delete(channel)
    const secured = await over.set(channel, energised === 'lock')
    if (!secured.ok)
      throw new Error(`the board on ${name} does not answer (${secured.failure}): check its power, address and wiring`)
  }
  const secureAll = async (over: BoardLine) => {
    for (const use of outputs) if (!left.has(use.channel)) await rest(over, use)
  }

  const useLine = async (signal: AbortSignal): Promise<never> => {
    // The line is closed by leaving it, after the outputs were made safe; an abort ends only the waiting.
    await using fresh = await driver.open(new AbortController().signal)
    // Inputs are heard of when the board is there, and not before what is on it is safe.
    let isSafe = false
    const early: BoardEvent[] = []
    const lost = fresh.listen(event => (isSafe ? tell(event) : void early.push(event)))
    lost.catch(() => {})
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    fault = failed.reject
    const closed = () => {
      throw new Error(`the line to the board on ${name} closed by itself`)
    }
    await inTurn(() => Promise.race([secureAll(fresh), lost.then(closed), failed.promise]))
    line = fresh
    isSafe = true
    report({ up: true })
    for (const event of early) tell(event)
    const stop = Promise.withResolvers<void>()
    const onAbort = () => stop.resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      await Promise.race([lost, failed.promise, stop.promise])
      if (!signal.aborted) closed()
    } finally {
      line = null
      signal.removeEventListener('abort', onAbort)
      tell({ kind: 'lost' })
      const secured = inTurn(() => secureAll(fresh)).catch(() => {})
      await Promise.race([secured, clock.after(SECURE_MS_MAX)])
    }
    throw new Error('stopped')
  }

  /** Of boards without a timer: ends a release after its pulse, however many people come one after the other never beyond its longest. */
  const endAfter = async (over: BoardLine, use: OutputUse, release: Release, ms: number) => {
    await clock.after(ms, release.ended.signal)
    if (release.ended.signal.aborted || left.has(use.channel)) return
    await inTurn(async () => {
      if (released.get(use.channel) !== release) return
      await rest(over, use)
    }).catch(error => {
      // A lock that may still be released is worse than a line that is opened again: that begins with rest.
      if (line === over) fault(error as Error)
    })
  }

  const open = async (over: BoardLine, use: OutputUse): Promise<Result<null, DoorFailure>> => {
    const { channel, energised, pulseMs, pulseMsMax } = use
    const level = energised === 'unlock'
    if (over.flash !== null) return over.flash(channel, level, Math.min(pulseMs, pulseMsMax))
    const nowMs = clock.monotonicMs()
    const before = released.get(channel)
    before?.ended.abort()
    const release = { sinceMs: before?.sinceMs ?? nowMs, ended: new AbortController() }
    released.set(channel, release)
    const leftMs = Math.max(0, release.sinceMs + pulseMsMax - nowMs)
    const set = await over.set(channel, level)
    void endAfter(over, use, release, Math.min(pulseMs, leftMs))
    return set
  }

  return {
    pulse: driver.pulse,
    async release(channel, grantedAtMs) {
      const use = uses.get(channel)!
      if (line === null) return fail('absent')
      const granted = line
      return inTurn(async () => {
        if (clock.monotonicMs() - grantedAtMs > GRANT_AGE_MS_MAX) return fail('too_late')
        // The line of the grant, not the one that took its place: nothing opens on a reconnect.
        if (line !== granted) return fail('absent')
        // It stands open already, and a pulse would end that.
        if (left.has(channel)) return ok(null)
        try {
          return await open(granted, use)
        } catch {
          return fail('write_failed')
        }
      })
    },
    leaveReleased(channel, leave) {
      if (leave) left.add(channel)
      else if (left.delete(channel)) {
        const over = line
        const use = uses.get(channel)!
        if (over !== null) void inTurn(() => rest(over, use)).catch(error => line === over && fault(error as Error))
      }
    },
    async run(signal) {
      const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
      while (!signal.aborted) {
        try {
          await useLine(signal)
        } catch (error) {
          if (signal.aborted) return
          report(down(error))
          if (await pauseUntilPlugged(pauses.next(), { clock, plugged }, signal)) pauses.reset()
        }
      }
    },
  }
}

function down(error: unknown): Health {
  return { up: false, problem: error instanceof Error ? error.message : String(error) }
}
