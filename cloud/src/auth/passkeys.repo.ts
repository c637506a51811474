import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import {
  PASSKEYS_EACH_MAX,
  type Passkey,
  type PasskeyAssertion,
  type PasskeyRegistration,
} from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import { enterSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { takeOneTime } from './one-time.repo.ts'
import type { KeptPasskey, Passkeys } from './webauthn.ts'

type Owner = { readonly schoolId: string | null; readonly userId: string }

export function passkeysOf(tx: Tx, userId: string): Promise<Row<'passkeys'>[]> {
  return tx.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute()
}

export function keptOf({ credential_id, public_key, counter, transports }: Row<'passkeys'>): KeptPasskey {
  return { credentialId: credential_id, publicKey: public_key, counter: Number(counter), transports }
}

export function passkeyOf({ id, name, backed_up, created_at, last_used_at }: Row<'passkeys'>): Passkey {
  return {
    id,
    name,
    backedUp: backed_up,
    createdAt: created_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
  }
}

/** Keeps a passkey that answers a challenge this person was given. */
export async function addPasskey(
  tx: Tx,
  passkeys: Passkeys,
  {
    schoolId,
    userId,
    name,
    registration,
    nowMs,
  }: Owner & { readonly name: string; readonly registration: PasskeyRegistration; readonly nowMs: number },
): Promise<Result<Row<'passkeys'>, 'refused' | 'too_many' | 'known'>> {
  if ((await passkeysOf(tx, userId)).length >= PASSKEYS_EACH_MAX) return fail('too_many')
  const checked = await passkeys.checkNew(registration, async challenge => {
    const asked = await takeOneTime(tx, challenge, 'passkey_new', nowMs)
    return asked?.userId === userId
  })
  if (checked === null) return fail('refused')
  const row = await tx
    .insertInto('passkeys')
    .values({
      credential_id: checked.credentialId,
      id: randomUUIDv7(),
      school_id: schoolId,
      user_id: userId,
      name,
      public_key: checked.publicKey,
      counter: checked.counter,
      transports: [...checked.transports],
      backed_up: checked.backedUp,
      created_at: new Date(nowMs),
      last_used_at: null,
    })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? fail('known') : ok(row)
}

/** A passkey of this person, shown for a challenge that was given to them, or to anybody. */
export async function takePasskey(
  tx: Tx,
  passkeys: Passkeys,
  { schoolId, userId, assertion, nowMs }: Owner & { readonly assertion: PasskeyAssertion; readonly nowMs: number },
): Promise<Result<Row<'passkeys'>, 'refused' | 'counter_back'>> {
  const row = await tx
    .selectFrom('passkeys')
    .selectAll()
    .where('credential_id', '=', assertion.id)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return fail('refused')
  const checked = await passkeys.checkUse(assertion, keptOf(row), async challenge => {
    const mine = await takeOneTime(tx, challenge, 'passkey_sign_in', nowMs)
    if (mine !== null) return mine.userId === userId || (schoolId === null && mine.userId === null)
    // Given before it was known who comes: such a one is in no school.
    const anyones = await takeOneTime(await enterSchool(tx, null), challenge, 'passkey_sign_in', nowMs)
    await enterSchool(tx, schoolId)
    return anyones !== null && anyones.userId === null
  })
  if (typeof checked === 'string') return fail(checked)
  await tx
    .updateTable('passkeys')
    .set({ counter: checked.counter, backed_up: checked.backedUp, last_used_at: new Date(nowMs) })
    .where('id', '=', row.id)
    .execute()
  return ok(row)
}

export async function removePasskey(tx: Tx, userId: string, id: string): Promise<Row<'passkeys'> | undefined> {
  return tx.deleteFrom('passkeys').where('user_id', '=', userId).where('id', '=', id).returningAll().executeTakeFirst()
}
