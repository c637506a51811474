import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'

/** The newest time granted to a moving code of a pass, from the journal of a gate that may be running; null where none is remembered. */
export function lastGrantedIn(journal: string, passId: string): number | null {
  if (!existsSync(journal)) return null
  const db = new Sqlite(journal, { readonly: true })
  try {
    const isThere = db.prepare("select 1 from sqlite_master where name = 'granted_proof'").get() !== undefined
    if (!isThere) return null
    const row = db.prepare<[string], number>('select time_s from granted_proof where pass_id = ?').pluck().get(passId)
    return row ?? null
  } finally {
    db.close()
  }
}
