import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { nothingChanged } from '../audit/noted.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { dropOneTimes } from './one-time.repo.ts'
import type { Place } from './place.ts'
import { hashOf } from './secret-hash.ts'
import type { FactorUsed, SignInMethod } from './tables.ts'

const DAY_MS = 86_400_000
/** A refresh token serves so long after its last use, and a session so long in all. */
export const REFRESH_MS = 7 * DAY_MS
export const SESSION_MS = 30 * DAY_MS
/** Without `remember` the browser forgets the session; what other programs keep ends by itself. */
const UNREMEMBERED_MS = DAY_MS
/** Two tabs, or a lost answer: a token used up this short ago is refused, and no thief is suspected. */
export const REUSE_GRACE_MS = 10_000

/** Of one person; programs that sign in anew each time make many. */
const SESSIONS_TOLD_MAX = 200

export type NewSession = {
  readonly schoolId: string | null
  readonly userId: string
  readonly remember: boolean
  readonly method: SignInMethod
  readonly secondFactor: FactorUsed | null
  readonly place: Place
  readonly nowMs: number
}

/** A session and its first refresh token. */
export async function startSession(
  tx: Tx,
  { schoolId, userId, remember, method, secondFactor, place, nowMs }: NewSession,
) {
  const sessionId = randomUUIDv7()
  const now = new Date(nowMs)
  await tx
    .insertInto('sessions')
    .values({
      id: sessionId,
      school_id: schoolId,
      user_id: userId,
      remember,
      created_at: now,
      used_at: now,
      expires_at: new Date(nowMs + (remember ? REFRESH_MS : UNREMEMBERED_MS)),
      ended_at: null,
      ended_why: null,
      method,
      second_factor: secondFactor,
      address: place.address,
      user_agent: place.userAgent,
      device_hash: place.deviceHash,
    })
    .execute()
  return { sessionId, refreshToken: await newToken(tx, { schoolId, sessionId, now }) }
}

export type Rotation = {
  readonly sessionId: string
  readonly userId: string
  readonly remember: boolean
  readonly refreshToken: string
}

/**
 * Gives a new refresh token for an old one, once. A token that comes a second time was copied, by whoever came first
 * or second: the whole session ends, except within the grace, where it is only refused.
 *
 * Answers and never throws for it: a throw would roll the ending back.
 */
export async function rotate(
  tx: Tx,
  { token, nowMs, by }: { readonly token: string; readonly nowMs: number; readonly by?: By },
): Promise<Result<Rotation, 'not_good' | 'reused' | 'used_just_now'>> {
  const found = await tx.selectFrom('refresh_tokens').selectAll().where('hash', '=', hashOf(token)).executeTakeFirst()
  if (found === undefined) return fail('not_good')
  // The session's row is what two rotations of one family wait for.
  const session = await tx
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', found.session_id)
    .forUpdate()
    .executeTakeFirst()
  if (session === undefined || session.ended_at !== null || session.expires_at.getTime() <= nowMs)
    return fail('not_good')
  const old = await tx.selectFrom('refresh_tokens').selectAll().where('hash', '=', found.hash).executeTakeFirstOrThrow()
  if (old.used_at !== null) {
    if (nowMs - old.used_at.getTime() <= REUSE_GRACE_MS) return fail('used_just_now')
    const { id, school_id: schoolId, user_id: userId } = session
    const auditor = { schoolId, nowMs, ...(by && { by: { ...by, sessionId: id } }) }
    await audit(tx, auditor, { action: 'session.reuse_found', subject: { kind: 'user', id: userId } })
    await endSessions(tx, { ...auditor, sessionIds: [id], why: 'reuse' })
    return fail('reused')
  }

  const now = new Date(nowMs)
  await tx.updateTable('refresh_tokens').set({ used_at: now }).where('hash', '=', old.hash).execute()
  const until = Math.min(
    nowMs + (session.remember ? REFRESH_MS : UNREMEMBERED_MS),
    session.created_at.getTime() + SESSION_MS,
  )
  await tx
    .updateTable('sessions')
    .set({ used_at: now, expires_at: new Date(until) })
    .where('id', '=', session.id)
    .execute()
  const refreshToken = await newToken(tx, { schoolId: session.school_id, sessionId: session.id, now })
  return ok({ sessionId: session.id, userId: session.user_id, remember: session.remember, refreshToken })
}

