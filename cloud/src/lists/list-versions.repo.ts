import { HEAD_TYP, type Head, SNAPSHOT_TYP, type Snapshot } from '@gatehouse/shared/list/snapshot.ts'
import type { Tx } from '../db/tables.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { type ListContent, readListContent, type Scope, sha256Hex } from './snapshot.repo.ts'

export type PublishedHead = { readonly tenant: string; readonly scope: string; readonly headJws: string }

/** Files a gate may still be fetching. What is older was replaced twice over. */
const VERSIONS_KEPT = 5

/**
 * Makes the next version of a scope's list, when what it says differs from the last one. Answers its head, or null
 * when nothing changed.
 */
export async function makeListVersion(tx: Tx, vault: Vault, of: Scope, nowMs: number): Promise<PublishedHead | null> {
  // Two processes take turns: versions rise by one, and one version never has two contents.
  await tx
    .selectFrom('scopes')
    .select('scope')
    .where('school_id', '=', of.schoolId)
    .where('scope', '=', of.scope)
    .forUpdate()
    .execute()
  const last = await tx
    .selectFrom('list_versions')
    .select(['version', 'content_hash'])
    .where('school_id', '=', of.schoolId)
    .where('scope', '=', of.scope)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  const content = await readListContent(tx, vault, of, nowMs)
  const contentHash = sha256Hex(JSON.stringify(content))
  if (last?.content_hash === contentHash) return null

  const version = (last?.version ?? 0) + 1
  const { snapshotJws, headJws, snapshotSha256 } = await sign(tx, vault, of, { content, version, nowMs })
  await tx
    .insertInto('list_versions')
    .values({
      school_id: of.schoolId,
      scope: of.scope,
      version,
      issued_at: new Date(nowMs),
      content_hash: contentHash,
      snapshot_sha256: snapshotSha256,
      snapshot_jws: snapshotJws,
      head_jws: headJws,
    })
    .execute()
  await tx
    .deleteFrom('list_versions')
    .where('school_id', '=', of.schoolId)
    .where('scope', '=', of.scope)
    .where('version', '<=', version - VERSIONS_KEPT)
    .execute()
  return { tenant: of.tenant, scope: of.scope, headJws }
}

async function sign(
  tx: Tx,
  vault: Vault,
  { schoolId, tenant, scope }: Scope,
  { content, version, nowMs }: { readonly content: ListContent; readonly version: number; readonly nowMs: number },
) {
  const signer = await signerOf(tx, vault, { schoolId, tenant }, 'list')
  const issuedAtS = Math.floor(nowMs / 1000)
  const snapshot: Snapshot = { issuer: tenant, scope, version, issuedAtS, ...content }
  const snapshotJws = await signer.jws(SNAPSHOT_TYP, JSON.stringify(snapshot))
  const snapshotSha256 = sha256Hex(snapshotJws)
  const head: Head = {
    issuer: tenant,
    scope,
    version,
    issuedAtS,
    snapshotSha256,
    snapshotBytes: Buffer.byteLength(snapshotJws),
    policyHash: sha256Hex(JSON.stringify(content.policy)),
  }
  return { snapshotJws, snapshotSha256, headJws: await signer.jws(HEAD_TYP, JSON.stringify(head)) }
}

/** The head of every scope of a school that has a list, newest version. */
export async function newestHeads(
  tx: Tx,
  { schoolId, tenant }: { readonly schoolId: string; readonly tenant: string },
): Promise<PublishedHead[]> {
  const rows = await tx
    .selectFrom('list_versions')
    .distinctOn('scope')
    .select(['scope', 'head_jws'])
    .where('school_id', '=', schoolId)
    .orderBy('scope')
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ scope, head_jws }) => ({ tenant, scope, headJws: head_jws }))
}

/** The snapshot with this hash, while it is kept. */
export async function findSnapshot(
  tx: Tx,
  { scope, sha256 }: { readonly scope: string; readonly sha256: string },
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('list_versions')
    .select('snapshot_jws')
    .where('scope', '=', scope)
    .where('snapshot_sha256', '=', sha256)
    .executeTakeFirst()
  return row?.snapshot_jws
}

export async function scopesOf(tx: Tx): Promise<string[]> {
  return (await tx.selectFrom('scopes').select('scope').orderBy('scope').execute()).map(({ scope }) => scope)
}
