import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

export type HeldClock = Clock & {
  /** Lets a wait of that length be over, as soon as somebody waits so long. */
  release(): Promise<void>
}

/** The clock it is given, but for waits of one length: those are over when the test says so. */
export function heldClock(clock: Clock, heldMs: number): HeldClock {
  let held: (() => void)[] = []
  return {
    ...clock,
    after(ms, signal) {
      if (ms !== heldMs) return clock.after(ms, signal)
      return new Promise(resolve => {
        if (signal?.aborted) return resolve()
        held.push(resolve)
        const onAbort = () => {
          held = held.filter(other => other !== resolve)
          resolve()
        }
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async release() {
      while (held.length === 0) await turn()
      for (const resolve of held) resolve()
      held = []
    },
  }
}
