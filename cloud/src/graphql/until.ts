/** Node's timers take 31 bits of milliseconds; an access key lives for a year. */
const TIMER_MS_MAX = 2_147_483_647

/** Calls `over` at that time, or at once where it is past; not once the answer was called. Keeps no process alive. */
export function until(atMs: number, nowMs: () => number, over: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = () => {
    timer = setTimeout(
      () => (atMs <= nowMs() ? over() : wait()),
      Math.min(Math.max(0, atMs - nowMs()), TIMER_MS_MAX),
    ).unref()
  }
  wait()
  return () => clearTimeout(timer)
}
