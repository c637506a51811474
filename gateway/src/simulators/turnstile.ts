import type { Clock } from '../ports.ts'
import { type TimedContacts, timedContacts } from './timed-contacts.ts'

/** A turnstile that nobody goes through locks again by itself. */
const RELEASED_MS = 5_000

export type Turnstile = Pick<TimedContacts, 'state' | 'onChange' | 'heard'> & {
  /** Lets one person through: 1 to the left, 2 to the right. */
  release(channel: number): void
  lock(): void
  /** Somebody pushes: true when they got through. */
  push(channel: number): boolean
}

/** The arms of a simulated turnstile, which hold and count by themselves. */
export function turnstile(clock: Clock): Turnstile {
  const contacts = timedContacts(clock)
  return {
    state: contacts.state,
    onChange: contacts.onChange,
    heard: contacts.heard,
    release: channel => contacts.flash(channel, true, RELEASED_MS),
    lock() {
      for (const channel of [1, 2]) contacts.set(channel, false)
    },
    push(channel) {
      const isReleased = contacts.isOn(channel)
      contacts.set(channel, false)
      return isReleased
    },
  }
}
