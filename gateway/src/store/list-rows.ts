import { fromHex, sameBytes, toHex } from '@gatehouse/shared/bytes.ts'
import { applyOps, type Ops } from '@gatehouse/shared/list/ops.ts'
import { HASH_BYTES, type TableRootParts } from '@gatehouse/shared/list/roots.ts'
import { decodePass, type ListPass, perTable, ROW_LAYOUT, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { bucketOf, buckets } from '@gatehouse/shared/list/table.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { HashedTable, TableShape } from '../list/verified-list.ts'
import { withRoot } from '../list/verify-list.ts'
import type { Database } from './database.ts'
import { sha256 } from './sha256.ts'

/** Buckets written before the clock is asked whether it is time for a turn. */
const BUCKETS_A_PIECE = 100

/** Bits of an id that are the bucket's. */
const BUCKET_IDS = 2 ** 20

const EMPTY_HASH = sha256(new Uint8Array())

/** What is kept in memory of each table. */
export type Shape = Record<Table, TableShape>

/** `damaged`: what was read is not what was written. */
export type ReadRow = Result<Uint8Array | null, 'damaged'>

/** Writes a table's buckets, a piece a transaction. */
export function* writeTable(db: Database, table: HashedTable): Generator<void, void> {
  const insert = db.prepare('insert into bucket (id, hash, rows) values (?, ?, ?)')
  const write = db.transaction((piece: readonly (readonly [number, Uint8Array])[]) => {
    for (const [bucket, rows] of piece) insert.run(idOf(table.table, bucket), hashAt(table, bucket), rows)
  })
  let piece: [number, Uint8Array][] = []
  let bucket = 0
  for (const rows of buckets(table)) {
    if (rows.length > 0) piece.push([bucket, rows])
    bucket++
    if (piece.length < BUCKETS_A_PIECE) continue
    write(piece)
    piece = []
    yield
  }
  write(piece)
}

/** The bucket hashes of tables that were written, as far as the disk still says them; the root tells whether they are all there. */
export function readShape(
  db: Database,
  sizes: Readonly<Record<Table, { readonly bucketBits: number; readonly count: number }>>,
): Shape {
  const parts = perTable((table): TableRootParts => {
    const { bucketBits, count } = sizes[table]
    const bucketHashes = new Uint8Array(2 ** bucketBits * HASH_BYTES)
    for (let bucket = 0; bucket < 2 ** bucketBits; bucket++) bucketHashes.set(EMPTY_HASH, bucket * HASH_BYTES)
    return { table, bucketBits, count, bucketHashes }
  })
  for (const { id, hash } of db
    .prepare<[], { id: number; hash: Uint8Array }>('select id, hash from bucket')
    .iterate()) {
    const table = parts[TABLES[Math.floor(id / BUCKET_IDS)]!]
    const bucket = id % BUCKET_IDS
    if (table === undefined || bucket >= 2 ** table.bucketBits || hash.length !== HASH_BYTES)
      throw new Error('a bucket of no table')
    table.bucketHashes.set(hash, bucket * HASH_BYTES)
  }
  return perTable(table => withRoot(parts[table]))
}

/** Finds rows. Each is decided from only when its bucket's hash is the one under the signed root. */
export function rowFinder(db: Database, shape: Shape) {
  const select = db.prepare<[number], Uint8Array>('select rows from bucket where id = ?').pluck()
  const bucketOfKey = (table: Table, key: Uint8Array): ReadRow => {
    const bucket = bucketOf(key, shape[table].bucketBits)
    const rows = select.get(idOf(table, bucket)) ?? new Uint8Array()
    return sameBytes(sha256(rows), hashAt(shape[table], bucket)) ? ok(rows) : fail('damaged')
  }
  const row = (table: Table, key: Uint8Array): ReadRow => {
    const { bytes } = ROW_LAYOUT[table]
    const found = bucketOfKey(table, key)
    if (!found.ok || found.value === null) return found
    for (let at = 0; at < found.value.length; at += bytes) {
      if (sameBytes(found.value.subarray(at, at + key.length), key)) return ok(found.value.subarray(at, at + bytes))
    }
    return ok(null)
  }
  const pass = (passId: Uint8Array): Result<ListPass | null, 'damaged'> => {
    const found = row('P', passId)
    if (!found.ok) return found
    if (found.value === null) return ok(null)
    const decoded = decodePass(found.value)
    return decoded.ok ? decoded : fail('damaged')
  }
  return {
    byPass: (passId: string) => pass(fromHex(passId)!),
    byCard(cardKey: string): Result<ListPass | null, 'damaged'> {
      const found = row('C', fromHex(cardKey)!)
      if (!found.ok) return found
      return found.value === null ? ok(null) : pass(found.value.subarray(ROW_LAYOUT.C.keyBytes))
    },
    deviceKey(passId: string): Result<string | null, 'damaged'> {
      const found = row('K', fromHex(passId)!)
      if (!found.ok) return found
      return ok(found.value === null ? null : toHex(found.value.subarray(ROW_LAYOUT.K.keyBytes)))
    },
  }
}

/**
 * Does to a table what a delta says, bucket by bucket, within the caller's transaction: its shape afterwards. On a failure the transaction
 * must be given up.
 */
export function changeTable(
  db: Database,
  shape: TableShape,
  ops: Ops,
): Result<TableShape, 'malformed_ops' | 'damaged'> {
  const { table, bucketBits } = shape
  const { bytes } = ROW_LAYOUT[table]
  const parts = partsOf(table, bucketBits, ops)
  if (parts === null) return fail('malformed_ops')
  const select = db.prepare<[number], Uint8Array>('select rows from bucket where id = ?').pluck()
  const put = db.prepare('insert or replace into bucket (id, hash, rows) values (?, ?, ?)')
  const remove = db.prepare('delete from bucket where id = ?')
  const bucketHashes = shape.bucketHashes.slice()
  let count = shape.count
  for (const [bucket, part] of parts) {
    const before = select.get(idOf(table, bucket)) ?? new Uint8Array()
    if (!sameBytes(sha256(before), hashAt(shape, bucket))) return fail('damaged')
    const after = applyOps(table, before, part)
    if (!after.ok) return after
    const hash = sha256(after.value)
    if (after.value.length === 0) remove.run(idOf(table, bucket))
    else put.run(idOf(table, bucket), hash, after.value)
    bucketHashes.set(hash, bucket * HASH_BYTES)
    count += (after.value.length - before.length) / bytes
  }
  return ok(withRoot({ table, bucketBits, count, bucketHashes }))
}

/** The ops by bucket; null where keys do not ascend from bucket to bucket, or a length is no multiple. Within one `applyOps` asks. */
function partsOf(table: Table, bucketBits: number, ops: Ops): Map<number, Ops> | null {
  const { bytes, keyBytes } = ROW_LAYOUT[table]
  const upserts = cut(ops.upsert, bytes, bucketBits)
  const deletes = cut(ops.delete, keyBytes, bucketBits)
  if (upserts === null || deletes === null) return null
  const none = new Uint8Array()
  return new Map(
    [...new Set([...upserts.keys(), ...deletes.keys()])].map(bucket => [
      bucket,
      { upsert: upserts.get(bucket) ?? none, delete: deletes.get(bucket) ?? none },
    ]),
  )
}

function cut(rows: Uint8Array, stride: number, bucketBits: number): Map<number, Uint8Array> | null {
  if (rows.length % stride !== 0) return null
  const parts = new Map<number, Uint8Array>()
  let last = -1
  for (let from = 0; from < rows.length; ) {
    const bucket = bucketOf(rows.subarray(from, from + 4), bucketBits)
    if (bucket <= last) return null
    let to = from
    while (to < rows.length && bucketOf(rows.subarray(to, to + 4), bucketBits) === bucket) to += stride
    parts.set(bucket, rows.subarray(from, to))
    last = bucket
    from = to
  }
  return parts
}

function idOf(table: Table, bucket: number): number {
  return TABLES.indexOf(table) * BUCKET_IDS + bucket
}

function hashAt({ bucketHashes }: TableShape, bucket: number): Uint8Array {
  return bucketHashes.subarray(bucket * HASH_BYTES, (bucket + 1) * HASH_BYTES)
}
