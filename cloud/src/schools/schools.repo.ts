import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { makeSchoolKeys } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'

/** Every school begins with one scope: all gates share one list. */
export const FIRST_SCOPE = 'main'

export type NewSchool = { readonly name: string; readonly tenant: string; readonly timeZone: string }

/** A school with its keys, its first scope and that scope's card secret. */
export async function createSchool(
  db: Db,
  vault: Vault,
  { name, tenant, timeZone }: NewSchool,
): Promise<Result<string, 'tenant_taken'>> {
  const schoolId = randomUUIDv7()
  try {
    await inSchool(db, schoolId, async tx => {
      await tx.insertInto('schools').values({ id: schoolId, name, tenant, time_zone: timeZone }).execute()
      await makeSchoolKeys(tx, vault, { schoolId, tenant })
      await tx
        .insertInto('scopes')
        .values({
          school_id: schoolId,
          scope: FIRST_SCOPE,
          sealed_card_secret: vault.seal(cardSecretPlace(tenant, FIRST_SCOPE), randomBytes(32)),
        })
        .execute()
    })
    return ok(schoolId)
  } catch (problem) {
    if (isDuplicate(problem, 'schools_tenant_key')) return fail('tenant_taken')
    throw problem
  }
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

/** A unique key refused a row. */
export function isDuplicate(problem: unknown, constraint: string): boolean {
  const { code, constraint: name } = problem as { code?: string; constraint?: string }
  return code === '23505' && name === constraint
}

const cardSecretPlace = (tenant: string, scope: string) => ({
  tenant,
  table: 'scopes',
  column: 'sealed_card_secret',
  row: scope,
})
