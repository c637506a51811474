import { THE_SERVICE } from '../audit/actor.ts'
import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { JobHandler } from '../jobs/handler.ts'
import { formOfVersion } from './forms.repo.ts'
import { lockApplication, moveApplication } from './move.repo.ts'
import { remind } from './tell.ts'

/** A check that gave no answer for so long goes to a reviewer without one. */
const UNANSWERED_MS = 24 * 3_600_000
/** The rest are seen to at the next look. */
const AT_ONCE_MAX = 500
const DAY_MS = 86_400_000
/** The most that a form may say. */
const REMIND_DAYS_MAX = 60

/** Hands over to reviewers what waits in vain: checks without an answer in 24 hours, documents that did not come by their day. Reminds once before a day. */
export function applicationUpkeep({
  db,
  nowMs,
}: {
  readonly db: Db
  readonly nowMs: () => number
}): JobHandler<'application_upkeep'> {
  return async ({ signal, progress }) => {
    const schools = await findSchools(db)
    let [handedOver, reminded] = [0, 0]
    for (const [at, { id }] of schools.entries()) {
      signal.throwIfAborted()
      handedOver += await seeTo(db, id, nowMs())
      reminded += await remindOf(db, id, nowMs())
      await progress(at + 1, schools.length, 'schools')
    }
    return { handedOver, reminded }
  }
}

async function seeTo(db: Db, schoolId: string, nowMs: number): Promise<number> {
  const overdue = await inSchool(db, schoolId, tx => waitingInVain(tx, nowMs))
  let count = 0
  for (const { id, why } of overdue) {
    await inSchool(db, schoolId, async tx => {
      const row = await lockApplication(tx, id)
      if (row === undefined) return
      const form = await formOfVersion(tx, row.form_version)
      const actor = { schoolId, userId: null, nowMs, by: THE_SERVICE }
      const moved = await moveApplication(tx, actor, row, { event: 'expire', by: 'system', form, text: why })
      if (moved.ok) count++
    })
  }
  return count
}

/** Whose day is near and who was not reminded: once for each day that is set. */
async function remindOf(db: Db, schoolId: string, nowMs: number): Promise<number> {
  const due = await inSchool(db, schoolId, tx =>
    tx
      .selectFrom('applications')
      .select(['id', 'form_version', 'due_at'])
      .where('status', 'in', ['submitted', 'under_review', 'requires_documents'])
      .where('reminded_at', 'is', null)
      .where('due_at', '>', new Date(nowMs))
      .where('due_at', '<=', new Date(nowMs + REMIND_DAYS_MAX * DAY_MS))
      .limit(AT_ONCE_MAX)
      .execute(),
  )
  let count = 0
  for (const { id, form_version } of due) {
    await inSchool(db, schoolId, async tx => {
      const [row, form] = [await lockApplication(tx, id), await formOfVersion(tx, form_version)]
      if (row?.due_at == null || row.reminded_at !== null) return
      if (row.due_at.getTime() - nowMs > form.remindDaysBefore * DAY_MS) return
      await tx
        .updateTable('applications')
        .set({ reminded_at: new Date(nowMs) })
        .where('id', '=', id)
        .execute()
      await remind(tx, row)
      count++
    })
  }
  return count
}

async function waitingInVain(tx: Tx, nowMs: number): Promise<{ id: string; why: string }[]> {
  const unanswered = await tx
    .selectFrom('applications')
    .innerJoin('application_checks', 'application_checks.application_id', 'applications.id')
    .where('applications.status', '=', 'submitted')
    .where('application_checks.state', '=', 'waiting')
    .where('application_checks.asked_at', '<=', new Date(nowMs - UNANSWERED_MS))
    .select('applications.id')
    .distinct()
    .limit(AT_ONCE_MAX)
    .execute()
  const late = await tx
    .selectFrom('applications')
    .where('status', '=', 'requires_documents')
    .where('due_at', '<=', new Date(nowMs))
    .select('id')
    .limit(AT_ONCE_MAX)
    .execute()
  return [
    ...unanswered.map(({ id }) => ({ id, why: 'A check gave no answer in 24 hours. A person looks at it.' })),
    ...late.map(({ id }) => ({ id, why: 'The documents did not come in time. A person looks at it.' })),
  ]
}
