import { type Contact, debounce, SETTLE_MS } from '../core/debounce.ts'
import type { Clock } from '../ports.ts'
import type { BoardEvent } from './board-line.ts'

/** Sees what the inputs of a board are, and tells each level once and then each change that lasts. */
export type InputLevels = {
  see(channel: number, closed: boolean): void
  /** As `see`, of an input that tells its edges and is not looked at again: what was seen is believed when nothing follows. */
  edge(channel: number, closed: boolean, signal: AbortSignal): Promise<void>
}

/** One for every line: what was seen on an earlier one counts for nothing. */
export function inputLevels(tell: (event: BoardEvent) => void, clock: Clock): InputLevels {
  const contacts = new Map<number, Contact>()
  const settling = new Set<number>()
  const see = (channel: number, closed: boolean): Contact => {
    const before = contacts.get(channel) ?? null
    const contact = debounce(before, closed, clock.monotonicMs())
    contacts.set(channel, contact)
    if (before?.closed !== contact.closed) tell({ kind: 'input', channel, closed: contact.closed })
    return contact
  }
  return {
    see,
    async edge(channel, closed, signal) {
      let contact = see(channel, closed)
      if (settling.has(channel)) return
      settling.add(channel)
      while (contact.seen !== contact.closed && !signal.aborted) {
        await clock.after(SETTLE_MS, signal)
        if (!signal.aborted) contact = see(channel, contacts.get(channel)!.seen)
      }
      settling.delete(channel)
    },
  }
}
