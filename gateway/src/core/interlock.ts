/** Between the end of one door's release and the beginning of the other's: a relay needs some milliseconds to fall back. */
const FREE_MS_MIN = 100

export type Interlock = {
  /** How long this door must wait; 0: now; null: another one stands open, and nobody knows until when. */
  waitMs(door: string, atMs: number): number | null
  /** This door is released from now on, until then at the latest. */
  take(door: string, untilMs: number): void
  /** It was not released after all, or its release was ended. */
  free(door: string): void
  stands(door: string, isOpen: boolean): void
}

/** Doors of which one at a time is released or open: the directions of a turnstile, the doors of a mantrap. */
export function interlock(): Interlock {
  const released = new Map<string, number>()
  const open = new Set<string>()
  return {
    waitMs(door, atMs) {
      for (const other of open) if (other !== door) return null
      let wait = 0
      for (const [other, untilMs] of released) {
        if (other !== door) wait = Math.max(wait, untilMs + FREE_MS_MIN - atMs)
      }
      return wait
    },
    take(door, untilMs) {
      released.set(door, untilMs)
    },
    free(door) {
      released.delete(door)
    },
    stands(door, isOpen) {
      if (isOpen) open.add(door)
      else open.delete(door)
    },
  }
}
