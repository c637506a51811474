import { randomBytes, randomInt } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { FACTOR_METHODS } from '@gatehouse/shared/wire/api/auth.ts'
import { RECOVERY_CODES } from '@gatehouse/shared/wire/api/auth-factors.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { base32 } from './base32.ts'
import { stepOf, totpUri } from './totp.ts'

type Owner = { readonly schoolId: string | null; readonly userId: string }

/** RFC 4226 section 4, R6: at least 128 bits, and 160 are recommended. */
const SECRET_BYTES = 20

/** Somebody's id is in one school only, so the place needs no tenant. */
const place = (userId: string) => ({ tenant: '', table: 'totp_factors', column: 'sealed_secret', row: userId })

/** What somebody can show beside the password; empty: nothing. */
export async function methodsOf(tx: Tx, userId: string): Promise<(typeof FACTOR_METHODS)[number][]> {
  const totp = await totpSince(tx, userId)
  const passkey = await tx.selectFrom('passkeys').select('id').where('user_id', '=', userId).limit(1).executeTakeFirst()
  return [
    ...(totp !== null ? (['totp'] as const) : []),
    ...(passkey !== undefined ? (['passkey'] as const) : []),
    ...((await codesLeft(tx, userId)) > 0 ? (['recovery'] as const) : []),
  ]
}

/** Since when codes are asked for; null: they are not. */
export async function totpSince(tx: Tx, userId: string): Promise<Date | null> {
  const row = await tx
    .selectFrom('totp_factors')
    .select('confirmed_at')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.confirmed_at ?? null
}

export async function codesLeft(tx: Tx, userId: string): Promise<number> {
  const rows = await tx
    .selectFrom('recovery_codes')
    .select('hash')
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
  return rows.length
}

/** A secret that counts once a code of it came back; one that never did is replaced. */
export async function startTotp(
  tx: Tx,
  vault: Vault,
  { schoolId, userId, account, nowMs }: Owner & { readonly account: string; readonly nowMs: number },
): Promise<Result<{ secret: string; uri: string }, 'has_totp'>> {
  if ((await totpSince(tx, userId)) !== null) return fail('has_totp')
  const secret = randomBytes(SECRET_BYTES)
  const row = {
    school_id: schoolId,
    sealed_secret: vault.seal(place(userId), secret),
    created_at: new Date(nowMs),
    last_step: 0,
  }
  await tx
    .insertInto('totp_factors')
    .values({ user_id: userId, confirmed_at: null, ...row })
    .onConflict(conflict => conflict.column('user_id').doUpdateSet(row).where('totp_factors.confirmed_at', 'is', null))
    .execute()
  return ok({ secret: base32(secret), uri: totpUri(secret, account) })
}

/** The first code: from now on they are asked for. Answers the recovery codes. */
export async function confirmTotp(
  tx: Tx,
  vault: Vault,
  { code, ...owner }: Owner & { readonly code: string; readonly nowMs: number },
): Promise<Result<string[], 'not_started' | 'has_totp' | 'wrong_code'>> {
  const { userId, nowMs } = owner
  const row = await tx
    .selectFrom('totp_factors')
    .selectAll()
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return fail('not_started')
  if (row.confirmed_at !== null) return fail('has_totp')
  const step = stepOf(vault.open(place(userId), row.sealed_secret), code, Number(row.last_step), nowMs)
  if (step === null) return fail('wrong_code')
  await tx
    .updateTable('totp_factors')
    .set({ last_step: step, confirmed_at: new Date(nowMs) })
    .where('user_id', '=', userId)
    .execute()
  return ok(await makeRecoveryCodes(tx, vault, owner))
}

/** Takes a code of the application, once. */
export async function takeTotp(tx: Tx, vault: Vault, userId: string, code: string, nowMs: number): Promise<boolean> {
  const row = await tx
    .selectFrom('totp_factors')
    .selectAll()
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined || row.confirmed_at === null) return false
  const step = stepOf(vault.open(place(userId), row.sealed_secret), code, Number(row.last_step), nowMs)
  if (step === null) return false
  await tx.updateTable('totp_factors').set({ last_step: step }).where('user_id', '=', userId).execute()
  return true
}

/** Takes a recovery code, once. */
export async function takeRecoveryCode(
  tx: Tx,
  vault: Vault,
  userId: string,
  code: string,
  nowMs: number,
): Promise<boolean> {
  const used = await tx
    .updateTable('recovery_codes')
    .set({ used_at: new Date(nowMs) })
    .where('user_id', '=', userId)
    .where('hash', '=', recoveryHash(vault, code))
    .where('used_at', 'is', null)
    .returning('hash')
    .execute()
  return used.length === 1
}

/** Either, as it is typed: six digits are of the application. */
export function takeProof(tx: Tx, vault: Vault, userId: string, proof: string, nowMs: number): Promise<boolean> {
  const bare = proof.replaceAll(/\s/g, '')
  return /^\d{6}$/.test(bare)
    ? takeTotp(tx, vault, userId, bare, nowMs)
    : takeRecoveryCode(tx, vault, userId, proof, nowMs)
}

/** No letters that are read as digits; 12 of 31 characters are 59 bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Ten new ones; those before end. */
export async function makeRecoveryCodes(tx: Tx, vault: Vault, { schoolId, userId }: Owner): Promise<string[]> {
  const four = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  const codes = Array.from({ length: RECOVERY_CODES }, () => [four(), four(), four()].join('-'))
  await tx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  await tx
    .insertInto('recovery_codes')
    .values(
      codes.map(code => ({ user_id: userId, school_id: schoolId, hash: recoveryHash(vault, code), used_at: null })),
    )
    .execute()
  return codes
}

/** No more codes are asked for. False: they were not. */
export async function removeTotp(tx: Tx, userId: string): Promise<boolean> {
  const gone = await tx.deleteFrom('totp_factors').where('user_id', '=', userId).returning('user_id').execute()
  await dropIdleCodes(tx, userId)
  return gone.length > 0
}

/** Recovery codes stand in for something: where there is nothing left they recover nothing. */
export async function dropIdleCodes(tx: Tx, userId: string): Promise<void> {
  const methods = await methodsOf(tx, userId)
  if (methods.every(method => method === 'recovery')) {
    await tx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  }
}

/** Everything beside the password. Answers whether there was anything. */
export async function resetFactors(tx: Tx, userId: string): Promise<boolean> {
  const passkeys = await tx.deleteFrom('passkeys').where('user_id', '=', userId).returning('id').execute()
  return (await removeTotp(tx, userId)) || passkeys.length > 0
}

function recoveryHash(vault: Vault, code: string): string {
  const bare = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return vault.blindIndex({ tenant: '', table: 'recovery_codes', column: 'hash' }, Buffer.from(bare))
}
