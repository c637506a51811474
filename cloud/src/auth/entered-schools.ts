import { sql } from 'kysely'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { SchoolPerson } from '../http/bind.ts'

/** Sessions and schools remembered; the oldest goes, and is looked up again. */
const SEEN_MAX = 10_000

/** Writes into a school's own log that a super_admin acts in it: once a session. */
export function enteredSchools({ db, nowMs }: { readonly db: Db; readonly nowMs: () => number }) {
  const seen = new Set<string>()
  return async ({ sessionId, userId, school, by }: SchoolPerson): Promise<void> => {
    const both = `${sessionId} ${school.id}`
    if (seen.has(both)) return
    await inSchool(db, school.id, async tx => {
      // Two requests at once, here or in another process, write one row.
      await sql`select pg_advisory_xact_lock(hashtextextended(${both}, 0))`.execute(tx)
      const written = await tx
        .selectFrom('audit_log')
        .select('id')
        .where('school_id', '=', school.id)
        .where('by_id', '=', userId)
        .where('session_id', '=', sessionId)
        .where('action', '=', 'school.entered')
        .limit(1)
        .executeTakeFirst()
      if (written !== undefined) return
      const subject = { kind: 'school', id: school.id }
      await audit(tx, { schoolId: school.id, nowMs: nowMs(), by }, { action: 'school.entered', subject })
    })
    if (seen.size >= SEEN_MAX) seen.delete(seen.values().next().value!)
    seen.add(both)
  }
}
