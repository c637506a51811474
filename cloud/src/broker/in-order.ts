/** Runs work of one key in the order in which it came, and work of different keys side by side. */
export function inOrder(): (key: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>()

  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    last.set(key, settled)
    await settled
    if (last.get(key) === settled) last.delete(key)
    return mine
  }
}
