import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Sorry } from './sorry.ts'

/** What a fresh campus takes with room to spare: 40 MB of database, journals, logs. */
const FREE_BYTES_MIN = 300 * 1024 * 1024
const MARK = 'campus.json'
const LAYOUT = 1

export type DataFolder = Disposable & {
  readonly path: string
  readonly fresh: boolean
  readonly file: (...names: string[]) => string
}

/**
 * Opens the folder that holds a campus, or makes one. One campus a folder at a time: the lock is SQLite's, so the kernel lets go of
 * it whatever happens to us. With `reset` what was there is deleted, and only what we made.
 */
export function openDataFolder(
  path: string,
  { reset, freeBytes = freeBytesUnder }: { readonly reset: boolean; readonly freeBytes?: (path: string) => number },
): DataFolder {
  mark(path)
  const lock = takeLock(path)
  try {
    if (reset)
      for (const name of readdirSync(path))
        if (!isLock(name)) rmSync(join(path, name), { recursive: true, force: true })
    const fresh = !existsSync(join(path, MARK))
    if (fresh) writeFileSync(join(path, MARK), `${JSON.stringify({ layout: LAYOUT })}\n`)
    checkRoom(path, freeBytes(path))
    return { path, fresh, file: (...names) => join(path, ...names), [Symbol.dispose]: () => lock.close() }
  } catch (problem) {
    lock.close()
    throw problem
  }
}

/** A folder with something else in it is somebody's, and is not touched. */
function mark(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const names = readdirSync(path).filter(name => !isLock(name))
    if (names.length === 0) return
    if (!names.includes(MARK))
      throw new Sorry(`${path} holds other things than a campus. Choose another folder with GATEHOUSE_DATA.`)
    const { layout } = JSON.parse(readFileSync(join(path, MARK), 'utf8')) as { layout?: unknown }
    if (layout !== LAYOUT)
      throw new Sorry(
        `${path} was made by another version of Gatehouse (layout ${layout}). Start that version, or begin anew with --reset.`,
      )
  } catch (problem) {
    if (problem instanceof Sorry) throw problem
    if (problem instanceof SyntaxError)
      throw new Sorry(
        `The data folder ${path} is broken: ${MARK} cannot be read. Delete the folder and start again, or choose another with GATEHOUSE_DATA.`,
      )
    throw new Sorry(
      `The data folder ${path} cannot be used (${codeOf(problem)}). Make it writable, or choose another with GATEHOUSE_DATA.`,
    )
  }
}

function takeLock(path: string): Database.Database {
  const lock = new Database(join(path, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (problem) {
    lock.close()
    if (codeOf(problem).startsWith('SQLITE_BUSY')) {
      throw new Sorry(
        `A campus is already running on ${path}. Stop it first (Ctrl-C where it runs), or choose another folder with GATEHOUSE_DATA.`,
      )
    }
    throw new Sorry(
      `The data folder ${path} cannot be locked (${codeOf(problem)}). Is the disk full, or the folder read-only?`,
    )
  }
}

function checkRoom(path: string, freeBytes: number): void {
  if (freeBytes >= FREE_BYTES_MIN) return
  const [left, needed] = [freeBytes, FREE_BYTES_MIN].map(bytes => Math.floor(bytes / 1024 / 1024))
  throw new Sorry(
    `The disk is full: ${left} MB are left under ${path}, and a campus needs ${needed}. Make room, or choose another folder with GATEHOUSE_DATA.`,
  )
}

function freeBytesUnder(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function isLock(name: string): boolean {
  return name.startsWith('lock.sqlite')
}

function codeOf(problem: unknown): string {
  return String((problem as { code?: unknown }).code ?? problem)
}
