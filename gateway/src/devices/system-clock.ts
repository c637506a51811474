import { setTimeout as after } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

/** The clocks of this machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, signal) => after(ms, undefined, { signal }).catch(() => {}),
}
