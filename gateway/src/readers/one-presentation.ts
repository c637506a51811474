/**
 * Tells a new presentation from the repeats of one before: the same thing is one presentation for as long as it is seen again within
 * `quietMs`, also when up to `others` different things were seen in between; after more of them it is a new one.
 */
export function onePresentation(quietMs: number, others = 0): (what: string, atMs: number) => boolean {
  /** When each was last seen, the oldest first. */
  const seen = new Map<string, number>()
  return (what, atMs) => {
    const beforeMs = seen.get(what)
    seen.delete(what)
    seen.set(what, atMs)
    for (const oldest of seen.keys()) {
      if (seen.size <= 1 + others) break
      seen.delete(oldest)
    }
    return beforeMs === undefined || atMs - beforeMs >= quietMs
  }
}
