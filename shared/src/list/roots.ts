import { ascii, concat } from '../bytes.ts'
import type { Sha256 } from '../events/chain.ts'
import { ROW_LAYOUT, TABLES, type Table } from './rows.ts'
import { buckets, type TableFile } from './table.ts'

/** Bytes of a hash. */
export const HASH_BYTES = 32

/** What a table's root is made of: a gate keeps the bucket hashes and makes anew only those of buckets that changed. */
export type TableRootParts = {
  readonly table: Table
  readonly bucketBits: number
  readonly count: number
  /** H_0, H_1 ... one behind the other, 32 bytes each: SHA-256 of the bucket's rows. */
  readonly bucketHashes: Uint8Array
}

export function bucketHashes(sha256: Sha256, file: TableFile): Uint8Array {
  const hashes = new Uint8Array(2 ** file.bucketBits * HASH_BYTES)
  let bucket = 0
  for (const rows of buckets(file)) hashes.set(sha256(rows), HASH_BYTES * bucket++)
  return hashes
}

/** SHA-256("GHT1", letter, k, u16 row size, u32 count, H_0 ...). */
export function tableRoot(sha256: Sha256, { table, bucketBits, count, bucketHashes }: TableRootParts): Uint8Array {
  const head = new Uint8Array(8)
  const view = new DataView(head.buffer)
  head[0] = table.charCodeAt(0)
  head[1] = bucketBits
  view.setUint16(2, ROW_LAYOUT[table].bytes)
  view.setUint32(4, count)
  return sha256(concat(ascii('GHT1'), head, bucketHashes))
}

/** SHA-256("GHR1", rootP, rootC, rootK, rootN): what a head signs. */
export function stateRoot(sha256: Sha256, roots: Readonly<Record<Table, Uint8Array>>): Uint8Array {
  return sha256(concat(ascii('GHR1'), ...TABLES.map(table => roots[table])))
}
