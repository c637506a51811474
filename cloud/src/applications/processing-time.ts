import type { ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import type { OutboxHandlers } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'

export type ProcessingTimeNeeds = {
  readonly db: Db
  /** From being submitted to being decided, in ms. */
  readonly onDecided: (status: ApplicationStatus, ms: number) => void
}

/** Measures the applications that were decided; of those that moved otherwise nothing is told. */
export function measureDecisions({
  db,
  onDecided,
}: ProcessingTimeNeeds): NonNullable<OutboxHandlers['application.changed']> {
  return async rows => {
    const decided = rows.filter(({ body: { status } }) => status === 'approved' || status === 'rejected')
    for (const [schoolId, own] of Map.groupBy(decided, row => row.schoolId)) {
      const ids = own.map(({ body }) => body.applicationId)
      const found = await inSchool(db, schoolId, tx =>
        tx
          .selectFrom('applications')
          .select(['status', 'submitted_at', 'decided_at'])
          .where('id', 'in', ids)
          .where('submitted_at', 'is not', null)
          .where('decided_at', 'is not', null)
          .execute(),
      )
      for (const { status, submitted_at, decided_at } of found)
        onDecided(status, decided_at!.getTime() - submitted_at!.getTime())
    }
  }
}
