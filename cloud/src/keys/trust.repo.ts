import type { BundleJws, TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import type { BundleKey, TrustBundle } from '@gatehouse/shared/list/documents.ts'
import {
  acceptBundle,
  type BundleFacts,
  extendChain,
  readBundle,
  type TrustRefusal,
} from '@gatehouse/shared/list/trust.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { KEY_USES } from '@gatehouse/shared/wire/gate-config.ts'
import { flattenedVerify } from 'jose'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Roots } from './root-keys.ts'
import { makeKey, type SchoolName } from './school-keys.ts'
import type { KeyUse } from './tables.ts'
import type { Vault } from './vault.ts'

/** The newest published bundle of a school; null before the first: no gate can be enrolled until then. */
export async function bundleInForce(
  tx: Tx,
  schoolId: string,
): Promise<{ readonly bundle: TrustBundle; readonly jws: BundleJws } | null> {
  const row = await tx
    .selectFrom('trust_bundles')
    .select('jws')
    .where('school_id', '=', schoolId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { bundle: published(row.jws), jws: row.jws }
}

/** What a gate needs that was enrolled at any time before; null before the first bundle. */
export async function trustChain(tx: Tx, schoolId: string): Promise<TrustChain | null> {
  const rows = await tx
    .selectFrom('trust_bundles')
    .select('jws')
    .where('school_id', '=', schoolId)
    .orderBy('version')
    .execute()
  const chain = rows.reduce<TrustChain>((chain, { jws }) => extendChain(chain, jws), [])
  return chain.length === 0 ? null : chain
}

/** What heads and deltas carry. It rises with a bundle only. */
export async function epochOf(tx: Tx, schoolId: string): Promise<number> {
  const row = await tx
    .selectFrom('trust_bundles')
    .select('epoch')
    .where('school_id', '=', schoolId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.epoch ?? 1
}

export type TrustChange = {
  /** Uses that get a new key; the old one stays until its own end. */
  readonly rotate: readonly KeyUse[]
  readonly revoke: readonly { readonly kid: string; readonly reason: string }[]
  readonly newEpoch: boolean
  /** Roots to come; null: those of the bundle in force. */
  readonly roots: Roots | null
}

export type DraftFailure = 'no_roots' | 'no_such_key' | 'no_key_left'

/** The next bundle, unsigned. New keys are in the database from now on, and sign nothing until the bundle is published. */
export async function draftBundle(
  tx: Tx,
  vault: Vault,
  { schoolId, tenant }: SchoolName,
  change: TrustChange,
  nowMs: number,
): Promise<Result<TrustBundle, DraftFailure>> {
  const before = await bundleInForce(tx, schoolId)
  const roots = change.roots ?? before?.bundle.roots
  if (roots === undefined) return fail('no_roots')
  for (const use of change.rotate) await makeKey(tx, vault, { schoolId, tenant }, use)
  const rows = await keysOf(tx, schoolId)
  if (change.revoke.some(({ kid }) => !rows.some(row => row.kid === kid))) return fail('no_such_key')

  const issuedAtS = Math.floor(nowMs / 1000)
  const keys = rows.map((row): BundleKey => {
    const known = before?.bundle.keys.find(({ kid }) => kid === row.kid)
    if (known !== undefined && known.revokedAtS !== null) return known
    const revoked = change.revoke.find(({ kid }) => kid === row.kid)
    return {
      kid: row.kid,
      use: row.use,
      jwk: row.public_jwk,
      notBeforeS: Math.floor(row.not_before.getTime() / 1000),
      expiresS: Math.floor(row.expires.getTime() / 1000),
      revokedAtS: revoked === undefined ? null : issuedAtS,
      ...(revoked !== undefined && { revokedFor: revoked.reason }),
    }
  })
  if (!hasEachUse(keys, issuedAtS)) return fail('no_key_left')
  return ok({
    issuer: tenant,
    version: (before?.bundle.version ?? 0) + 1,
    epoch: (before?.bundle.epoch ?? 1) + (change.newEpoch ? 1 : 0),
    issuedAtS,
    roots,
    keys,
  })
}

export type PublishFailure = TrustRefusal | 'foreign_key' | 'no_key_left' | 'in_force'

/** Puts a signed bundle in force: from here on its keys sign, and gates are told after the commit. */
export async function publishBundle(
  tx: Tx,
  { schoolId, tenant }: SchoolName,
  said: unknown,
  nowMs: number,
): Promise<Result<TrustBundle, PublishFailure>> {
  // Two that publish at once take turns: a version never has two contents.
  await tx.selectFrom('schools').select('id').where('id', '=', schoolId).forUpdate().execute()
  const before = await bundleInForce(tx, schoolId)
  const nowS = Math.floor(nowMs / 1000)
  const accepted = await acceptBundle(said, {
    tenant,
    inForce: before === null ? null : { bundle: before.bundle, payload: before.jws.payload },
    floor: { version: 0, epoch: 0 },
    nowS,
    signedBy,
  })
  if (!accepted.ok) return accepted
  const { is, bundle, jws } = accepted.value
  if (is === 'in_force') return fail('in_force')
  const rows = await keysOf(tx, schoolId)
  const isOurs = ({ kid, use, jwk }: BundleKey) =>
    rows.some(row => row.kid === kid && row.use === use && row.public_jwk.x === jwk.x)
  if (!bundle.keys.every(isOurs)) return fail('foreign_key')
  if (!hasEachUse(bundle.keys, nowS)) return fail('no_key_left')

  await tx
    .insertInto('trust_bundles')
    .values({ school_id: schoolId, version: bundle.version, epoch: bundle.epoch, jws: JSON.stringify(jws) })
    .execute()
  await tx.updateTable('signing_keys').set({ bundled: false }).where('school_id', '=', schoolId).execute()
  for (const { kid, notBeforeS, expiresS, revokedAtS } of bundle.keys) {
    await tx
      .updateTable('signing_keys')
      .set({
        bundled: true,
        not_before: new Date(notBeforeS * 1000),
        expires: new Date(expiresS * 1000),
        revoked_at: revokedAtS === null ? null : new Date(revokedAtS * 1000),
      })
      .where('school_id', '=', schoolId)
      .where('kid', '=', kid)
      .execute()
  }
  await leave(tx, schoolId, 'trust.changed', {})
  return ok(bundle)
}

export function keysOf(tx: Tx, schoolId: string): Promise<Row<'signing_keys'>[]> {
  return tx
    .selectFrom('signing_keys')
    .selectAll()
    .where('school_id', '=', schoolId)
    .orderBy('use')
    .orderBy('number')
    .execute()
}

function hasEachUse(keys: readonly BundleKey[], atS: number): boolean {
  return KEY_USES.every(use => keys.some(key => key.use === use && key.revokedAtS === null && atS < key.expiresS))
}

/** What was verified before it was stored. */
function published(jws: BundleJws): TrustBundle {
  const read = readBundle(jws)
  if (!read.ok) throw new Error('a published trust bundle is damaged in the database')
  return read.value
}

const signedBy: BundleFacts['signedBy'] = async (part, { jwk }) => {
  try {
    await flattenedVerify(part, { ...jwk, alg: 'Ed25519' }, { algorithms: ['Ed25519'] })
    return true
  } catch {
    return false
  }
}
