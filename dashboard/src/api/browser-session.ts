import { logout, refresh, User as UserSchema } from '@gatehouse/shared/wire/api/auth.ts'
import { client, send } from './client.ts'
import { type ChosenSchool, type Refreshed, type Session, session } from './session.ts'

/** Set while someone is signed in here: a browser that never was need not ask whether its cookie is good. */
const HINT = 'gatehouse.signed-in'
/** The school that was chosen in this tab. */
const CHOSEN = 'gatehouse.school'

/** The session of this browser, shared by its tabs as far as the cookie is. */
export function browserSession() {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('gatehouse.session') : null
  const fetch = window.fetch.bind(window)

  async function askRefresh(): Promise<Refreshed> {
    const answer = await send(fetch, refresh, { body: {} }, null)
    if (answer.ok) return answer.data
    // Anything else ends by itself: a busy service, too many requests, another tab that was first and brings the cookie.
    return answer.failure.kind === 'problem' && answer.failure.status === 401 ? 'refused' : 'unreachable'
  }

  const made: Session = session({
    refresh: askRefresh,
    nowMs: Date.now,
    chosen: recallChosen(),
    // Locks are missing where the page came over plain http from another host; then tabs may collide, and one signs in again.
    alone: work => (navigator.locks ? navigator.locks.request('gatehouse.refresh', work) : work()),
  })
  made.subscribe(() => {
    const { is } = made.state()
    if (is === 'signed-in') remember(HINT, '1')
    if (is === 'signed-out') remember(HINT, null)
    if (is !== 'unknown') rememberChosen(made.chosen())
  })
  channel?.addEventListener('message', () => {
    if (made.state().is === 'signed-in') made.end()
  })

  return {
    session: made,
    client: client({ fetch, session: made }),
    /** Finds out whether a cookie from before is still good. Stays `unknown` while the service does not answer. */
    async resume() {
      if (recall(HINT) === null) made.end()
      else await made.token()
    },
    /** Ends the session here, in the other tabs and at the service. */
    async signOut() {
      await send(fetch, logout, { body: {} }, null)
      made.end()
      channel?.postMessage('signed-out')
    },
  }
}

export type BrowserSession = ReturnType<typeof browserSession>

/** Storage may be switched off; then nothing is remembered and all else works. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {}
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function rememberChosen(school: ChosenSchool | null): void {
  try {
    if (school === null) sessionStorage.removeItem(CHOSEN)
    else sessionStorage.setItem(CHOSEN, JSON.stringify(school))
  } catch {}
}

/** What another version wrote is no choice. */
function recallChosen(): ChosenSchool | null {
  try {
    return UserSchema.shape.school.parse(JSON.parse(sessionStorage.getItem(CHOSEN) ?? 'null'))
  } catch {
    return null
  }
}
