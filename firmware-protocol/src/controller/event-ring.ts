import type { MessageOf } from '../messages.ts'

/** Events that wait for a host. A door that opens and shuts makes four; a gate starts in two seconds. */
export const EVENTS_MAX = 32

type InSession = 'session' | 'lost'
/** What happened, without what is only known when it is told. */
export type Happened = Omit<MessageOf<'input'>, InSession> | Omit<MessageOf<'safe'>, InSession>
/** What happened, before it has a number. */
export type Happening = Omit<MessageOf<'input'>, InSession | 'evt_seq'> | Omit<MessageOf<'safe'>, InSession | 'evt_seq'>

export type EventRing = {
  add(what: Happening): void
  /** The oldest that nobody took yet, as a message of this session. */
  oldest(session: number): MessageOf<'input'> | MessageOf<'safe'> | null
  /** This event and all before it were taken. An event that was never told cannot be. */
  taken(evtSeq: number): void
  waiting(): number
  nextSeq(): number
}

/** Events until a host has taken them. When it is full the oldest goes, and the next one says that it did. */
export function eventRing(): EventRing {
  let events: Happened[] = []
  let next = 1
  let acknowledged = 0
  return {
    add(what) {
      events = [...events, { ...what, evt_seq: next++ } as Happened].slice(-EVENTS_MAX)
    },
    oldest(session) {
      const [event] = events
      if (event === undefined) return null
      return { ...event, session, lost: event.evt_seq - acknowledged - 1 }
    },
    taken(evtSeq) {
      if (evtSeq >= next || evtSeq <= acknowledged) return
      acknowledged = evtSeq
      events = events.filter(event => event.evt_seq > evtSeq)
    },
    waiting: () => events.length,
    nextSeq: () => next,
  }
}
