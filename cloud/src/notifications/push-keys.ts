import type { Db } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { newPushKeys, type PushKeys } from './push-message.ts'

const place = { tenant: '', table: 'push_keys', column: 'sealed_private', row: '1' }

/** The installation's key for push messages (VAPID, RFC 8292), made when it is first needed; of two processes that make one, the first stands. */
export function openPushKeys(db: Db, vault: Vault): () => Promise<PushKeys> {
  let known: PushKeys | null = null
  return async () => {
    known ??= (await load(db, vault)) ?? (await make(db, vault))
    return known
  }
}

async function load(db: Db, vault: Vault): Promise<PushKeys | null> {
  const row = await db.selectFrom('push_keys').selectAll().executeTakeFirst()
  if (row === undefined) return null
  return { publicKey: row.public_key, privateKey: vault.open(place, row.sealed_private).toString('base64url') }
}

async function make(db: Db, vault: Vault): Promise<PushKeys> {
  const { publicKey, privateKey } = newPushKeys()
  const sealed = vault.seal(place, Buffer.from(privateKey, 'base64url'))
  await db
    .insertInto('push_keys')
    .values({ id: 1, public_key: publicKey, sealed_private: sealed })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  return (await load(db, vault))!
}
