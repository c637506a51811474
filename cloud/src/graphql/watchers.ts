import type { Identity, Person } from '../auth/identity.ts'
import type { SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { until } from './until.ts'

/** Of one session or key, here. */
const STREAMS_MAX = 20
/** Of everybody, here. */
const ALL_STREAMS_MAX = 5_000
/** So long after a right was taken something may still be heard. */
const ASK_AGAIN_MS = 4_000

const TOO_MANY: Problem = {
  status: 429,
  code: 'too_many_subscriptions',
  message: `There are ${STREAMS_MAX} subscriptions of this session already. End one before you begin another.`,
}
const FULL: Problem = {
  status: 503,
  code: 'too_many_subscriptions',
  message: 'Too many people watch at this moment. Try again in a minute.',
}

export type Watcher = {
  /** A token, or a key. */
  readonly token: string
  readonly who: SchoolPerson
  /** Called once: the session, the key or the token has ended, or the service is about to stop. */
  readonly onEnd: () => void
}

export type Place = {
  leave(): void
  /** Whether what was told of this person a few seconds ago still holds; asks the tables again when it is older. */
  stillHolds(): Promise<boolean>
}

/** Everybody who watches by GraphQL in this process, over HTTP or a web socket. */
export type Watchers = {
  /** A subscription begins; a problem where there are too many. */
  enter(watcher: Watcher): Place | Problem
  /** A session, a key or everything of a person has ended. */
  ended(id: string): void
  /** Ends all, and lets nobody in any more. */
  close(): void
}

export function openWatchers({
  identity,
  nowMs,
}: {
  readonly identity: Pick<Identity, 'person'>
  readonly nowMs: () => number
}): Watchers {
  const all = new Map<Watcher, () => void>()
  const bySession = new Map<string, number>()
  let closed = false

  const endAll = (which: (watcher: Watcher) => boolean) => {
    for (const [watcher, leave] of [...all]) {
      if (!which(watcher)) continue
      leave()
      watcher.onEnd()
    }
  }

  return {
    enter(watcher) {
      const { token, who } = watcher
      const count = bySession.get(who.sessionId) ?? 0
      if (closed || all.size >= ALL_STREAMS_MAX) return FULL
      if (count >= STREAMS_MAX) return TOO_MANY
      bySession.set(who.sessionId, count + 1)
      const stop = until(who.tokenExpiresAtMs, nowMs, () => endAll(one => one === watcher))
      const leave = () => {
        if (!all.delete(watcher)) return
        stop()
        const left = (bySession.get(who.sessionId) ?? 1) - 1
        if (left === 0) bySession.delete(who.sessionId)
        else bySession.set(who.sessionId, left)
      }
      all.set(watcher, leave)
      let askedAtMs = nowMs()
      return {
        leave,
        async stillHolds() {
          if (nowMs() - askedAtMs < ASK_AGAIN_MS) return true
          askedAtMs = nowMs()
          const now = await identity.person(token, who.school.tenant)
          return now !== null && now.school?.id === who.school.id && sameRights(now, who)
        },
      }
    },
    ended: id => endAll(({ who }) => who.sessionId === id || who.userId === id),
    close() {
      closed = true
      endAll(() => true)
    },
  }
}

type Rights = Pick<Person, 'role' | 'grants' | 'scopes'>

/** Role, grants and scopes are what they were when the subscription was let through. */
function sameRights(now: Rights, before: Rights): boolean {
  const told = ({ role, grants, scopes }: Rights) => JSON.stringify([role, [...grants].sort(), scopes])
  return told(now) === told(before)
}
