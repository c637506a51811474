import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Log } from '../http/log.ts'
import { revokeDue } from '../students/students-many.repo.ts'
import { startForEachSchool } from './each-school.ts'

/** The lists themselves say when such a pass ends, so that gates without a connection hold to it; this is for everything else. */
const EVERY_MS = 60_000

/** Revokes passes whose day has come, each minute until it is stopped. */
export function startDueRevocations({
  db,
  nowMs,
  log,
}: {
  db: Db
  nowMs: () => number
  log: Log
}): () => Promise<void> {
  return startForEachSchool({ db, log, everyMs: EVERY_MS, failed: 'passes.not_revoked' }, async schoolId => {
    const actor = { schoolId, userId: null, nowMs: nowMs() }
    const revoked = await inSchool(db, schoolId, tx => revokeDue(tx, actor))
    if (revoked > 0) log.info({ schoolId, revoked }, 'passes.revoked_on_their_day')
  })
}
