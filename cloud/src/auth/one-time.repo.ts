import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { findOneTimeToken } from '../db/definer.ts'
import type { Db, Tx } from '../db/tables.ts'
import { hashOf } from './secret-hash.ts'
import type { OneTimePurpose } from './tables.ts'

export type NewOneTime = {
  readonly schoolId: string | null
  readonly userId: string | null
  readonly purpose: OneTimePurpose
  /** What is to be known when it comes back. */
  readonly facts?: object
  readonly lifeMs: number
  readonly tries?: number
  readonly nowMs: number
  /** Made by others: a challenge, a state. Left out: 32 random bytes. */
  readonly token?: string
}

/** Answers the token: only the other side has it, here is its hash. */
export async function makeOneTime(
  tx: Tx,
  {
    schoolId,
    userId,
    purpose,
    facts = {},
    lifeMs,
    tries = 1,
    nowMs,
    token = randomBytes(32).toString('base64url'),
  }: NewOneTime,
): Promise<string> {
  const now = new Date(nowMs)
  await tx
    .insertInto('one_time_tokens')
    .values({
      hash: hashOf(token),
      school_id: schoolId,
      user_id: userId,
      purpose,
      facts: JSON.stringify(facts),
      tries_left: tries,
      created_at: now,
      expires_at: new Date(nowMs + lifeMs),
    })
    .execute()
  return token
}

/** In which school a token lies, whether it still serves or not; undefined: nobody made it, for this purpose. */
export async function whereOneTime(db: Db, token: string, purpose: OneTimePurpose) {
  const found = await findOneTimeToken(db, hashOf(token))
  return found?.purpose === purpose ? { schoolId: found.school_id, userId: found.user_id } : undefined
}

export type OneTime = { readonly userId: string | null; readonly facts: unknown }

/** Takes a token out of the world: of many who come with it one gets it. Null: it is gone, or its time is over. */
export async function takeOneTime(
  tx: Tx,
  token: string,
  purpose: OneTimePurpose,
  nowMs: number,
): Promise<OneTime | null> {
  const row = await tx
    .deleteFrom('one_time_tokens')
    .where('hash', '=', hashOf(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date(nowMs))
    .returning(['user_id', 'facts'])
    .executeTakeFirst()
  return row === undefined ? null : { userId: row.user_id, facts: row.facts }
}

/** Uses up one of its tries. Null: there is none left, or its time is over. */
export async function tryOneTime(
  tx: Tx,
  token: string,
  purpose: OneTimePurpose,
  nowMs: number,
): Promise<OneTime | null> {
  const row = await tx
    .updateTable('one_time_tokens')
    .set({ tries_left: sql<number>`tries_left - 1` })
    .where('hash', '=', hashOf(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date(nowMs))
    .where('tries_left', '>', 0)
    .returning(['user_id', 'facts'])
    .executeTakeFirst()
  return row === undefined ? null : { userId: row.user_id, facts: row.facts }
}

/** What else was under way for somebody: a link that was mailed before, a sign-in that waits. */
export async function dropOneTimes(tx: Tx, userId: string, purposes: readonly OneTimePurpose[]): Promise<void> {
  await tx
    .deleteFrom('one_time_tokens')
    .where('user_id', '=', userId)
    .where('purpose', 'in', [...purposes])
    .execute()
}

/** Answers how many were of no use any more. */
export async function forgetOneTimes(tx: Tx, nowMs: number): Promise<number> {
  const gone = await tx
    .deleteFrom('one_time_tokens')
    .where('expires_at', '<=', new Date(nowMs))
    .returning('hash')
    .execute()
  return gone.length
}
