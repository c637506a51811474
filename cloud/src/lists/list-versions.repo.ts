import { toBase64url } from '@gatehouse/shared/bytes.ts'
import {
  DELTA_TYP,
  type Delta,
  HEAD_LIFE_S,
  LIST_HEAD_TYP,
  type ListHead,
  type ListPolicy,
} from '@gatehouse/shared/list/documents.ts'
import { diffRows } from '@gatehouse/shared/list/ops.ts'
import { perTable, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { decodeProtectedHeader } from 'jose'
import type { Row, Tx } from '../db/tables.ts'
import { signerOf } from '../keys/school-keys.ts'
import { epochOf } from '../keys/trust.repo.ts'
import type { Vault } from '../keys/vault.ts'
import { readGateRules } from './gate-rules.repo.ts'
import { isSamePolicy, policyContent, publishedPolicy, readPolicy, signPolicy } from './list-policy.ts'
import { guarded } from './publish-guard.ts'
import { readListContent, type Scope, sha256Hex } from './snapshot.repo.ts'
import { EMPTY_ROOT, filesOf, type ListFiles, rowsIn } from './tables.ts'

export type PublishedHead = { readonly tenant: string; readonly scope: string; readonly headJws: string }

/** Versions whose deltas and files a gate may still be fetching. Who is further behind takes the newest whole. */
const VERSIONS_KEPT = 20

type Version = Row<'list_versions'>

/** Makes the next version of a scope's list, when what it says differs from the last one: its files, and the delta that leads to it. */
export async function makeListVersion(tx: Tx, vault: Vault, of: Scope, nowMs: number): Promise<void> {
  const { schoolId, tenant, scope } = of
  // Two processes take turns: versions rise by one, and one version never has two contents.
  await tx
    .selectFrom('scopes')
    .select('scope')
    .where('school_id', '=', schoolId)
    .where('scope', '=', scope)
    .forUpdate()
    .execute()
  const last = await newestVersion(tx, of)
  const { serialMax, rows: wantedRows } = await readListContent(tx, vault, of, nowMs)
  const { rules } = await readGateRules(tx, schoolId)
  const wanted = { rows: wantedRows, rules }
  const signed = last && publishedPolicy(last.policy_jws)
  const { rows, policy } =
    last && signed
      ? await guarded(tx, of, { before: { rows: await rowsOf(tx, of, last), policy: signed.content }, wanted, nowMs })
      : { rows: wantedRows, policy: policyContent(rules) }
  const made = await filesOf(rows)
  const policySigner = await signerOf(tx, vault, { schoolId, tenant }, 'policy')
  const stays =
    signed !== undefined && isSamePolicy(signed.content, policy) && kidOf(last!.policy_jws) === policySigner.kid
  const policyJws = stays
    ? last!.policy_jws
    : await signPolicy(policySigner, of, { version: (signed?.version ?? 0) + 1, content: policy, nowMs })
  const epoch = await epochOf(tx, schoolId)
  const policyHash = sha256Hex(policyJws)
  const before = last?.head
  const isSame =
    before?.stateRoot === made.stateRoot && before.serialMax === serialMax && before.policyHash === policyHash
  if (isSame && before.epoch === epoch) return

  const version = (last?.version ?? 0) + 1
  const signer = await signerOf(tx, vault, { schoolId, tenant }, 'list')
  const delta = await deltaTo(tx, of, { version, epoch, made, last, nowMs })
  const deltaJws = await signer.jws(DELTA_TYP, JSON.stringify(delta))
  const deltaHash = sha256Hex(deltaJws)
  const head: Version['head'] = {
    issuer: tenant,
    scope,
    epoch,
    version,
    stateRoot: made.stateRoot,
    serialMax,
    deltaHash,
    snapshot: { version, stateRoot: made.stateRoot, files: made.promised },
    policyHash,
  }
  const named = TABLES.map(table => ({ sha256: made.promised[table].sha256, content: Buffer.from(made.files[table]) }))
  for (const file of [...named, { sha256: policyHash, content: Buffer.from(policyJws) }]) {
    await tx
      .insertInto('list_files')
      .values({ school_id: schoolId, scope, version, ...file })
      .onConflict(conflict => conflict.columns(['school_id', 'scope', 'sha256']).doUpdateSet({ version }))
      .execute()
  }
  await tx
    .insertInto('list_versions')
    .values({
      school_id: schoolId,
      scope,
      version,
      issued_at: new Date(nowMs),
      head: JSON.stringify(head),
      policy_jws: policyJws,
      delta_hash: deltaHash,
      delta_jws: deltaJws,
    })
    .execute()
  for (const table of ['list_versions', 'list_files'] as const) {
    await tx
      .deleteFrom(table)
      .where('school_id', '=', schoolId)
      .where('scope', '=', scope)
      .where('version', '<=', version - VERSIONS_KEPT)
      .execute()
  }
}

type Step = {
  readonly version: number
  readonly epoch: number
  readonly made: ListFiles
  readonly last: Version | undefined
  readonly nowMs: number
}

async function deltaTo(tx: Tx, of: Scope, { version, epoch, made, last, nowMs }: Step): Promise<Delta> {
  const ops: Delta['ops'] = {}
  for (const table of TABLES) {
    const sha256 = last?.head.snapshot.files[table].sha256
    if (sha256 === made.promised[table].sha256) continue
    const before = sha256 === undefined ? new Uint8Array() : await publishedRows(tx, { ...of, sha256, table })
    const { upsert, delete: gone } = diffRows(table, before, made.tables[table].rows)
    if (upsert.length + gone.length > 0) ops[table] = { upsert: toBase64url(upsert), delete: toBase64url(gone) }
  }
  return {
    issuer: of.tenant,
    scope: of.scope,
    epoch,
    from: version - 1,
    to: version,
    issuedAtS: Math.floor(nowMs / 1000),
    previousDelta: last?.delta_hash ?? null,
    rootBefore: last?.head.stateRoot ?? EMPTY_ROOT,
    rootAfter: made.stateRoot,
    bucketBits: perTable(table => made.tables[table].bucketBits),
    ops,
  }
}

async function publishedRows(
  tx: Tx,
  { scope, sha256, table }: { readonly scope: string; readonly sha256: string; readonly table: Table },
): Promise<Uint8Array> {
  const file = await findListFile(tx, { scope, sha256 })
  if (file === undefined) throw new Error(`the published file of table ${table} is gone from scope ${scope}`)
  return rowsIn(file, table)
}

function kidOf(jws: string): string | undefined {
  return decodeProtectedHeader(jws).kid
}

/** Every row of a version, as its gates have them. */
async function rowsOf(tx: Tx, { scope }: Scope, { head }: Version): Promise<Record<Table, Uint8Array>> {
  const rows: Partial<Record<Table, Uint8Array>> = {}
  for (const table of TABLES)
    rows[table] = await publishedRows(tx, { scope, sha256: head.snapshot.files[table].sha256, table })
  return perTable(table => rows[table]!)
}

function newestVersion(tx: Tx, { schoolId, scope }: Pick<Scope, 'schoolId' | 'scope'>): Promise<Version | undefined> {
  return tx
    .selectFrom('list_versions')
    .selectAll()
    .where('school_id', '=', schoolId)
    .where('scope', '=', scope)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** What the newest list of a scope says besides its rows; null where none was made yet. */
export async function newestPolicy(tx: Tx, of: Pick<Scope, 'schoolId' | 'scope'>): Promise<ListPolicy | null> {
  const version = await newestVersion(tx, of)
  return version === undefined ? null : readPolicy(version.policy_jws)
}

/** The head of every scope of a school that has a list, newest version, signed as of now. */
export async function signHeads(
  tx: Tx,
  vault: Vault,
  { schoolId, tenant }: { readonly schoolId: string; readonly tenant: string },
  nowMs: number,
): Promise<PublishedHead[]> {
  const signer = await signerOf(tx, vault, { schoolId, tenant }, 'list')
  const issuedAtS = Math.floor(nowMs / 1000)
  const heads: PublishedHead[] = []
  for (const scope of await scopesOf(tx)) {
    const version = await newestVersion(tx, { schoolId, scope })
    if (version === undefined) continue
    const head: ListHead = { ...version.head, issuedAtS, expiresS: issuedAtS + HEAD_LIFE_S }
    heads.push({ tenant, scope, headJws: await signer.jws(LIST_HEAD_TYP, JSON.stringify(head)) })
  }
  return heads
}

/** A table's file or a policy with this hash, while it is kept. */
export async function findListFile(
  tx: Tx,
  { scope, sha256 }: { readonly scope: string; readonly sha256: string },
): Promise<Uint8Array | undefined> {
  const row = await tx
    .selectFrom('list_files')
    .select('content')
    .where('scope', '=', scope)
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  return row?.content
}

/** The delta that leads to a version, while it is kept. */
export async function findDelta(
  tx: Tx,
  { scope, version }: { readonly scope: string; readonly version: number },
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('list_versions')
    .select('delta_jws')
    .where('scope', '=', scope)
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.delta_jws
}

export async function scopesOf(tx: Tx): Promise<string[]> {
  return (await tx.selectFrom('scopes').select('scope').orderBy('scope').execute()).map(({ scope }) => scope)
}
