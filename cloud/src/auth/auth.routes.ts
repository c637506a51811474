import {
  type AccessKey,
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
  login,
  logout,
  logoutEverywhere,
  me,
  refresh,
  type User,
} from '@gatehouse/shared/wire/api/auth.ts'
import type { Request, Response } from 'express'
import { findLogins, findRefresh, findSession, type LoginRow } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row } from '../db/tables.ts'
import type { Binder } from '../http/bind.ts'
import type { SignInLimits } from '../http/limits.ts'
import { NOT_SIGNED_IN, type Problem } from '../http/problem.ts'
import { createKey, deleteKey, listKeys } from './access-keys.repo.ts'
import { ACCESS_TOKEN_S, type AccessTokens } from './access-token.ts'
import { chosenSchool, type Person, type School } from './identity.ts'
import type { Passwords } from './password.ts'
import { hashOf } from './secret-hash.ts'
import { endSessions, openSessionsOf, REFRESH_MS, rotate, startSession } from './sessions.repo.ts'

export type AuthRoutesNeeds = {
  readonly db: Db
  readonly tokens: AccessTokens
  readonly passwords: Passwords
  readonly limits: SignInLimits
  /** Served over TLS: the cookie is Secure. */
  readonly secure: boolean
  readonly nowMs: () => number
}

const PROBLEMS = {
  wrong: { status: 401, code: 'wrong_credentials', message: 'E-mail or password is not right.' },
  busy: { status: 503, code: 'busy', message: 'Too many people are signing in at this moment. Try again shortly.' },
  not_good: { status: 401, code: 'session_ended', message: 'This session has ended. Sign in again.' },
  reused: {
    status: 401,
    code: 'session_ended',
    message: 'This session was ended because a copy of it was used. Sign in again.',
  },
  used_just_now: {
    status: 409,
    code: 'refreshed_elsewhere',
    message: 'Another tab has just refreshed this session. Try again.',
  },
  too_many_keys: { status: 409, code: 'too_many_keys', message: 'You have 20 access keys. End one you no longer use.' },
  no_such_key: { status: 404, code: 'not_found', message: 'You have no access key with that id.' },
} satisfies Record<string, Problem>

