import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { toHex } from '@gatehouse/shared/bytes.ts'
import type { ListHead } from '@gatehouse/shared/list/documents.ts'
import { bucketHashes, stateRoot, tableRoot } from '@gatehouse/shared/list/roots.ts'
import { perTable, ROW_LAYOUT, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { bucketBitsFor, decodeTable, encodeTable, type TableFile } from '@gatehouse/shared/list/table.ts'
import { sha256Hex } from './snapshot.repo.ts'

const compressed = promisify(zstdCompress)
const decompressed = promisify(zstdDecompress)

export type ListFiles = {
  readonly tables: Readonly<Record<Table, TableFile>>
  /** Compressed, as they are fetched. */
  readonly files: Readonly<Record<Table, Uint8Array>>
  readonly promised: ListHead['snapshot']['files']
  readonly stateRoot: string
}

/** The tables of these rows as files, and the root that a head signs for them. */
export async function filesOf(rows: Readonly<Record<Table, Uint8Array>>): Promise<ListFiles> {
  const tables = perTable((table): TableFile => {
    const count = rows[table].length / ROW_LAYOUT[table].bytes
    return { table, bucketBits: bucketBitsFor(count), count, rows: rows[table] }
  })
  const files: Partial<Record<Table, Uint8Array>> = {}
  for (const table of TABLES) files[table] = await compressed(encodeTable(tables[table]))
  const promised = perTable(table => ({
    sha256: sha256Hex(files[table]!),
    compressedBytes: files[table]!.length,
    bytes: encodeTable(tables[table]).length,
    bucketBits: tables[table].bucketBits,
    rows: tables[table].count,
  }))
  return { tables, files: perTable(table => files[table]!), promised, stateRoot: rootOf(tables) }
}

/** The rows in a file that was published. */
export async function rowsIn(file: Uint8Array, table: Table): Promise<Uint8Array> {
  const read = decodeTable(await decompressed(file), table)
  if (!read.ok)
    throw new Error(`the published file of table ${table} is damaged; delete the list's versions to make it anew`)
  return read.value.rows
}

/** Of the list before the first: four tables without rows. */
export const EMPTY_ROOT = rootOf(
  perTable((table): TableFile => ({ table, bucketBits: 0, count: 0, rows: new Uint8Array() })),
)

function rootOf(tables: Readonly<Record<Table, TableFile>>): string {
  const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'buffer')
  const roots = perTable(table =>
    tableRoot(sha256, { ...tables[table], bucketHashes: bucketHashes(sha256, tables[table]) }),
  )
  return toHex(stateRoot(sha256, roots))
}
