import type { FactorAsked, SignedIn, User } from '@gatehouse/shared/wire/api/auth.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import type { Request, Response } from 'express'
import { audit } from '../audit/audit.ts'
import { findSession } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { nobodyOf, whoeverOf } from '../http/bind.ts'
import { ACCESS_TOKEN_S, type AccessTokens } from './access-token.ts'
import type { Cookies } from './cookies.ts'
import { methodsOf } from './factors.repo.ts'
import { chosenSchool, type Person, type School } from './identity.ts'
import type { Post } from './letters.ts'
import { makeOneTime } from './one-time.repo.ts'
import { deviceText, placeOf } from './place.ts'
import { startSession, wasThere } from './sessions.repo.ts'
import type { FactorUsed, SignInMethod } from './tables.ts'

const FACTOR_MS = 5 * 60_000
/** At one sign-in; who needs more begins again. */
const FACTOR_TRIES = 5

/** A row of `users`, as far as signing in goes. */
export type Entrant = {
  readonly userId: string
  readonly schoolId: string | null
  readonly role: Role
  readonly email: string
  readonly displayName: string
}

export type How = {
  readonly method: SignInMethod
  readonly secondFactor: FactorUsed | null
  readonly remember: boolean
}

type Wire = { readonly req: Request; readonly res: Response }

export type SignInNeeds = {
  readonly db: Db
  readonly tokens: AccessTokens
  readonly cookies: Cookies
  readonly post: Post
  readonly nowMs: () => number
}

export type SignIn = ReturnType<typeof signIn>

/** What every way of signing in ends with. */
export function signIn({ db, tokens, cookies, post, nowMs }: SignInNeeds) {
  /** Tokens for a session that exists. A browser gets the refresh token where no script can read it. Null: it has just ended. */
  async function answer(
    { req, res }: Wire,
    session: { sessionId: string; refreshToken: string; remember: boolean },
  ): Promise<SignedIn | null> {
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
    if (browser) cookies.refresh.set(res, session.refreshToken, session.remember)
    const { user_id: userId, email, display_name: displayName, role, grants, factor_missing: factorMissing } = row
    return {
      user: userOf({ userId, email, displayName, role, grants, school, factorMissing }),
      tokens: { accessToken, expiresInS: ACCESS_TOKEN_S, ...(!browser && { refreshToken: session.refreshToken }) },
    }
  }

  /** A session for somebody who has shown who they are. Null: deactivated meanwhile. */
  async function begin({ req, res }: Wire, entrant: Entrant, how: How): Promise<SignedIn | null> {
    const { userId, schoolId } = entrant
    const before = placeOf(req, cookies)
    const place = isBrowser(req) ? { ...before, deviceHash: cookies.device.know(req, res) } : before
    const at = nowMs()
    const started = await inSchool(db, schoolId, async tx => {
      const user = await tx
        .selectFrom('users')
        .select(['active', 'signed_in_at'])
        .where('id', '=', userId)
        .executeTakeFirst()
      if (!user?.active) return null
      const isNew = user.signed_in_at !== null && !(await wasThere(tx, userId, place))
      const session = await startSession(tx, { schoolId, userId, ...how, place, nowMs: at })
      await tx
        .updateTable('users')
        .set({ signed_in_at: new Date(at) })
        .where('id', '=', userId)
        .execute()
      const by = whoeverOf({ id: userId, name: entrant.displayName, role: entrant.role }, session.sessionId, req)
      const device = deviceText(place.userAgent)
      await audit(
        tx,
        { schoolId, nowMs: at, by },
        {
          action: 'session.begin',
          subject: { kind: 'user', id: userId },
          after: { sessionId: session.sessionId, method: how.method, secondFactor: how.secondFactor, device, isNew },
        },
      )
      if (isNew) {
        const values = { device: device ?? '', address: place.address ?? '', at: new Date(at).toISOString() }
        await post(tx, { schoolId, userId, to: entrant.email, template: 'new_sign_in', values })
      }
      return session
    })
    return started && answer({ req, res }, { ...started, remember: how.remember })
  }

  /** What is still to be shown after the password; null: nothing. */
  async function factorAsked(entrant: Entrant, remember: boolean): Promise<FactorAsked | null> {
    const { userId, schoolId } = entrant
    return inSchool(db, schoolId, async tx => {
      const methods = await methodsOf(tx, userId)
      if (methods.length === 0) return null
      const token = await makeOneTime(tx, {
        schoolId,
        userId,
        purpose: 'second_factor',
        facts: { remember },
        lifeMs: FACTOR_MS,
        tries: FACTOR_TRIES,
        nowMs: nowMs(),
      })
      return { secondFactor: { token, expiresInS: FACTOR_MS / 1000, methods } }
    })
  }

  /** An attempt that was turned away, in the log of the account's school; null: nobody has the e-mail, and the platform's log says so. */
  async function refused(req: Request, entrant: Entrant | null, why: string): Promise<void> {
    const schoolId = entrant?.schoolId ?? null
    await inSchool(db, schoolId, tx => refusedIn(tx, req, entrant, why))
  }

  async function refusedIn(tx: Tx, req: Request, entrant: Entrant | null, why: string): Promise<void> {
    await audit(
      tx,
      { schoolId: entrant?.schoolId ?? null, nowMs: nowMs(), by: nobodyOf(req) },
      {
        action: 'session.refused',
        ...(entrant !== null && { subject: { kind: 'user', id: entrant.userId } }),
        note: why,
      },
    )
  }

  return { answer, begin, factorAsked, refused, refusedIn }
}

export function userOf({
  userId,
  email,
  displayName,
  role,
  grants,
  school,
  factorMissing,
}: Pick<Person, 'userId' | 'email' | 'displayName' | 'role' | 'grants' | 'factorMissing'> & {
  readonly school: School | null
}): User {
  return {
    id: userId,
    email,
    displayName,
    role,
    grants: [...grants],
    school,
    ...(factorMissing && { mustSetUpFactor: true }),
  }
}

/** Where a person's own rows are: a super_admin's are in no school, whichever one is chosen. */
export function schoolOfUser({ role, school }: Person): string | null {
  return role === 'super_admin' ? null : school!.id
}

/** Browsers send Sec-Fetch-Site and scripts cannot unset it; the header is for those that are older. */
export function isBrowser(req: Request): boolean {
  return req.get('x-gatehouse-client') === 'browser' || req.get('sec-fetch-site') !== undefined
}
