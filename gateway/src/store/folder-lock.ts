import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/**
 * Holds a folder for this process: two gateways on one journal would fork its chain. The lock is one of the kernel on
 * a file of SQLite, so that a killed process leaves none behind.
 */
export function lockFolder(folder: string): { release(): void } {
  const db = new Sqlite(join(folder, 'lock.db'), { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (error) {
    db.close()
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    throw new Error(`another gateway runs on ${folder}: stop it first, or give this one a data folder of its own`, {
      cause: error,
    })
  }
  return { release: () => db.close() }
}
