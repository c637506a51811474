import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { toHex } from '@gatehouse/shared/bytes.ts'
import type { LIST_REFUSALS } from '@gatehouse/shared/list/acceptance.ts'
import { LIST_HEAD_TYP, ListHead, ListPolicy, POLICY_TYP, type TableFileRef } from '@gatehouse/shared/list/documents.ts'
import { HASH_BYTES, stateRoot, tableRoot } from '@gatehouse/shared/list/roots.ts'
import { perTable, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { areRows, buckets, readTableHeader } from '@gatehouse/shared/list/table.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sha256, sha256Hex } from '../store/sha256.ts'
import type { Trust } from './trust.ts'
import type { Files, HashedTable } from './verified-list.ts'
import { type JwsFailure, verifyJws } from './verify-jws.ts'

/** Every way a list is refused. The one in force stays. */
export type ListFailure = JwsFailure | (typeof LIST_REFUSALS)[number]

/** Rows and buckets that are looked at between two turns of the loop: a scan must not wait for a list. */
const ROWS_A_TURN = 10_000
const BUCKETS_A_TURN = 1_000
const BYTES_A_TURN = 1024 * 1024

const decompressed = promisify(zstdDecompress)

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
  return toHex(rootOf(whole)) === snapshot.stateRoot ? ok(whole) : fail('wrong_root')
}

export function rootOf(tables: Readonly<Record<Table, Omit<HashedTable, 'rows'>>>): Uint8Array {
  return stateRoot(
    sha256,
    perTable(table => tableRoot(sha256, tables[table])),
  )
}

async function verifyTable(
  file: Uint8Array,
  promised: TableFileRef,
  table: Table,
): Promise<Result<HashedTable, ListFailure>> {
  if (file.length !== promised.compressedBytes || (await hashInTurns(file)) !== promised.sha256)
    return fail('wrong_file')
  let bytes: Uint8Array
  try {
    // The promised length is the limit: a few bytes that would become gigabytes stop there.
    bytes = await decompressed(file, { maxOutputLength: promised.bytes })
  } catch {
    return fail('wrong_file')
  }
  if (bytes.length !== promised.bytes) return fail('wrong_file')
  const read = readTableHeader(bytes, table)
  if (!read.ok) return read
  const { rows, count, bucketBits } = read.value
  if (count !== promised.rows || bucketBits !== promised.bucketBits) return fail('wrong_file')
  for (let from = 0; from < count; from += ROWS_A_TURN) {
    if (!areRows(table, rows, from, Math.min(count, from + ROWS_A_TURN))) return fail('malformed')
    await turn()
  }
  const bucketHashes = new Uint8Array(2 ** bucketBits * HASH_BYTES)
  let bucket = 0
  for (const one of buckets(read.value)) {
    bucketHashes.set(sha256(one), HASH_BYTES * bucket++)
    if (bucket % BUCKETS_A_TURN === 0) await turn()
  }
  return ok({ ...read.value, bucketHashes })
}

async function hashInTurns(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let from = 0; from < bytes.length; from += BYTES_A_TURN) {
    hash.update(bytes.subarray(from, from + BYTES_A_TURN))
    await turn()
  }
  return hash.digest('hex')
}
