import { toHex } from '../bytes.ts'
import { changedRows } from './ops.ts'
import { decodePass, type ListPass, ROW_LAYOUT, TABLES, type Table } from './rows.ts'

export type Rows = Readonly<Record<Table, Uint8Array>>

/** What a new list takes from somebody: the pass, for good or for a while; some of its dates, groups or hours; a card, phone or PIN. */
export const LOSS_KINDS = ['revoked', 'suspended', 'narrowed', 'credential'] as const
export type LossKind = (typeof LOSS_KINDS)[number]

/** One row that opens less than before. */
export type Loss = {
  /** Table and key, the same in every list: `P 92ac63853fc0633b`. */
  readonly id: string
  readonly table: Table
  readonly passId: string
  readonly kind: LossKind
  readonly before: Uint8Array
  /** Null: the row is gone. */
  readonly after: Uint8Array | null
}

/** What a list takes away against the one before it. Passes that opened nothing any more can lose nothing. */
export function lossesBetween(before: Rows, after: Rows, nowS: number): Loss[] {
  const losses: Loss[] = []
  for (const table of TABLES) {
    for (const change of changedRows(table, before[table], after[table])) {
      if (change.before === null) continue
      const kind = kindOf(table, change.before, change.after, nowS)
      if (kind === null) continue
      const passId = passIdOf(table, change.before)
      if (table !== 'P' && !isLiving(findPassRow(before.P, passId), nowS)) continue
      losses.push({ id: lossId(table, change.before), table, passId, kind, before: change.before, after: change.after })
    }
  }
  return losses
}

/** Whether a row opens less than it did. Null: it does not. */
export function kindOf(table: Table, before: Uint8Array, after: Uint8Array | null, nowS: number): LossKind | null {
  if (table !== 'P') return after === null || passIdOf(table, after) !== passIdOf(table, before) ? 'credential' : null
  const was = readPass(before)
  if (!isLiving(was, nowS)) return null
  if (after === null) return 'revoked'
  const is = readPass(after)
  if (is.status === 'suspended') return 'suspended'
  if (is.status !== 'active') return 'revoked'
  return isNarrower(was, is, nowS) ? 'narrowed' : null
}

/** How many passes of a list may open something now. */
export function livingPasses(rows: Uint8Array, nowS: number): ListPass[] {
  return passesIn(rows).filter(pass => isLiving(pass, nowS))
}

export function passesIn(rows: Uint8Array): ListPass[] {
  const { bytes } = ROW_LAYOUT.P
  return Array.from({ length: rows.length / bytes }, (_, at) => readPass(rows.subarray(at * bytes, (at + 1) * bytes)))
}

/** Older certificates that die are no loss: whoever binds another phone does that themselves, and hundreds do in the first week of a term. */
function isNarrower(was: ListPass, is: ListPass, nowS: number): boolean {
  return (
    is.expiresS < was.expiresS ||
    is.notBeforeS > Math.max(was.notBeforeS, nowS) ||
    losesGroups(was.groups, is.groups) ||
    (is.profile !== was.profile && is.profile !== 0) ||
    (['dynamicOnly', 'once', 'escort', 'pinNeeded'] as const).some(flag => is.flags[flag] && !was.flags[flag])
  )
}

/** A group set by its number says nothing of its size: another one may be smaller. */
function losesGroups(was: number, is: number): boolean {
  const isSet = ((was | is) & 0x80000000) !== 0
  return isSet ? was !== is : (was & ~is) !== 0
}

function isLiving(pass: ListPass | null, nowS: number): boolean {
  return pass !== null && pass.status === 'active' && pass.expiresS > nowS
}

function lossId(table: Table, row: Uint8Array): string {
  return `${table} ${toHex(row.subarray(0, ROW_LAYOUT[table].keyBytes))}`
}

function passIdOf(table: Table, row: Uint8Array): string {
  const at = table === 'C' ? ROW_LAYOUT.C.keyBytes : 0
  return toHex(row.subarray(at, at + ROW_LAYOUT.P.keyBytes))
}

function readPass(row: Uint8Array): ListPass {
  const pass = decodePass(row)
  if (!pass.ok) throw new Error('a row of passes that we made ourselves cannot be read')
  return pass.value
}

/** By halving: rows ascend by passId. */
function findPassRow(rows: Uint8Array, passId: string): ListPass | null {
  const { bytes, keyBytes } = ROW_LAYOUT.P
  let [from, to] = [0, rows.length / bytes]
  while (from < to) {
    const middle = (from + to) >> 1
    const row = rows.subarray(middle * bytes, (middle + 1) * bytes)
    const key = toHex(row.subarray(0, keyBytes))
    if (key === passId) return readPass(row)
    if (key < passId) from = middle + 1
    else to = middle
  }
  return null
}
