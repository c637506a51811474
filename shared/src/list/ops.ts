import { concatAll } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'
import { isRowAt, ROW_LAYOUT, type Table } from './rows.ts'

/** What one delta does to one table: whole rows to put in, keys to take out. */
export type Ops = { readonly upsert: Uint8Array; readonly delete: Uint8Array }

/**
 * Rows after the ops, ascending. `malformed_ops`: a length that is no multiple, a row that is not understood, keys out of order or twice, a
 * key both put in and taken out, a key taken out that is not there, and a row put in as it already is: a delta says what changes, nothing else.
 */
export function applyOps(table: Table, rows: Uint8Array, ops: Ops): Result<Uint8Array, 'malformed_ops'> {
  const { bytes, keyBytes } = ROW_LAYOUT[table]
  if (!isAscending(ops.upsert, bytes, keyBytes) || !isAscending(ops.delete, keyBytes, keyBytes))
    return fail('malformed_ops')
  for (let at = 0; at < ops.upsert.length; at += bytes) {
    if (!isRowAt(table, ops.upsert, at)) return fail('malformed_ops')
  }

  const after = new Uint8Array(rows.length + ops.upsert.length)
  let [row, upsert, gone, end] = [0, 0, 0, 0]
  const put = (source: Uint8Array, at: number) => {
    after.set(source.subarray(at, at + bytes), end)
    end += bytes
  }
  while (row < rows.length || upsert < ops.upsert.length) {
    const order = orderOf(rows, row, ops.upsert, upsert, keyBytes)
    if (gone < ops.delete.length && row < rows.length && order <= 0 && sameKey(rows, row, ops.delete, gone, keyBytes)) {
      if (order === 0) return fail('malformed_ops')
      row += bytes
      gone += keyBytes
    } else if (order < 0) {
      put(rows, row)
      row += bytes
    } else {
      if (order === 0) {
        if (sameKey(rows, row, ops.upsert, upsert, bytes)) return fail('malformed_ops')
        row += bytes
      }
      put(ops.upsert, upsert)
      upsert += bytes
    }
  }
  return gone === ops.delete.length ? ok(after.slice(0, end)) : fail('malformed_ops')
}

/** A row as it was and as it is; null: it is not there. */
export type RowChange = { readonly before: Uint8Array | null; readonly after: Uint8Array | null }

/** The rows in which two states of a table differ, ascending. */
export function* changedRows(table: Table, before: Uint8Array, after: Uint8Array): Generator<RowChange> {
  const { bytes, keyBytes } = ROW_LAYOUT[table]
  let [old, now] = [0, 0]
  while (old < before.length || now < after.length) {
    const order = orderOf(before, old, after, now, keyBytes)
    const was = order <= 0 ? before.subarray(old, old + bytes) : null
    const is = order >= 0 ? after.subarray(now, now + bytes) : null
    if (was === null || is === null || !sameKey(was, 0, is, 0, bytes)) yield { before: was, after: is }
    if (was !== null) old += bytes
    if (is !== null) now += bytes
  }
}

/** The ops that turn one table into another. */
export function diffRows(table: Table, before: Uint8Array, after: Uint8Array): Ops {
  const upsert: Uint8Array[] = []
  const gone: Uint8Array[] = []
  for (const change of changedRows(table, before, after)) {
    if (change.after === null) gone.push(change.before!.subarray(0, ROW_LAYOUT[table].keyBytes))
    else upsert.push(change.after)
  }
  return { upsert: concatAll(upsert), delete: concatAll(gone) }
}

/** Which key comes first; what has ended comes last. */
function orderOf(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, keyBytes: number): number {
  if (aAt >= a.length) return 1
  if (bAt >= b.length) return -1
  for (let at = 0; at < keyBytes; at++) {
    const difference = a[aAt + at]! - b[bAt + at]!
    if (difference !== 0) return difference
  }
  return 0
}

function sameKey(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (a[aAt + at] !== b[bAt + at]) return false
  return true
}

function isAscending(rows: Uint8Array, stride: number, keyBytes: number): boolean {
  if (rows.length % stride !== 0) return false
  for (let at = stride; at < rows.length; at += stride) {
    if (orderOf(rows, at - stride, rows, at, keyBytes) >= 0) return false
  }
  return true
}
