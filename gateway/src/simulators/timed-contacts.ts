import type { Clock } from '../ports.ts'
import { type RelayContacts, relayContacts } from './relay-contacts.ts'

export type TimedContacts = RelayContacts & {
  /** Brings an output to a level and back by itself; whatever comes first for it ends that. */
  flash(channel: number, energised: boolean, ms: number): void
}

/** The relays of a board that ends a pulse by itself. */
export function timedContacts(clock: Clock): TimedContacts {
  const contacts = relayContacts()
  const pulses = new Map<number, AbortController>()
  const set = (channel: number, energised: boolean) => {
    pulses.get(channel)?.abort()
    contacts.set(channel, energised)
  }
  const flash = async (channel: number, energised: boolean, ms: number) => {
    set(channel, energised)
    const pulse = new AbortController()
    pulses.set(channel, pulse)
    await clock.after(ms, pulse.signal)
    if (!pulse.signal.aborted) contacts.set(channel, !energised)
  }
  return { ...contacts, set, flash: (channel, energised, ms) => void flash(channel, energised, ms) }
}
