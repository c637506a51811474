import { forgetByRetention } from '../audit/retention.repo.ts'
import { forgetOneTimes } from '../auth/one-time.repo.ts'
import { forgetSessions } from '../auth/sessions.repo.ts'
import { forgetOffers } from '../cards/card-offers.repo.ts'
import type { Database } from '../db/connect.ts'
import { findSchools } from '../db/definer.ts'
import { makePartitions } from '../db/partitions.ts'
import { inSchool } from '../db/school.ts'
import type { BlobStore } from '../files/blob-store.ts'
import { sweepFiles, UNNAMED_MS } from '../files/sweep.ts'
import { forgetAnswers } from '../http/idempotency.ts'
import { type Log, said } from '../http/log.ts'
import { forgetInvitations } from '../invitations/invitations.repo.ts'
import { forgetMails } from '../mail/mails.repo.ts'
import { forgetNotifications } from '../notifications/deliveries.repo.ts'
import { forgetChecks } from '../passes/pass-checks.repo.ts'
import { forgetImports } from '../sis/imports.repo.ts'
import { forgetJobs } from './jobs.repo.ts'

const EVERY_MS = 6 * 3_600_000

/**
 * What must be done now and then: partitions for the months to come, sessions that ended and checks that were made long ago, cards that nobody
 * took. At start and every six hours.
 */
export async function startUpkeep({
  database,
  store,
  hasOwner,
  nowMs,
  log,
}: {
  readonly database: Database
  readonly store: BlobStore
  /** Without the owner's login the partitions are somebody else's to make; the default one takes the events meanwhile. */
  readonly hasOwner: boolean
  readonly nowMs: () => number
  readonly log: Log
}): Promise<() => Promise<void>> {
  const { db } = database
  /** A store that is away is swept the next time, and keeps nothing else from being done. */
  const sweep = async (schoolId: string) => {
    try {
      const swept = await sweepFiles({ db, store }, schoolId, nowMs())
      if (swept > 0) log.info({ schoolId, swept }, 'files.swept')
    } catch (problem) {
      log.warn({ schoolId, problem: said(problem) }, 'files.not_swept')
    }
  }
  const once = async () => {
    if (hasOwner) {
      const made = await database.asOwner(owner => makePartitions(owner, new Date(nowMs())))
      if (made.length > 0) log.info({ made }, 'events.partitions_made')
    }
    await store
      .forgetHalves(new Date(nowMs() - UNNAMED_MS))
      .catch(problem => log.warn({ problem: said(problem) }, 'files.not_swept'))
    for (const schoolId of [null, ...(await findSchools(db)).map(({ id }) => id)]) {
      await inSchool(db, schoolId, async tx => {
        await forgetSessions(tx, { nowMs: nowMs() })
        await forgetOneTimes(tx, nowMs())
        await forgetOffers(tx, nowMs())
        await forgetChecks(tx, { nowMs: nowMs() })
        await forgetJobs(tx, nowMs())
        await forgetImports(tx, { nowMs: nowMs() })
        await forgetNotifications(tx, nowMs())
        await forgetMails(tx, nowMs())
        await forgetInvitations(tx, nowMs())
        await forgetAnswers(tx, nowMs())
      })
      await forgetByRetention(db, schoolId, nowMs())
      if (schoolId !== null) await sweep(schoolId)
    }
  }

  await once()
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = once().catch(problem => log.error({ problem: said(problem) }, 'upkeep.failed'))
  }, EVERY_MS)
  return async () => {
    clearInterval(timer)
    await running
  }
}
