import { createHash } from 'node:crypto'
import { toHex } from '@gatehouse/shared/bytes.ts'
import type { LIST_REFUSALS } from '@gatehouse/shared/list/acceptance.ts'
import { LIST_HEAD_TYP, ListHead, ListPolicy, POLICY_TYP, type TableFileRef } from '@gatehouse/shared/list/documents.ts'
import { HASH_BYTES, stateRoot, type TableRootParts, tableRoot } from '@gatehouse/shared/list/roots.ts'
import { perTable, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { areRows, buckets, readTableHeader, type TableFile } from '@gatehouse/shared/list/table.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sha256, sha256Hex } from '../store/sha256.ts'
import { decompressed } from './decompress.ts'
import { inTurns } from './in-turns.ts'
import type { Trust } from './trust.ts'
import type { Files, HashedTable, TableShape } from './verified-list.ts'
import { type JwsFailure, verifyJws } from './verify-jws.ts'

/** Every way a list is refused. The one in force stays. */
export type ListFailure = JwsFailure | (typeof LIST_REFUSALS)[number]

/** Looked at before the clock is asked whether it is time for a turn: well under a millisecond each. */
const ROWS_A_PIECE = 500
const BUCKETS_A_PIECE = 50
const BYTES_A_PIECE = 128 * 1024

/** A head whose signature holds. Whether it may replace what is in force is asked of the state: `acceptHead`. */
export async function verifyHead(jws: string, trust: Trust): Promise<Result<ListHead, ListFailure>> {
  const payload = await verifyJws(jws, { typ: LIST_HEAD_TYP, use: 'list', trust })
  if (!payload.ok) return payload
  const head = ListHead.safeParse(payload.value)
  return head.success ? ok(head.data) : fail('malformed')
}

/** The policy that a head names by its hash, signed for the same school and scope. */
export async function verifyPolicy(
  jws: string,
  head: ListHead,
  trust: Trust,
): Promise<Result<ListPolicy, ListFailure>> {
  if (sha256Hex(jws) !== head.policyHash) return fail('wrong_file')
  const payload = await verifyJws(jws, { typ: POLICY_TYP, use: 'policy', trust })
  if (!payload.ok) return payload
  const policy = ListPolicy.safeParse(payload.value)
  if (!policy.success) return fail('malformed')
  if (policy.data.issuer !== head.issuer) return fail('other_tenant')
  return policy.data.scope === head.scope ? ok(policy.data) : fail('other_scope')
}

/** The tables of a snapshot, each what its head promised in hash and length, and together its root. */
export async function verifyTables(
  files: Files,
  snapshot: ListHead['snapshot'],
): Promise<Result<Record<Table, HashedTable>, ListFailure>> {
  const tables: [Table, HashedTable][] = []
  for (const table of TABLES) {
    const read = await verifyTable(files[table], snapshot.files[table], table)
    if (!read.ok) return read
    tables.push([table, read.value])
  }
  const whole = Object.fromEntries(tables) as Record<Table, HashedTable>
  return rootOf(whole) === snapshot.stateRoot ? ok(whole) : fail('wrong_root')
}

/** A table's shape with the root that comes out of it: hashing a million rows' buckets takes longer than all of a small step. */
export function withRoot({ table, bucketBits, count, bucketHashes }: TableRootParts): TableShape {
  const parts = { table, bucketBits, count, bucketHashes }
  return { ...parts, root: tableRoot(sha256, parts) }
}

/** The state root of tables whose own roots are known, in hexadecimal. */
export function rootOf(tables: Readonly<Record<Table, Pick<TableShape, 'root'>>>): string {
  return toHex(
    stateRoot(
      sha256,
      perTable(table => tables[table].root),
    ),
  )
}

async function verifyTable(
  file: Uint8Array,
  promised: TableFileRef,
  table: Table,
): Promise<Result<HashedTable, ListFailure>> {
  if (file.length !== promised.compressedBytes || (await inTurns(hashOf(file))) !== promised.sha256)
    return fail('wrong_file')
  const bytes = await decompressed(file, promised.bytes)
  if (bytes === null) return fail('wrong_file')
  const read = readTableHeader(bytes, table)
  if (!read.ok) return read
  const { count, bucketBits } = read.value
  if (count !== promised.rows || bucketBits !== promised.bucketBits) return fail('wrong_file')
  if (!(await inTurns(areAllRows(read.value)))) return fail('malformed')
  const bucketHashes = await inTurns(hashesOf(read.value))
  return ok({ ...read.value, ...withRoot({ ...read.value, bucketHashes }) })
}

function* hashOf(bytes: Uint8Array): Generator<void, string> {
  const hash = createHash('sha256')
  for (let from = 0; from < bytes.length; from += BYTES_A_PIECE) {
    hash.update(bytes.subarray(from, from + BYTES_A_PIECE))
    yield
  }
  return hash.digest('hex')
}

function* areAllRows({ table, rows, count }: TableFile): Generator<void, boolean> {
  for (let from = 0; from < count; from += ROWS_A_PIECE) {
    if (!areRows(table, rows, from, Math.min(count, from + ROWS_A_PIECE))) return false
    yield
  }
  return true
}

function* hashesOf(table: TableFile): Generator<void, Uint8Array> {
  const hashes = new Uint8Array(2 ** table.bucketBits * HASH_BYTES)
  let bucket = 0
  for (const rows of buckets(table)) {
    hashes.set(sha256(rows), HASH_BYTES * bucket++)
    if (bucket % BUCKETS_A_PIECE === 0) yield
  }
  return hashes
}
