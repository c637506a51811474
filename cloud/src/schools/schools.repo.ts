import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import type { Tx } from '../db/tables.ts'
import { addDataKey } from '../keys/data-keys.ts'
import { makeSchoolKeys } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'

/** Every school begins with one scope: all gates share one list. */
export const FIRST_SCOPE = 'main'

export type NewSchool = {
  readonly schoolId: string
  readonly name: string
  readonly tenant: string
  readonly timeZone: string
  /** ISO 3166-1 alpha-2; null: phone numbers must begin with +. */
  readonly country?: string | null
}

/** A school with its keys, its first scope and that scope's card secret; `tx` is in it already. */
export async function createSchool(
  tx: Tx,
  vault: Vault,
  { schoolId, name, tenant, timeZone, country = null }: NewSchool,
): Promise<Result<null, 'tenant_taken'>> {
  const made = await tx
    .insertInto('schools')
    .values({ id: schoolId, name, tenant, time_zone: timeZone, country })
    .onConflict(conflict => conflict.column('tenant').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return fail('tenant_taken')
  await makeSchoolKeys(tx, vault, { schoolId, tenant })
  await addDataKey(tx, vault, { schoolId, tenant, number: 1, nowMs: null })
  await tx
    .insertInto('scopes')
    .values({
      school_id: schoolId,
      scope: FIRST_SCOPE,
      sealed_card_secret: vault.seal(cardSecretPlace(tenant, FIRST_SCOPE), randomBytes(32)),
    })
    .execute()
  return ok(null)
}

/** A site of a school: the gates that share a list and its secrets. */
export type SiteName = { readonly schoolId: string; readonly tenant: string; readonly scope: string }

/** The HMAC key of a scope's card fingerprints, 32 bytes. */
export async function cardSecretOf(tx: Tx, vault: Vault, { schoolId, tenant, scope }: SiteName): Promise<Buffer> {
  const row = await tx
    .selectFrom('scopes')
    .select('sealed_card_secret')
    .where('school_id', '=', schoolId)
    .where('scope', '=', scope)
    .executeTakeFirstOrThrow()
  return vault.open(cardSecretPlace(tenant, scope), row.sealed_card_secret)
}

/**
 * What a site's rotating barcodes are made and checked with, 32 bytes: `totpKey` derives the key of each pass from it. Made once, when
 * it is first asked for; of two who ask at once both get the one that stands.
 */
export async function totpSecretOf(tx: Tx, vault: Vault, { schoolId, tenant, scope }: SiteName): Promise<Buffer> {
  const place = { tenant, table: 'scopes', column: 'sealed_totp_secret', row: scope }
  const kept = () =>
    tx
      .selectFrom('scopes')
      .select('sealed_totp_secret')
      .where('school_id', '=', schoolId)
      .where('scope', '=', scope)
      .executeTakeFirstOrThrow()
  const found = await kept()
  if (found.sealed_totp_secret !== null) return vault.open(place, found.sealed_totp_secret)
  await tx
    .updateTable('scopes')
    .set({ sealed_totp_secret: vault.seal(place, randomBytes(32)) })
    .where('school_id', '=', schoolId)
    .where('scope', '=', scope)
    .where('sealed_totp_secret', 'is', null)
    .execute()
  return vault.open(place, (await kept()).sealed_totp_secret!)
}

export type NewUser = {
  readonly schoolId: string | null
  readonly email: string
  readonly displayName: string
  readonly role: Role
  readonly passwordHash: string
}

export async function createUser(
  tx: Tx,
  { schoolId, email, displayName, role, passwordHash }: NewUser,
): Promise<Result<string, 'email_taken'>> {
  const id = randomUUIDv7()
  const made = await tx
    .insertInto('users')
    .values({ id, school_id: schoolId, email, display_name: displayName, role, password_hash: passwordHash })
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return made === undefined ? fail('email_taken') : ok(id)
}

const cardSecretPlace = (tenant: string, scope: string) => ({
  tenant,
  table: 'scopes',
  column: 'sealed_card_secret',
  row: scope,
})
