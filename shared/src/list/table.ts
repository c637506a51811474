import { ascii, concat } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'
import { isRowAt, ROW_LAYOUT, type Table } from './rows.ts'

/** `GHS1`, table letter, k, u16 row size, u32 row count. */
export const TABLE_HEADER_BYTES = 12
const MAGIC = ascii('GHS1')

/** More buckets than this would be mostly empty for the largest list. */
export const BUCKET_BITS_MAX = 20

/** A table as one file says it: rows one behind the other, and how many bits of the key choose the bucket. */
export type TableFile = {
  readonly table: Table
  readonly bucketBits: number
  readonly count: number
  /** `count` rows, ascending by key, no duplicates. */
  readonly rows: Uint8Array
}

/**
 * About 16 rows a bucket: a gate that checks the bucket of the row it decides from hashes 400 bytes, and a delta of 100 changes
 * touches 100 buckets of a million rows' 65,536.
 */
export function bucketBitsFor(rowCount: number): number {
  return Math.min(BUCKET_BITS_MAX, Math.max(0, Math.ceil(Math.log2(Math.max(1, rowCount) / 16))))
}

export function encodeTable({ table, bucketBits, count, rows }: TableFile): Uint8Array {
  const { bytes } = ROW_LAYOUT[table]
  if (rows.length !== count * bytes)
    throw new Error(`${count} rows of table ${table} are ${count * bytes} bytes, not ${rows.length}`)
  const header = new Uint8Array(TABLE_HEADER_BYTES)
  const view = new DataView(header.buffer)
  header.set(MAGIC, 0)
  header[4] = table.charCodeAt(0)
  header[5] = bucketBits
  view.setUint16(6, bytes)
  view.setUint32(8, count)
  return concat(header, rows)
}

/** Reads a table's file whole. `malformed`: another table or size, a length that lies, a row out of order, twice, or not understood. */
export function decodeTable(file: Uint8Array, wanted: Table): Result<TableFile, 'malformed'> {
  const read = readTableHeader(file, wanted)
  if (!read.ok) return read
  return areRows(wanted, read.value.rows, 0, read.value.count) ? read : fail('malformed')
}

/** What the first twelve bytes say, and whether the length is what follows from it. The rows are not looked at: see {@link areRows}. */
export function readTableHeader(file: Uint8Array, wanted: Table): Result<TableFile, 'malformed'> {
  if (file.length < TABLE_HEADER_BYTES || MAGIC.some((byte, at) => file[at] !== byte)) return fail('malformed')
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const { bytes } = ROW_LAYOUT[wanted]
  const bucketBits = file[5]!
  const count = view.getUint32(8)
  if (file[4] !== wanted.charCodeAt(0) || bucketBits > BUCKET_BITS_MAX || view.getUint16(6) !== bytes)
    return fail('malformed')
  if (file.length !== TABLE_HEADER_BYTES + count * bytes) return fail('malformed')
  return ok({ table: wanted, bucketBits, count, rows: file.subarray(TABLE_HEADER_BYTES) })
}

/** Whether these rows are understood and ascend, the first of them from the row before it. A gate asks in parts, between two scans. */
export function areRows(table: Table, rows: Uint8Array, from: number, to: number): boolean {
  const { bytes, keyBytes } = ROW_LAYOUT[table]
  for (let at = from * bytes; at < to * bytes; at += bytes) {
    if (!isRowAt(table, rows, at)) return false
    if (at > 0 && compareBytes(rows, at - bytes, rows, at, keyBytes) >= 0) return false
  }
  return true
}

/** The bucket of a key: its first k bits. */
export function bucketOf(key: Uint8Array, bucketBits: number): number {
  const first = ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0
  return bucketBits === 0 ? 0 : first >>> (32 - bucketBits)
}

/** The rows of each bucket, in order; a bucket without rows is empty. */
export function* buckets({ table, bucketBits, rows }: TableFile): Generator<Uint8Array> {
  const { bytes } = ROW_LAYOUT[table]
  let from = 0
  for (let bucket = 0; bucket < 2 ** bucketBits; bucket++) {
    let to = from
    while (to < rows.length && bucketOf(rows.subarray(to, to + 4), bucketBits) === bucket) to += bytes
    yield rows.subarray(from, to)
    from = to
  }
}

function compareBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): number {
  for (let at = 0; at < length; at++) {
    const difference = a[aAt + at]! - b[bAt + at]!
    if (difference !== 0) return difference
  }
  return 0
}
