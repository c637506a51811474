import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import type { Tx } from '../db/tables.ts'
import { makeSchoolKeys } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'

/** Every school begins with one scope: all gates share one list. */
export const FIRST_SCOPE = 'main'

export type NewSchool = {
  readonly schoolId: string
  readonly name: string
  readonly tenant: string
  readonly timeZone: string
}

/** A school with its keys, its first scope and that scope's card secret; `tx` is in it already. */
export async function createSchool(
  tx: Tx,
  vault: Vault,
  { schoolId, name, tenant, timeZone }: NewSchool,
): Promise<Result<null, 'tenant_taken'>> {
  const made = await tx
    .insertInto('schools')
    .values({ id: schoolId, name, tenant, time_zone: timeZone })
    .onConflict(conflict => conflict.column('tenant').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return fail('tenant_taken')
  await makeSchoolKeys(tx, vault, { schoolId, tenant })
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

/** The HMAC key of a scope's card fingerprints, 32 bytes. */
export async function cardSecretOf(
  tx: Tx,
  vault: Vault,
  { schoolId, tenant, scope }: { readonly schoolId: string; readonly tenant: string; readonly scope: string },
): Promise<Buffer> {
  const row = await tx
    .selectFrom('scopes')
    .select('sealed_card_secret')
    .where('school_id', '=', schoolId)
    .where('scope', '=', scope)
    .executeTakeFirstOrThrow()
  return vault.open(cardSecretPlace(tenant, scope), row.sealed_card_secret)
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