export type Ending = {
  readonly schoolId: string | null
  readonly sessionIds: readonly string[]
  readonly why:
    | 'signed_out'
    | 'ended'
    | 'reuse'
    | 'deactivated'
    | 'role_changed'
    | 'password_changed'
    | 'password_reset'
    | 'factors_reset'
  readonly nowMs: number
  /** Left out: the service itself. */
  readonly by?: By
}

/** Ends sessions; connections that hang on them are told when this commits. */
export async function endSessions(tx: Tx, { schoolId, sessionIds, why, nowMs, by }: Ending): Promise<void> {
  if (sessionIds.length === 0) return
  const ended = await tx
    .updateTable('sessions')
    .set({ ended_at: new Date(nowMs), ended_why: why })
    .where('id', 'in', [...sessionIds])
    .where('ended_at', 'is', null)
    .returning(['id', 'user_id'])
    .execute()
  if (ended.length === 0) nothingChanged()
  for (const { id, user_id: userId } of ended) {
    const subject = { kind: 'user', id: userId }
    await audit(
      tx,
      { schoolId, nowMs, ...(by && { by }) },
      { action: 'session.end', subject, after: { sessionId: id, why } },
    )
  }
  await leave(tx, schoolId, 'session.ended', { ids: [...sessionIds] })
}

/** Ends what somebody has open, but for one session where that is named. Answers how many sessions. */
export async function endSessionsOf(
  tx: Tx,
  { userId, except, ...ending }: Omit<Ending, 'sessionIds'> & { readonly userId: string; readonly except?: string },
): Promise<number> {
  const sessionIds = (await openSessionsOf(tx, userId)).filter(id => id !== except)
  await endSessions(tx, { ...ending, sessionIds })
  return sessionIds.length
}

export async function openSessionsOf(tx: Tx, userId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

/** Where somebody is signed in now, newest first. */
export function listSessions(tx: Tx, userId: string, nowMs: number): Promise<Row<'sessions'>[]> {
  return tx
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', new Date(nowMs))
    .orderBy('created_at', 'desc')
    .limit(SESSIONS_TOLD_MAX)
    .execute()
}

/** Whether somebody signed in from there before. A program has no cookie: it is known by its address and what it says it is. */
export async function wasThere(tx: Tx, userId: string, { address, userAgent, deviceHash }: Place): Promise<boolean> {
  const found = await tx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where(eb =>
      deviceHash !== null
        ? eb('device_hash', '=', deviceHash)
        : eb.and([
            eb('device_hash', 'is', null),
            eb('address', '=', address),
            eb('user_agent', 'is not distinct from', userAgent),
          ]),
    )
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** Deactivates a person: refused at the next request, connections closed, keys dead with them. */
export async function deactivateUser(
  tx: Tx,
  {
    schoolId,
    userId,
    nowMs,
    by,
  }: { readonly schoolId: string | null; readonly userId: string; readonly nowMs: number; readonly by?: By },
): Promise<boolean> {
  const found = await tx
    .updateTable('users')
    .set({ active: false })
    .where('id', '=', userId)
    .where('active', '=', true)
    .returning('id')
    .execute()
  if (found.length === 0) return false
  await endSessionsOf(tx, { schoolId, userId, why: 'deactivated', nowMs, ...(by && { by }) })
  await dropOneTimes(tx, userId, ['second_factor', 'password_reset', 'passkey_new', 'passkey_sign_in'])
  const keys = await tx.deleteFrom('access_keys').where('user_id', '=', userId).returning('id').execute()
  if (keys.length > 0) await leave(tx, schoolId, 'session.ended', { ids: keys.map(({ id }) => id) })
  return true
}

/** Sessions that ended long ago, and what hung on them. Answers how many. */
export async function forgetSessions(tx: Tx, { nowMs }: { readonly nowMs: number }): Promise<number> {
  const gone = await tx
    .deleteFrom('sessions')
    .where(sql<boolean>`coalesce(ended_at, expires_at) < ${new Date(nowMs - SESSION_MS)}`)
    .returning('id')
    .execute()
  return gone.length
}

async function newToken(
  tx: Tx,
  { schoolId, sessionId, now }: { readonly schoolId: string | null; readonly sessionId: string; readonly now: Date },
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tx
    .insertInto('refresh_tokens')
    .values({ hash: hashOf(token), school_id: schoolId, session_id: sessionId, created_at: now, used_at: null })
    .execute()
  return token
}
