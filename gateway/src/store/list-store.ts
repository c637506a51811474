import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { EMPTY_POLICY, Policy } from '@gatehouse/shared/list/policy.ts'
import { PackedPass, PassId, type PassRow, unpackPass } from '@gatehouse/shared/list/snapshot.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import type { VerifiedList } from '../list/verify-list.ts'
import { type Database, isDamaged, openDatabase } from './database.ts'
import { sha256Hex } from './sha256.ts'
import { writeWhole } from './write-whole.ts'

const MIGRATIONS = join(import.meta.dirname, 'list-migrations')

/** Eight gigabytes: a million rows take one fortieth of it. */
const PAGES_MAX = 2_097_152

/** Rows written between two turns of the loop: a scan waits no longer than these take. */
const ROWS_A_TURN = 1_000

/** What a gate asks of the list in force besides its rows. */
export type ListFacts = {
  /** 0 before the first list. */
  readonly version: number
  readonly sha256: string
  readonly issuedAtS: number
  readonly serialMax: number
  readonly policy: Policy
  readonly policyHash: string
}

/** Before the first list: no card is known, and every serial is newer. */
export const NO_LIST: ListFacts = {
  version: 0,
  sha256: '',
  issuedAtS: 0,
  serialMax: 0,
  policy: EMPTY_POLICY,
  policyHash: sha256Hex(JSON.stringify(EMPTY_POLICY)),
}

/** `damaged`: what was read is not what was written. The answer is `rebuild`; nothing is decided from it. */
export type Found = Result<PassRow | null, 'damaged'>

export type ListStore = {
  facts(): ListFacts
  findByCard(cardKey: string): Found
  findByPass(passId: string): Found
  /** Puts a list in force, whole or not at all; decisions go on from the old one meanwhile. `older`: it is not newer than that. */
  apply(list: VerifiedList): Promise<Result<null, 'older'>>
  /** The signed snapshot in force, to be verified again; null where there is none. */
  snapshot(): string | null
  /** Sets the damaged rows aside and makes them anew from that snapshot. */
  rebuild(list: VerifiedList): Promise<void>
  close(): void
}

const Current = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), version: z.int().min(1) })
const Facts = z.object({
  version: z.int(),
  sha256: z.string(),
  issuedAtS: z.int(),
  serialMax: z.int(),
  policy: Policy,
  policyHash: z.string(),
})

type Rows = {
  readonly facts: ListFacts
  readonly db: Database
  readonly byCard: (cardKey: string) => Found
  readonly byPass: (passId: string) => Found
}

/**
 * The list in force, in a folder: `current.json` names it, `<sha256>.jws` is what was signed, `<sha256>.db` its rows.
 * Version and rows change in one step, by the renaming of `current.json`; a power cut leaves the old list or the new.
 */
export function openListStore(folder: string): ListStore {
  mkdirSync(folder, { recursive: true })
  let current = readCurrent(folder)
  let rows = current === null ? null : openRows(folder, current.sha256)
  const jwsPath = (sha256: string) => join(folder, `${sha256}.jws`)

  const putInForce = async (list: VerifiedList) => {
    const built = await buildRows(folder, list)
    writeWhole(jwsPath(list.sha256), list.jws)
    writeWhole(join(folder, 'current.json'), JSON.stringify({ sha256: list.sha256, version: list.version }))
    const before = rows
    current = { sha256: list.sha256, version: list.version }
    rows = built
    before?.db.close()
    sweep(folder, list.sha256)
  }

  return {
    // The version in force is known even when its rows are damaged, and it never falls.
    facts: () => rows?.facts ?? (current === null ? NO_LIST : { ...NO_LIST, ...current }),
    findByCard: cardKey => rows?.byCard(cardKey) ?? (current === null ? ok(null) : fail('damaged')),
    findByPass: passId => rows?.byPass(passId) ?? (current === null ? ok(null) : fail('damaged')),
    async apply(list) {
      if (current !== null && list.version <= current.version) return fail('older')
      await putInForce(list)
      return ok(null)
    },
    snapshot: () =>
      current !== null && existsSync(jwsPath(current.sha256)) ? readFileSync(jwsPath(current.sha256), 'utf8') : null,
    async rebuild(list) {
      rows?.db.close()
      rows = null
      quarantine(folder, `${list.sha256}.db`)
      await putInForce(list)
    },
    close() {
      rows?.db.close()
      rows = null
    },
  }
}

function readCurrent(folder: string): z.infer<typeof Current> | null {
  const path = join(folder, 'current.json')
  if (!existsSync(path)) return null
  try {
    return Current.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new Error(`${path} says no list any more: delete the folder ${folder}, and the gate fetches its list anew`, {
      cause: error,
    })
  }
}

