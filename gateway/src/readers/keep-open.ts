import { growingPauses } from '../core/pauses.ts'
import { pauseUntilPlugged } from '../devices/pause.ts'
import type { Clock, OpenPort, Plugged, Reader, ReportHealth } from '../ports.ts'

/** A reader that was plugged in again is read within two seconds. */
const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 1_500

/** A line that stayed up this long was not the fault of the line before it. */
const STEADY_MS = 5_000

export type KeepOpenNeeds = {
  readonly open: OpenPort
  /** The reader over a port. It is begun anew for each port, so that no half frame is joined to the next. */
  readonly make: (open: OpenPort) => Reader
  readonly report: ReportHealth
  readonly clock: Clock
  readonly random: () => number
  /** Ends a pause early. */
  readonly plugged?: Plugged | undefined
}

/** A reader that opens its port again whenever it is lost, after growing pauses, and says when it is up and why it is down. */
export function keepOpen({ open, make, report, clock, random, plugged }: KeepOpenNeeds): Reader {
  let upSinceMs: number | null = null
  const reader = make(async signal => {
    const port = await open(signal)
    upSinceMs = clock.monotonicMs()
    report({ up: true })
    return port
  })

  return {
    id: reader.id,
    tell: outcome => reader.tell(outcome),
    async *scans(signal) {
      const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
      while (!signal.aborted) {
        try {
          yield* reader.scans(signal)
        } catch (error) {
          if (signal.aborted) return
          report({ up: false, problem: error instanceof Error ? error.message : String(error) })
          if (upSinceMs !== null && clock.monotonicMs() - upSinceMs >= STEADY_MS) pauses.reset()
          upSinceMs = null
          // What was just plugged in may not be ours to open yet: the first pauses after it are short again.
          if (await pauseUntilPlugged(pauses.next(), { clock, plugged }, signal)) pauses.reset()
        }
      }
    },
  }
}