/** Sign-in, sessions and personal access keys. */
export function authRoutes(routes: Binder, { db, tokens, passwords, limits, secure, nowMs }: AuthRoutesNeeds): void {
  const cookie = refreshCookie(secure)

  /** A browser gets the refresh token where no script can read it. */
  const signedIn = async (
    { req, res }: { req: Request; res: Response },
    session: { sessionId: string; refreshToken: string; remember: boolean },
  ) => {
    const row = await findSession(db, session.sessionId)
    if (row === undefined || !row.active) return null
    const school =
      row.school_id === null
        ? await chosenSchool(db)
        : { id: row.school_id, name: row.school_name!, tenant: row.tenant!, timeZone: row.time_zone! }
    const accessToken = await tokens.issue({
      userId: row.user_id,
      schoolId: row.school_id,
      role: row.role,
      sessionId: session.sessionId,
    })
    const browser = isBrowser(req)
    if (browser) cookie.set(res, session.refreshToken, session.remember)
    return {
      user: userOf({ userId: row.user_id, email: row.email, displayName: row.display_name, role: row.role, school }),
      tokens: { accessToken, expiresInS: ACCESS_TOKEN_S, ...(!browser && { refreshToken: session.refreshToken }) },
    }
  }

  routes.open(
    login,
    async ({ body: { email, password, rememberMe }, req, res }) => {
      const found = await whoHas(email, password)
      if (found === 'busy') return { problem: PROBLEMS.busy }
      if (found === null) return { problem: PROBLEMS.wrong }
      limits.succeeded(email, req)
      const { school_id: schoolId, user_id: userId } = found
      const started = await inSchool(db, schoolId, tx =>
        startSession(tx, { schoolId, userId, remember: rememberMe, nowMs: nowMs() }),
      )
      const data = await signedIn({ req, res }, { ...started, remember: rememberMe })
      return data === null ? { problem: PROBLEMS.wrong } : { data, message: 'Signed in.' }
    },
    limits.handlers,
  )

  /** The same answer and the same work for an unknown user as for a wrong password. */
  async function whoHas(email: string, password: string): Promise<LoginRow | 'busy' | null> {
    const logins = await findLogins(db, email)
    if (logins.length === 0) return (await passwords.verify(null, password)) === 'busy' ? 'busy' : null
    for (const found of logins) {
      const same = await passwords.verify(found.password_hash, password)
      if (same === 'busy') return 'busy'
      if (same && found.active) return found
    }
    return null
  }

  routes.open(refresh, async ({ body, req, res }) => {
    const token = body.refreshToken ?? cookie.read(req)
    if (token === null) return { problem: NOT_SIGNED_IN }
    const family = await findRefresh(db, hashOf(token))
    if (family === undefined) return { problem: PROBLEMS.not_good }
    const rotated = await inSchool(db, family.school_id, tx => rotate(tx, { token, nowMs: nowMs() }))
    if (!rotated.ok) {
      if (rotated.failure !== 'used_just_now') cookie.clear(res)
      return { problem: PROBLEMS[rotated.failure] }
    }
    const data = await signedIn({ req, res }, rotated.value)
    return data === null ? { problem: PROBLEMS.not_good } : { data, message: 'Refreshed.' }
  })

  routes.open(logout, async ({ body, req, res }) => {
    const token = body.refreshToken ?? cookie.read(req)
    cookie.clear(res)
    const family = token === null ? undefined : await findRefresh(db, hashOf(token))
    if (family !== undefined) await end(family.school_id, [family.session_id])
    return { data: null, message: 'Signed out.' }
  })

  routes.own(logoutEverywhere, async ({ who, res }) => {
    cookie.clear(res)
    const schoolId = schoolOfUser(who)
    await end(schoolId, await inSchool(db, schoolId, tx => openSessionsOf(tx, who.userId)))
    return { data: null, message: 'Signed out everywhere.' }
  })

  const end = (schoolId: string | null, sessionIds: readonly string[]) =>
    inSchool(db, schoolId, tx => endSessions(tx, { schoolId, sessionIds, why: 'signed_out', nowMs: nowMs() }))

  routes.own(me, async ({ who }) => ({ data: userOf(who) }))

  routes.own(listAccessKeys, async ({ who }) => {
    const keys = await inSchool(db, schoolOfUser(who), tx => listKeys(tx, who.userId))
    return { data: keys.map(keyOf) }
  })

  routes.own(createAccessKey, async ({ who, body: { name, days } }) => {
    const schoolId = schoolOfUser(who)
    const made = await inSchool(db, schoolId, tx =>
      createKey(tx, { schoolId, userId: who.userId, name, days, nowMs: nowMs() }),
    )
    if (!made.ok) return { problem: PROBLEMS[made.failure] }
    return {
      data: { accessKey: keyOf(made.value.row), key: made.value.key },
      message: 'Keep this key: it is shown once.',
    }
  })

  routes.own(deleteAccessKey, async ({ who, params: { keyId } }) => {
    const schoolId = schoolOfUser(who)
    const gone = await inSchool(db, schoolId, tx => deleteKey(tx, { schoolId, userId: who.userId, keyId }))
    return gone.ok ? { data: null, message: 'The key has ended.' } : { problem: PROBLEMS[gone.failure] }
  })
}

/** Where a person's own rows are: a super_admin's are in no school, whichever one is chosen. */
function schoolOfUser({ role, school }: Person): string | null {
  return role === 'super_admin' ? null : school!.id
}

function userOf({
  userId,
  email,
  displayName,
  role,
  school,
}: Pick<Person, 'userId' | 'email' | 'displayName' | 'role'> & { readonly school: School | null }): User {
  return { id: userId, email, displayName, role, school }
}

function keyOf({ id, name, scope, created_at, expires_at, last_used_at }: Row<'access_keys'>): AccessKey {
  return {
    id,
    name,
    scope,
    createdAt: created_at.toISOString(),
    expiresAt: expires_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
  }
}

/** Browsers send Sec-Fetch-Site and scripts cannot unset it; the header is for those that are older. */
function isBrowser(req: Request): boolean {
  return req.get('x-gatehouse-client') === 'browser' || req.get('sec-fetch-site') !== undefined
}

/** `__Host-` would ask for the path `/`, and this cookie goes to the sign-in routes only. */
function refreshCookie(secure: boolean) {
  const name = secure ? '__Secure-gatehouse_refresh' : 'gatehouse_refresh'
  const options = { httpOnly: true, sameSite: 'strict', path: '/api/v1/auth', secure } as const
  return {
    set: (res: Response, token: string, remember: boolean) =>
      void res.cookie(name, token, { ...options, ...(remember && { maxAge: REFRESH_MS }) }),
    clear: (res: Response) => void res.clearCookie(name, options),
    read(req: Request): string | null {
      for (const part of (req.get('cookie') ?? '').split(';')) {
        const [key, ...value] = part.trim().split('=')
        if (key === name) return value.join('=').slice(0, 200)
      }
      return null
    },
  }
}
