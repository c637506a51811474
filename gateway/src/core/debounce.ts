/** A contact as it is believed to be, what was last seen of it, and since when that. */
export type Contact = { readonly closed: boolean; readonly seen: boolean; readonly sinceMs: number }

/** Contacts bounce for 20 to 50 ms at most when a person moves them; of relays and reeds 30 ms is ample. */
export const SETTLE_MS = 30

/** The first sight is believed at once, a change when it was seen for 30 ms. `null`: never seen before. */
export function debounce(before: Contact | null, seen: boolean, atMs: number): Contact {
  if (before === null) return { closed: seen, seen, sinceMs: atMs }
  if (seen !== before.seen) return { closed: before.closed, seen, sinceMs: atMs }
  return atMs - before.sinceMs >= SETTLE_MS ? { ...before, closed: seen } : before
}
