import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Operation, Role } from '@gatehouse/shared/wire/rights.ts'
import { sql } from 'kysely'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { hashOf } from './secret-hash.ts'

/** A person's keys; nobody needs more, and each is a way in. */
export const KEYS_EACH_MAX = 20

export type NewKey = {
  readonly schoolId: string | null
  readonly userId: string
  readonly name: string
  readonly scopes: readonly Operation[]
  readonly days: number
  readonly nowMs: number
}

/** Makes a key. It is told once and kept as a hash. */
export async function createKey(
  tx: Tx,
  { schoolId, userId, name, scopes, days, nowMs }: NewKey,
): Promise<Result<{ row: Row<'access_keys'>; key: string }, 'too_many_keys'>> {
  if ((await listKeys(tx, userId)).length >= KEYS_EACH_MAX) return fail('too_many_keys')
  const key = `ghk_${randomBytes(32).toString('base64url')}`
  const row = await tx
    .insertInto('access_keys')
    .values({
      id: randomUUIDv7(),
      school_id: schoolId,
      user_id: userId,
      name,
      scopes: [...scopes],
      hash: hashOf(key),
      created_at: new Date(nowMs),
      expires_at: new Date(nowMs + days * 86_400_000),
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return ok({ row, key })
}

export function listKeys(tx: Tx, userId: string): Promise<Row<'access_keys'>[]> {
  return tx.selectFrom('access_keys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute()
}

export type KeyAndOwner = Row<'access_keys'> & {
  readonly display_name: string
  readonly role: Role
}

/** Keys of everybody in the school, the newest first: one page of them, and how many there are. */
export async function listSchoolKeys(
  tx: Tx,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<{ rows: KeyAndOwner[]; total: number }> {
  const { total } = await tx
    .selectFrom('access_keys')
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  const rows = await tx
    .selectFrom('access_keys')
    .innerJoin('users', 'users.id', 'access_keys.user_id')
    .selectAll('access_keys')
    .select(['users.display_name', 'users.role'])
    .orderBy('access_keys.created_at', 'desc')
    .orderBy('access_keys.id')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** Ends a key, of this person alone where one is named; its connections are told when this commits. */
export async function deleteKey(
  tx: Tx,
  { schoolId, userId, keyId }: { readonly schoolId: string | null; readonly userId?: string; readonly keyId: string },
): Promise<Result<Row<'access_keys'>, 'no_such_key'>> {
  const gone = await tx
    .deleteFrom('access_keys')
    .where('id', '=', keyId)
    .$if(userId !== undefined, query => query.where('user_id', '=', userId!))
    .returningAll()
    .executeTakeFirst()
  if (gone === undefined) return fail('no_such_key')
  await leave(tx, schoolId, 'session.ended', { ids: [keyId] })
  return ok(gone)
}

/** Its owner sees on the keys page whether a key is still in use. */
export async function noteKeyUsed(tx: Tx, keyId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('access_keys')
    .set({ last_used_at: new Date(nowMs) })
    .where('id', '=', keyId)
    .execute()
}
