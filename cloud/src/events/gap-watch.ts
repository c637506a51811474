/**
 * How long events before a gap are waited for. A gate sends again within seconds what was lost on the way; what it
 * does not have any more it can never send, and everything behind would wait for ever.
 */
export const GAP_PATIENCE_MS = 60_000

export type Gaps = {
  /** Notes how far a gate's chain is, and what it waits for; null = for nothing. */
  note(gateId: string, sequence: number, gapAt: number | null): void
  /** Whether the events behind this end of the chain were waited for long enough. */
  isGivenUp(gateId: string, sequence: number): boolean
}

/** Remembers since when a gate's chain stands before a gap. A restart only makes it wait anew. */
export function gapWatch(nowMs: () => number): Gaps {
  const waiting = new Map<string, { sequence: number; sinceMs: number }>()

  return {
    note(gateId, sequence, gapAt) {
      if (gapAt === null) waiting.delete(gateId)
      else if (waiting.get(gateId)?.sequence !== sequence) waiting.set(gateId, { sequence, sinceMs: nowMs() })
    },
    isGivenUp(gateId, sequence) {
      const wait = waiting.get(gateId)
      return wait !== undefined && wait.sequence === sequence && nowMs() - wait.sinceMs >= GAP_PATIENCE_MS
    },
  }
}
