import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { KEY_USES, type TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign } from 'jose'
import { inSchool } from '../db/school.ts'
import type { Db, KeyUse, Tx } from '../db/tables.ts'
import type { Vault } from './vault.ts'

/** Signs as a school, for one use. */
export type Signer = {
  /** `<tenant>/<use>/<number>` */
  readonly kid: string
  readonly number: number
  /** A compact JWS, EdDSA by its full name. */
  jws(typ: string, payload: string): Promise<string>
  /** Ed25519 over the bytes themselves, 64 bytes. */
  bytes(input: Uint8Array): Uint8Array
}

export type SchoolName = { readonly schoolId: string; readonly tenant: string }

/** Makes the first key of each use for a new school, and later that of a use that was not known then. */
export async function makeSchoolKeys(tx: Tx, vault: Vault, { schoolId, tenant }: SchoolName): Promise<void> {
  const there = await tx.selectFrom('signing_keys').select('use').where('school_id', '=', schoolId).execute()
  for (const use of KEY_USES) {
    if (there.some(key => key.use === use)) continue
    const { privateKey } = generateKeyPairSync('ed25519')
    const kid = `${tenant}/${use}/1`
    const { x, d } = privateKey.export({ format: 'jwk' })
    await tx
      .insertInto('signing_keys')
      .values({
        school_id: schoolId,
        use,
        number: 1,
        kid,
        public_jwk: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }),
        sealed_private: vault.seal(place(tenant, kid), Buffer.from(d!, 'base64url')),
      })
      .execute()
  }
}

/** The newest key of a use. Throws where the school has none: every school is made with one of each. */
export async function signerOf(
  tx: Tx | Db,
  vault: Vault,
  { schoolId, tenant }: SchoolName,
  use: KeyUse,
): Promise<Signer> {
  const row = await tx
    .selectFrom('signing_keys')
    .selectAll()
    .where('school_id', '=', schoolId)
    .where('use', '=', use)
    .orderBy('number', 'desc')
    .executeTakeFirst()
  if (row === undefined) throw new Error(`the school ${tenant} has no key for ${use}`)
  const d = vault.open(place(tenant, row.kid), row.sealed_private).toString('base64url')
  return signer(row.kid, row.number, createPrivateKey({ key: { ...row.public_jwk, d }, format: 'jwk' }))
}

export function signer(kid: string, number: number, key: KeyObject): Signer {
  return {
    kid,
    number,
    jws: (typ, payload) =>
      new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'Ed25519', kid, typ }).sign(key),
    bytes: input => sign(null, input, key),
  }
}

/** Signers for one use, opened once for each school. */
export function signerBySchool({
  db,
  vault,
  use,
}: {
  readonly db: Db
  readonly vault: Vault
  readonly use: KeyUse
}): (schoolId: string) => Promise<Signer> {
  const opened = new Map<string, Promise<Signer>>()
  const open = (schoolId: string) =>
    inSchool(db, schoolId, async tx => {
      const { tenant } = await tx
        .selectFrom('schools')
        .select('tenant')
        .where('id', '=', schoolId)
        .executeTakeFirstOrThrow()
      return signerOf(tx, vault, { schoolId, tenant }, use)
    })
  return schoolId => {
    let found = opened.get(schoolId)
    if (found === undefined) {
      found = open(schoolId)
      opened.set(schoolId, found)
      // A database that was away is asked again.
      found.catch(() => opened.delete(schoolId))
    }
    return found
  }
}

/** Every public key of the school, as its gates are told. */
export async function publicKeys(tx: Tx | Db, schoolId: string): Promise<TrustedKey[]> {
  const rows = await tx
    .selectFrom('signing_keys')
    .select(['kid', 'use', 'public_jwk'])
    .where('school_id', '=', schoolId)
    .orderBy('use')
    .orderBy('number')
    .execute()
  return rows.map(({ kid, use, public_jwk }) => ({ kid, use, jwk: public_jwk }))
}

const place = (tenant: string, kid: string) => ({ tenant, table: 'signing_keys', column: 'sealed_private', row: kid })
