import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'
import { hashOf } from './secret-hash.ts'

const DAY_MS = 86_400_000
/** A refresh token serves so long after its last use, and a session so long in all. */
export const REFRESH_MS = 7 * DAY_MS
export const SESSION_MS = 30 * DAY_MS
/** Without `remember` the browser forgets the session; what other programs keep ends by itself. */
const UNREMEMBERED_MS = DAY_MS
/** Two tabs, or a lost answer: a token used up this short ago is refused, and no thief is suspected. */
export const REUSE_GRACE_MS = 10_000

export type NewSession = {
  readonly schoolId: string | null
  readonly userId: string
  readonly remember: boolean
  readonly nowMs: number
}

/** A session and its first refresh token. */
export async function startSession(tx: Tx, { schoolId, userId, remember, nowMs }: NewSession) {
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
  { token, nowMs }: { readonly token: string; readonly nowMs: number },
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
    await endSessions(tx, { schoolId: session.school_id, sessionIds: [session.id], why: 'reuse', nowMs })
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
  readonly why: 'signed_out' | 'reuse' | 'deactivated'
  readonly nowMs: number
}

/** Ends sessions; connections that hang on them are told when this commits. */
export async function endSessions(tx: Tx, { schoolId, sessionIds, why, nowMs }: Ending): Promise<void> {
  if (sessionIds.length === 0) return
  await tx
    .updateTable('sessions')
    .set({ ended_at: new Date(nowMs), ended_why: why })
    .where('id', 'in', [...sessionIds])
    .where('ended_at', 'is', null)
    .execute()
  await leave(tx, schoolId, 'session.ended', { ids: [...sessionIds] })
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

/** The session a refresh token belongs to, ended or not. */
export async function sessionOfToken(tx: Tx, token: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('refresh_tokens')
    .select('session_id')
    .where('hash', '=', hashOf(token))
    .executeTakeFirst()
  return row?.session_id
}

/** Deactivates a person: refused at the next request, connections closed, keys dead with them. */
export async function deactivateUser(
  tx: Tx,
  { schoolId, userId, nowMs }: { readonly schoolId: string | null; readonly userId: string; readonly nowMs: number },
): Promise<boolean> {
  const found = await tx
    .updateTable('users')
    .set({ active: false })
    .where('id', '=', userId)
    .where('active', '=', true)
    .returning('id')
    .execute()
  if (found.length === 0) return false
  await endSessions(tx, { schoolId, sessionIds: await openSessionsOf(tx, userId), why: 'deactivated', nowMs })
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
