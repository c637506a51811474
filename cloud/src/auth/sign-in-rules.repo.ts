import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import type { Actor } from '../audit/actor.ts'
import { audit, changes, type Facts } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'

export type SignInRulesRow = {
  readonly version: number
  readonly secondFactorFor: readonly Role[]
  readonly signOn: SignOn | null
}

/** Of a school that never said anything. */
const FIRST: SignInRulesRow = { version: 1, secondFactorFor: [], signOn: null }
/** With `required`, these sign on at the issuer only. An administrator must still get in when it is away or set up wrongly. */
const SIGN_ON_ONLY: readonly Role[] = ['staff', 'security', 'facilities']

export async function signInRulesOf(tx: Tx, schoolId: string): Promise<SignInRulesRow> {
  const row = await tx.selectFrom('sign_in_rules').selectAll().where('school_id', '=', schoolId).executeTakeFirst()
  return row === undefined
    ? FIRST
    : { version: row.version, secondFactorFor: row.second_factor_for, signOn: row.sign_on }
}

/** Whether somebody of this school and role must sign on at the school's issuer. */
export async function mustSignOn(tx: Tx, schoolId: string | null, role: Role): Promise<boolean> {
  if (schoolId === null || !SIGN_ON_ONLY.includes(role)) return false
  return (await signInRulesOf(tx, schoolId)).signOn?.required ?? false
}

export async function clientSecretOf(tx: Tx, vault: Vault, schoolId: string): Promise<string> {
  const row = await tx
    .selectFrom('sign_in_rules')
    .select('sealed_client_secret')
    .where('school_id', '=', schoolId)
    .executeTakeFirstOrThrow()
  return vault.open(place(schoolId), row.sealed_client_secret!).toString('utf8')
}

export type NewRules = {
  readonly secondFactorFor: readonly Role[]
  readonly signOn: SignOn | null
  /** Undefined: as it was. */
  readonly clientSecret: string | undefined
  /** Null: whatever is there. */
  readonly ifMatch: number | null
}

export async function enterSignInRules(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  { secondFactorFor, signOn, clientSecret, ifMatch }: NewRules,
): Promise<Result<SignInRulesRow, 'changed_meanwhile' | 'no_client_secret'>> {
  const { schoolId } = actor
  // Two who write at once take turns.
  await tx
    .insertInto('sign_in_rules')
    .values({ school_id: schoolId, sign_on: null, sealed_client_secret: null })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const row = await tx
    .selectFrom('sign_in_rules')
    .selectAll()
    .where('school_id', '=', schoolId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  // A secret is one client's at one issuer: it is not carried to another.
  const isSame = row.sign_on?.issuer === signOn?.issuer && row.sign_on?.clientId === signOn?.clientId
  const kept = isSame ? row.sealed_client_secret : null
  const sealed = clientSecret === undefined ? kept : vault.seal(place(schoolId), Buffer.from(clientSecret))
  if (signOn !== null && sealed === null) return fail('no_client_secret')

  const version = row.version + 1
  await tx
    .updateTable('sign_in_rules')
    .set({
      version,
      second_factor_for: [...secondFactorFor],
      sign_on: signOn === null ? null : JSON.stringify(signOn),
      sealed_client_secret: signOn === null ? null : sealed,
    })
    .where('school_id', '=', schoolId)
    .execute()
  const before = { secondFactorFor: row.second_factor_for, signOn: row.sign_on as Facts | null }
  const after = { secondFactorFor, signOn: signOn as Facts | null }
  await audit(tx, actor, {
    action: 'settings.update',
    subject: { kind: 'sign_in', id: schoolId },
    ...changes(before, after),
    ...(clientSecret !== undefined && { note: 'the client secret was set' }),
  })
  return ok({ version, secondFactorFor, signOn })
}

/** A school's own row: its id says which. */
const place = (schoolId: string) => ({
  tenant: '',
  table: 'sign_in_rules',
  column: 'sealed_client_secret',
  row: schoolId,
})
