import type { Clock } from '../ports.ts'

export type HandClock = Clock & {
  /** Moves both clocks and wakes who is due, in order. */
  advance(ms: number): void
  /** Sets the wall alone, as a person or NTP would. */
  setWall(ms: number): void
  /** Resolves when somebody waits. */
  waiting(): Promise<void>
}

/** A clock that stands still until it is moved. */
export function handClock(wallMs = Date.UTC(2026, 8, 1, 8)): HandClock {
  let monotonicMs = 0
  let sleepers: { readonly dueMs: number; readonly wake: () => void }[] = []
  let onSleeper = () => {}
  return {
    wallMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    after: (ms, signal) =>
      new Promise(wake => {
        if (signal?.aborted) return wake()
        const sleeper = { dueMs: monotonicMs + ms, wake }
        sleepers.push(sleeper)
        const onAbort = () => {
          sleepers = sleepers.filter(other => other !== sleeper)
          wake()
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        onSleeper()
      }),
    advance(ms) {
      wallMs += ms
      monotonicMs += ms
      const due = sleepers.filter(sleeper => sleeper.dueMs <= monotonicMs).sort((a, b) => a.dueMs - b.dueMs)
      sleepers = sleepers.filter(sleeper => sleeper.dueMs > monotonicMs)
      for (const sleeper of due) sleeper.wake()
    },
    setWall(ms) {
      wallMs = ms
    },
    waiting: () =>
      new Promise(resolve => {
        if (sleepers.length > 0) resolve()
        else onSleeper = resolve
      }),
  }
}
