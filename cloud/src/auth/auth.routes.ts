import { login, logout, logoutEverywhere, me, refresh } from '@gatehouse/shared/wire/api/auth.ts'
import {
  endSession,
  listSessions as listSessionsRoute,
  type Session,
} from '@gatehouse/shared/wire/api/auth-sessions.ts'
import type { By } from '../audit/actor.ts'
import { nothingChanged } from '../audit/noted.ts'
import { findLogins, findRefresh, type LoginRow } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row } from '../db/tables.ts'
import { type Binder, nobodyOf } from '../http/bind.ts'
import type { SignInLimits } from '../http/limits.ts'
import { NOT_SIGNED_IN, type Problem } from '../http/problem.ts'
import type { Cookies } from './cookies.ts'
import { knownPlace } from './known-place.ts'
import type { Passwords } from './password.ts'
import { deviceText } from './place.ts'
import { hashOf } from './secret-hash.ts'
import { endSessions, endSessionsOf, listSessions, rotate } from './sessions.repo.ts'
import { type Entrant, type SignIn, schoolOfUser, userOf } from './sign-in.ts'
import { mustSignOn } from './sign-in-rules.repo.ts'

export type AuthRoutesNeeds = {
  readonly db: Db
  readonly entry: SignIn
  readonly cookies: Cookies
  readonly passwords: Passwords
  readonly limits: SignInLimits
  readonly nowMs: () => number
}

const PROBLEMS = {
  wrong: { status: 401, code: 'wrong_credentials', message: 'E-mail or password is not right.' },
  busy: { status: 503, code: 'busy', message: 'Too many people are signing in at this moment. Try again shortly.' },
  must_sign_on: {
    status: 403,
    code: 'sign_on_required',
    message:
      'Your school signs on with its own account, not with a password here. Choose your school on the sign-in page.',
  },
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
  no_such_session: { status: 404, code: 'not_found', message: 'You have no open session with that id.' },
} satisfies Record<string, Problem>

/** Signing in by password, sessions and their ends. */
export function authRoutes(routes: Binder, { db, entry, cookies, passwords, limits, nowMs }: AuthRoutesNeeds): void {
  routes.open(
    login,
    async ({ body: { email, password, rememberMe }, req, res }) => {
      const found = await whoHas(email, password)
      if (found.is === 'busy') return { problem: PROBLEMS.busy }
      if (found.is === 'refused') {
        for (const one of found.known) await entry.refused(req, one, 'wrong password, or not active')
        if (found.known.length === 0) await entry.refused(req, null, 'nobody has this e-mail')
        return { problem: PROBLEMS.wrong }
      }
      const { entrant } = found
      if (await inSchool(db, entrant.schoolId, tx => mustSignOn(tx, entrant.schoolId, entrant.role))) {
        await entry.refused(req, entrant, 'must sign on at the issuer of the school')
        return { problem: PROBLEMS.must_sign_on }
      }
      const asked = await entry.factorAsked(entrant, rememberMe)
      if (asked !== null) {
        // Told when the second step is done, or refused.
        nothingChanged()
        return { data: asked, message: 'One more step.' }
      }
      const how = { method: 'password', secondFactor: null, remember: rememberMe } as const
      const data = await entry.begin({ req, res }, entrant, how)
      if (data === null) return { problem: PROBLEMS.wrong }
      limits.succeeded(email, req)
      return { data, message: 'Signed in.' }
    },
    [knownPlace(db, cookies), ...limits.handlers],
  )

  type Found =
    | { readonly is: 'found'; readonly entrant: Entrant }
    | { readonly is: 'busy' }
    | { readonly is: 'refused'; readonly known: readonly Entrant[] }

  /** The same answer and the same work for an unknown user as for a wrong password. */
  async function whoHas(email: string, password: string): Promise<Found> {
    const logins = await findLogins(db, email)
    if (logins.length === 0 && (await passwords.verify(null, password)) === 'busy') return { is: 'busy' }
    for (const found of logins) {
      const same = await passwords.verify(found.password_hash, password)
      if (same === 'busy') return { is: 'busy' }
      if (same && found.active) return { is: 'found', entrant: entrantOf(found) }
    }
    return { is: 'refused', known: logins.map(entrantOf) }
  }

  routes.open(refresh, async ({ body, req, res }) => {
    const token = body.refreshToken ?? cookies.refresh.read(req)
    if (token === null) return { problem: NOT_SIGNED_IN }
    const family = await findRefresh(db, hashOf(token))
    if (family === undefined) {
      cookies.refresh.clear(res)
      return { problem: PROBLEMS.not_good }
    }
    const by = nobodyOf(req)
    const rotated = await inSchool(db, family.school_id, tx => rotate(tx, { token, nowMs: nowMs(), by }))
    if (!rotated.ok) {
      if (rotated.failure !== 'used_just_now') cookies.refresh.clear(res)
      return { problem: PROBLEMS[rotated.failure] }
    }
    const data = await entry.answer({ req, res }, rotated.value)
    return data === null ? { problem: PROBLEMS.not_good } : { data, message: 'Refreshed.' }
  })

  routes.open(logout, async ({ body, req, res }) => {
    const token = body.refreshToken ?? cookies.refresh.read(req)
    cookies.refresh.clear(res)
    const family = token === null ? undefined : await findRefresh(db, hashOf(token))
    if (family === undefined) nothingChanged()
    else await end(family.school_id, [family.session_id], nobodyOf(req))
    return { data: null, message: 'Signed out.' }
  })

  const end = (schoolId: string | null, sessionIds: readonly string[], by: By) =>
    inSchool(db, schoolId, tx => endSessions(tx, { schoolId, sessionIds, why: 'signed_out', nowMs: nowMs(), by }))

  routes.own(logoutEverywhere, async ({ who, res }) => {
    cookies.refresh.clear(res)
    const schoolId = schoolOfUser(who)
    const { userId, by } = who
    await inSchool(db, schoolId, tx => endSessionsOf(tx, { schoolId, userId, why: 'signed_out', nowMs: nowMs(), by }))
    return { data: null, message: 'Signed out everywhere.' }
  })

  routes.own(me, async ({ who }) => ({ data: userOf(who) }))

  routes.own(listSessionsRoute, async ({ who }) => {
    const rows = await inSchool(db, schoolOfUser(who), tx => listSessions(tx, who.userId, nowMs()))
    return { data: rows.map(row => sessionOf(row, who.sessionId)) }
  })

  routes.own(endSession, async ({ who, params: { sessionId } }) => {
    const schoolId = schoolOfUser(who)
    const { userId, by } = who
    const ended = await inSchool(db, schoolId, async tx => {
      const mine = await listSessions(tx, userId, nowMs())
      if (!mine.some(({ id }) => id === sessionId)) return false
      await endSessions(tx, { schoolId, sessionIds: [sessionId], why: 'ended', nowMs: nowMs(), by })
      return true
    })
    return ended ? { data: null, message: 'The session has ended.' } : { problem: PROBLEMS.no_such_session }
  })
}

export function entrantOf({ user_id, school_id, role, email, display_name }: Omit<LoginRow, 'password_hash'>): Entrant {
  return { userId: user_id, schoolId: school_id, role, email, displayName: display_name }
}

function sessionOf(row: Row<'sessions'>, currentId: string): Session {
  return {
    id: row.id,
    current: row.id === currentId,
    device: deviceText(row.user_agent),
    address: row.address,
    method: row.method,
    createdAt: row.created_at.toISOString(),
    usedAt: row.used_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}
