import type { Tokens, User } from '@gatehouse/shared/wire/api/auth.ts'

export type SignedIn = { readonly user: User; readonly tokens: Tokens }

/** The school that somebody of all schools acts in: hers until she chooses another, in this tab. */
export type ChosenSchool = NonNullable<User['school']>

export type SessionState =
  /** Before the first answer: perhaps a cookie is still good. */
  { readonly is: 'unknown' } | { readonly is: 'signed-out' } | { readonly is: 'signed-in'; readonly user: User }

/** What a refresh can come to; `unreachable` ends nothing. */
export type Refreshed = SignedIn | 'refused' | 'unreachable'

export type SessionNeeds = {
  /** Asks the service for a new access token; the refresh token is in a cookie that no script sees. */
  readonly refresh: () => Promise<Refreshed>
  readonly nowMs: () => number
  /** What was chosen before, in this tab. */
  readonly chosen?: ChosenSchool | null
  /** Runs one refresh at a time in all tabs of this browser: each uses up the cookie of the one before it. */
  readonly alone: <Value>(work: () => Promise<Value>) => Promise<Value>
}

/** A token this close to its end is replaced before it is used. */
const TOKEN_SPARE_MS = 30_000

/** Who is signed in, and the access token: in memory, so that nothing on disk opens a gate. */
export type Session = {
  readonly state: () => SessionState
  readonly subscribe: (listener: () => void) => () => void
  readonly begin: (signedIn: SignedIn) => void
  /** Of a super_admin: from here on everything is done in this school; null: she is asked which. */
  readonly choose: (school: ChosenSchool | null) => void
  /** The tenant that every request names; null where the service knows it by itself. */
  readonly chosen: () => ChosenSchool | null
  readonly end: () => void
  /** A token with time left; null when nobody is signed in or the service cannot be reached. */
  readonly token: () => Promise<string | null>
  /** After a 401: a token other than this one. However many ask, one refresh answers all. */
  readonly replace: (rejected: string) => Promise<string | null>
  /** When the token ends, ms since 1970; 0 without one. */
  readonly expiresAtMs: () => number
}

export function session({ refresh, nowMs, alone, chosen: before = null }: SessionNeeds): Session {
  let state: SessionState = { is: 'unknown' }
  let accessToken: string | null = null
  let expiresAtMs = 0
  let refreshing: Promise<string | null> | null = null
  let chosen = before
  const listeners = new Set<() => void>()

  function become(next: SessionState) {
    state = next
    for (const listener of listeners) listener()
  }

  function begin({ user, tokens }: SignedIn) {
    accessToken = tokens.accessToken
    expiresAtMs = nowMs() + tokens.expiresInS * 1000
    if (user.role !== 'super_admin') chosen = null
    become({ is: 'signed-in', user: sameUser(state, { ...user, school: user.school ?? chosen }) })
  }

  function end() {
    accessToken = null
    expiresAtMs = 0
    chosen = null
    become({ is: 'signed-out' })
  }

  function renew(): Promise<string | null> {
    refreshing ??= alone(refresh)
      .then(answer => {
        if (answer === 'unreachable') return null
        if (answer === 'refused') end()
        else begin(answer)
        return accessToken
      })
      .finally(() => {
        refreshing = null
      })
    return refreshing
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    begin,
    end,
    choose(school) {
      chosen = school
      if (state.is === 'signed-in') become({ is: 'signed-in', user: { ...state.user, school } })
    },
    chosen: () => chosen,
    token() {
      if (state.is === 'signed-out') return Promise.resolve(null)
      if (accessToken !== null && nowMs() < expiresAtMs - TOKEN_SPARE_MS) return Promise.resolve(accessToken)
      return renew()
    },
    replace(rejected) {
      if (accessToken !== null && accessToken !== rejected) return Promise.resolve(accessToken)
      return renew()
    },
    expiresAtMs: () => expiresAtMs,
  }
}

/** The same person stays the same object, so that a refresh draws nothing anew. */
function sameUser(state: SessionState, user: User): User {
  return state.is === 'signed-in' && JSON.stringify(state.user) === JSON.stringify(user) ? state.user : user
}