/** The rows of a list that was finished; null when they cannot be trusted. */
function openRows(folder: string, sha256: string): Rows | null {
  const path = join(folder, `${sha256}.db`)
  if (!existsSync(path)) return null
  let db: Database | null = null
  try {
    db = openDatabase(path, { migrations: MIGRATIONS, pagesMax: PAGES_MAX })
    const row = db.prepare<[], { head: string; sum: number }>('select head, sum from list').get()
    if (row === undefined || crc32(row.head) !== row.sum) throw new Error('no finished list')
    const facts = Facts.parse(JSON.parse(row.head))
    if (facts.sha256 !== sha256) throw new Error('another list')
    return { facts, db, ...finders(db) }
  } catch {
    db?.close()
    return null
  }
}

/**
 * Each row is looked at after it was read: of 300 flipped bits 14 gave a wrong pass while SQLite's own check found
 * nothing. A flipped bit in a key hides the row, which opens nothing either.
 */
function finders(db: Database): Pick<Rows, 'byCard' | 'byPass'> {
  const pass = db.prepare<[string], { packed: string; sum: number }>('select packed, sum from pass where pass_id = ?')
  const card = db.prepare<[string], { pass_id: string; sum: number }>(
    'select pass_id, sum from card where card_key = ?',
  )
  const byPass = (passId: string): Found =>
    reading(() => {
      const row = pass.get(passId)
      if (row === undefined) return ok(null)
      if (row.sum !== sumOf(passId, row.packed)) return fail('damaged')
      const unpacked = unpackPass(PackedPass.parse(JSON.parse(row.packed)))
      return unpacked.passId === passId ? ok(unpacked) : fail('damaged')
    })
  return {
    byPass,
    byCard: cardKey =>
      reading(() => {
        const row = card.get(cardKey)
        if (row === undefined) return ok(null)
        if (row.sum !== sumOf(cardKey, row.pass_id)) return fail('damaged')
        return byPass(PassId.parse(row.pass_id))
      }),
  }
}

function reading(read: () => Found): Found {
  try {
    return read()
  } catch (error) {
    if (isDamaged(error) || error instanceof z.ZodError || error instanceof SyntaxError) return fail('damaged')
    throw error
  }
}

function sumOf(key: string, value: string): number {
  return crc32(`${key} ${value}`)
}

async function buildRows(folder: string, list: VerifiedList): Promise<Rows> {
  const path = join(folder, `${list.sha256}.db`)
  removeDatabase(path)
  const db = openDatabase(path, { migrations: MIGRATIONS, pagesMax: PAGES_MAX })
  try {
    // Until its last row a file is not in force, and is thrown away after a power cut: no sync for each chunk.
    db.pragma('synchronous = off')
    const pass = db.prepare('insert into pass (pass_id, packed, sum) values (?, ?, ?)')
    const card = db.prepare('insert into card (card_key, pass_id, sum) values (?, ?, ?)')
    const insertPasses = db.transaction((rows: VerifiedList['passes']) => {
      for (const row of rows) {
        const packed = JSON.stringify(row)
        pass.run(row[0], packed, sumOf(row[0], packed))
      }
    })
    const insertCards = db.transaction((rows: VerifiedList['cards']) => {
      for (const [cardKey, passId] of rows) card.run(cardKey, passId, sumOf(cardKey, passId))
    })
    await inChunks(list.passes, insertPasses)
    await inChunks(list.cards, insertCards)

    const { version, sha256, issuedAtS, serialMax, policy, policyHash } = list
    const facts: ListFacts = { version, sha256, issuedAtS, serialMax, policy, policyHash }
    const head = JSON.stringify(facts)
    db.pragma('wal_checkpoint(truncate)')
    db.pragma('synchronous = full')
    db.prepare('insert into list (one, head, sum) values (1, ?, ?)').run(head, crc32(head))
    db.pragma('wal_checkpoint(truncate)')
    return { facts, db, ...finders(db) }
  } catch (error) {
    db.close()
    removeDatabase(path)
    throw error
  }
}

async function inChunks<Row>(rows: readonly Row[], write: (chunk: Row[]) => void): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_A_TURN) {
    write(rows.slice(at, at + ROWS_A_TURN))
    await turn()
  }
}

/** A database is its file, its log and its shared memory: one alone is another database. */
const PARTS = ['', '-wal', '-shm'] as const

function removeDatabase(path: string): void {
  for (const part of PARTS) rmSync(path + part, { force: true })
}

function quarantine(folder: string, file: string): void {
  const to = join(folder, 'quarantine')
  // Only the last one is kept: it is for a person to look at, and must not fill the disk.
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const part of PARTS)
    if (existsSync(join(folder, file + part))) renameSync(join(folder, file + part), join(to, file + part))
}

/** Deletes what no longer is in force. */
function sweep(folder: string, sha256: string): void {
  for (const file of readdirSync(folder)) {
    if (/^[0-9a-f]{64}\./.test(file) && !file.startsWith(sha256)) rmSync(join(folder, file), { force: true })
  }
}
