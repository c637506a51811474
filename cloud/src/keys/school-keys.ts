import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { KEY_USES } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign, FlattenedSign } from 'jose'
import { sql } from 'kysely'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { KeyUse } from './tables.ts'
import type { Vault } from './vault.ts'

/** Signs as a school, for one use. */
export type Signer = {
  /** `<tenant>/<use>/<number>` */
  readonly kid: string
  readonly number: number
  /** A compact JWS, EdDSA by its full name. */
  jws(typ: string, payload: string): Promise<string>
  /** The 64 bytes of a JWS over a pass's certificate whose header is implied: GHP1 sends neither header nor payload twice. */
  pass(certificate: Uint8Array): Promise<Uint8Array>
}

/** In this order and spelling: it is what every gate puts in front before it checks. */
const PASS_TYP = 'ghp1'

export type SchoolName = { readonly schoolId: string; readonly tenant: string }

/** How long a key may sign: passes are printed and outlive the rest. The one after it comes long before. */
const LIFE_DAYS: Readonly<Record<KeyUse, number>> = { pass: 2190, list: 1095, policy: 1095, ack: 1095, command: 1095 }

/** Makes the first key of each use for a new school, and later that of a use that was not known then. */
export async function makeSchoolKeys(tx: Tx, vault: Vault, { schoolId, tenant }: SchoolName): Promise<void> {
  const there = await tx.selectFrom('signing_keys').select('use').where('school_id', '=', schoolId).execute()
  for (const use of KEY_USES) {
    if (!there.some(key => key.use === use)) await makeKey(tx, vault, { schoolId, tenant }, use)
  }
}

/** One more key of a use. It signs nothing until a published bundle has it, except in a school that has no bundle yet. */
export async function makeKey(tx: Tx, vault: Vault, { schoolId, tenant }: SchoolName, use: KeyUse): Promise<string> {
  const { last } = await tx
    .selectFrom('signing_keys')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('school_id', '=', schoolId)
    .where('use', '=', use)
    .executeTakeFirstOrThrow()
  const number = (last ?? 0) + 1
  const { privateKey } = generateKeyPairSync('ed25519')
  const kid = `${tenant}/${use}/${number}`
  const { x, d } = privateKey.export({ format: 'jwk' })
  await tx
    .insertInto('signing_keys')
    .values({
      school_id: schoolId,
      use,
      number,
      kid,
      public_jwk: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }),
      sealed_private: vault.seal(place(tenant, kid), Buffer.from(d!, 'base64url')),
      // A gate's clock may be behind ours.
      not_before: sql<Date>`now() - interval '1 hour'`,
      expires: sql<Date>`now() + make_interval(days => ${LIFE_DAYS[use]})`,
    })
    .execute()
  return kid
}

/**
 * The newest key of a use that the published bundle has, in its dates and not revoked. Before its first bundle a school signs with the
 * keys that it was made with, which nobody trusts yet. Throws where there is none.
 */
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
    .where('revoked_at', 'is', null)
    .where('not_before', '<=', sql<Date>`now()`)
    .where('expires', '>', sql<Date>`now()`)
    .where(({ or, eb, not, exists, selectFrom }) =>
      or([
        eb('bundled', '=', true),
        not(exists(selectFrom('trust_bundles').select('version').where('school_id', '=', schoolId))),
      ]),
    )
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined)
    throw new Error(
      `the school ${tenant} has no key for ${use} that may sign now: ./gatehouse keys show --school ${tenant}`,
    )
  const d = vault.open(place(tenant, row.kid), row.sealed_private).toString('base64url')
  return signer(row.kid, row.number, createPrivateKey({ key: { ...row.public_jwk, d }, format: 'jwk' }))
}

export function signer(kid: string, number: number, key: KeyObject): Signer {
  return {
    kid,
    number,
    jws: (typ, payload) =>
      new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'Ed25519', kid, typ }).sign(key),
    async pass(certificate) {
      const header = { alg: 'Ed25519', kid, typ: PASS_TYP }
      const { signature } = await new FlattenedSign(certificate).setProtectedHeader(header).sign(key)
      return Buffer.from(signature, 'base64url')
    },
  }
}

/** A key that was changed or revoked is followed this late at most. */
const SIGNER_MS = 60_000

/** Signers for one use, opened for each school once a minute. */
export function signerBySchool({
  db,
  vault,
  use,
  nowMs,
}: {
  readonly db: Db
  readonly vault: Vault
  readonly use: KeyUse
  readonly nowMs: () => number
}): (schoolId: string) => Promise<Signer> {
  const opened = new Map<string, { readonly signer: Promise<Signer>; readonly untilMs: number }>()
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
    const known = opened.get(schoolId)
    if (known !== undefined && nowMs() < known.untilMs) return known.signer
    const signer = open(schoolId)
    opened.set(schoolId, { signer, untilMs: nowMs() + SIGNER_MS })
    // A database that was away is asked again.
    signer.catch(() => opened.delete(schoolId))
    return signer
  }
}

const place = (tenant: string, kid: string) => ({ tenant, table: 'signing_keys', column: 'sealed_private', row: kid })
