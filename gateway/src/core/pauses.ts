export type PausesOptions = { readonly firstMs: number; readonly lastMs: number; readonly random: () => number }

export type Pauses = {
  /** How long to wait now; twice as long the next time. */
  next(): number
  /** It went well: begin anew. */
  reset(): void
}

/** Growing pauses, never beyond `lastMs`, each shortened by chance to as little as half: a campus must not retry in step. */
export function growingPauses({ firstMs, lastMs, random }: PausesOptions): Pauses {
  let pauseMs = firstMs
  return {
    next() {
      const now = pauseMs * (0.5 + random() / 2)
      pauseMs = Math.min(pauseMs * 2, lastMs)
      return now
    },
    reset() {
      pauseMs = firstMs
    },
  }
}
