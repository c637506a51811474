import { concatAll, fromHex, toHex } from '../bytes.ts'
import { kindOf, type Loss, type Rows } from './losses.ts'
import { applyOps } from './ops.ts'
import { TABLES, type Table } from './rows.ts'

/** Byte of a pass's row: statuses ascend from active to lost. */
const STATUS_AT = 20

/** How much one list may take away before a second administrator is asked. */
export type GuardLimit = {
  /** Of the passes that open something now. */
  readonly percent: number
  readonly rows: number
}

export const DEFAULT_GUARD_LIMIT: GuardLimit = { percent: 5, rows: 100 }

/** So much is always let through: in a school of forty passes two lost phones are no mass revocation. */
export const FREE_ROWS = 3

/** Rows that may be lost at once: the lesser of the two limits, but a handful always. */
export function rowsLet({ percent, rows }: GuardLimit, living: number): number {
  return Math.min(rows, Math.max(FREE_ROWS, Math.floor((living * percent) / 100)))
}

/** Losses that wait, by their id: the row as it was measured, in hexadecimal; null: gone. */
export type Held = ReadonlyMap<string, string | null>

export type GuardQuestion = {
  readonly losses: readonly Loss[]
  readonly held: Held
  /** A second administrator has let go what is held, as it was measured. */
  readonly isApproved: boolean
  readonly limit: number
  readonly nowS: number
}

/**
 * Which losses wait; everything else may be signed now. A mass change waits whole; what is not part of it, such as one lost card an
 * hour later, is measured by itself and goes out. A row that was held and is taken further since counts as new. An approval is for
 * the rows as they were measured, and for no others.
 */
export function lossesThatWait({ losses, held, isApproved, limit, nowS }: GuardQuestion): readonly Loss[] {
  const fresh = new Set(
    losses.filter(loss => {
      const measured = held.get(loss.id)
      if (measured === undefined) return true
      if (measured === hexOf(loss.after)) return false
      return isApproved || isTakenFurther(loss, measured, nowS)
    }),
  )
  return losses.filter(loss => (fresh.has(loss) ? fresh.size > limit : !isApproved))
}

function isTakenFurther({ table, after }: Loss, measured: string | null, nowS: number): boolean {
  if (measured === null) return false
  if (after === null || table !== 'P') return true
  const row = fromHex(measured)!
  // A held suspension that became a revocation is no longer only a suspension.
  return after[STATUS_AT]! > row[STATUS_AT]! || kindOf(table, row, after, nowS) !== null
}

/** The rows to sign: as they should be, but for those that wait, which stay as they were. */
export function withWaiting(after: Rows, waiting: readonly Loss[]): Rows {
  const kept = (table: Table): Uint8Array => {
    const rows = waiting.filter(loss => loss.table === table).map(loss => loss.before)
    if (rows.length === 0) return after[table]
    const merged = applyOps(table, after[table], { upsert: concatAll(rows), delete: new Uint8Array() })
    if (!merged.ok) throw new Error(`held rows of table ${table} do not go back to their places`)
    return merged.value
  }
  return Object.fromEntries(TABLES.map(table => [table, kept(table)])) as Record<Table, Uint8Array>
}

export function hexOf(row: Uint8Array | null): string | null {
  return row === null ? null : toHex(row)
}
