import type { Clock, Plugged } from '../ports.ts'

export type PauseNeeds = {
  readonly clock: Clock
  /** Absent: nobody says when something is plugged in, and each pause is waited out. */
  readonly plugged?: Plugged | undefined
}

/** Waits before a device is opened again, at most so long. True when something was plugged in, and the pauses begin anew. */
export async function pauseUntilPlugged(
  ms: number,
  { clock, plugged }: PauseNeeds,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const waited = clock.after(ms, either).then(() => false)
  try {
    return await (plugged === undefined ? waited : Promise.race([waited, plugged(either).then(() => true)]))
  } finally {
    over.abort()
  }
}
