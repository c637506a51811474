import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { EnrolmentKey } from '@gatehouse/shared/command/command.ts'
import type { Tx } from '../db/tables.ts'
import type { SchoolName } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'

/** What the school's gates seal a card to: its newest key, made when it is first asked for. */
export async function enrolmentKeyOf(tx: Tx, vault: Vault, school: SchoolName): Promise<EnrolmentKey> {
  const there = await newest(tx)
  if (there !== undefined) return there
  await makeKey(tx, vault, school)
  return (await newest(tx))!
}

async function newest(tx: Tx): Promise<EnrolmentKey | undefined> {
  const row = await tx
    .selectFrom('enrolment_keys')
    .select(['kid', 'public_jwk'])
    .orderBy('number', 'desc')
    .executeTakeFirst()
  return row && { kid: row.kid, ...row.public_jwk }
}

async function makeKey(tx: Tx, vault: Vault, { schoolId, tenant }: SchoolName): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y, d } = privateKey.export({ format: 'jwk' })
  const kid = `${tenant}/enrolment/1`
  await tx
    .insertInto('enrolment_keys')
    .values({
      school_id: schoolId,
      number: 1,
      kid,
      public_jwk: JSON.stringify({ kty: 'EC', crv: 'P-256', x, y }),
      sealed_private: vault.seal(place(tenant, kid), Buffer.from(d!, 'base64url')),
    })
    // Two who arm their first reader at once have one key.
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** The private half, for a card that is sealed to this key; null where the school has none of that id. */
export async function openEnrolmentKey(tx: Tx, vault: Vault, tenant: string, kid: string): Promise<KeyObject | null> {
  const row = await tx.selectFrom('enrolment_keys').selectAll().where('kid', '=', kid).executeTakeFirst()
  if (row === undefined) return null
  const d = vault.open(place(tenant, kid), row.sealed_private).toString('base64url')
  return createPrivateKey({ key: { ...row.public_jwk, d }, format: 'jwk' })
}

const place = (tenant: string, kid: string) => ({ tenant, table: 'enrolment_keys', column: 'sealed_private', row: kid })
