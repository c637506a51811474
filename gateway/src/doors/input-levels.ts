import { type Contact, debounce } from '../core/debounce.ts'
import type { BoardEvent } from './board-line.ts'

/** Sees what the inputs of a board are, and tells each level once and then each change that lasts. */
export type InputLevels = {
  see(channel: number, closed: boolean, atMs: number): void
  /** Contacts as they are held, for inputs that tell their edges. */
  contacts(): ReadonlyMap<number, Contact>
}

/** One for every line: what was seen on an earlier one counts for nothing. */
export function inputLevels(tell: (event: BoardEvent) => void): InputLevels {
  const contacts = new Map<number, Contact>()
  return {
    see(channel, closed, atMs) {
      const before = contacts.get(channel) ?? null
      const contact = debounce(before, closed, atMs)
      contacts.set(channel, contact)
      if (before?.closed !== contact.closed) tell({ kind: 'input', channel, closed: contact.closed })
    },
    contacts: () => contacts,
  }
}
