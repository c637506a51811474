import type { Row, Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { giveUp } from '../notifications/deliveries.repo.ts'
import { notify } from '../notifications/notify.ts'
import { endMail } from './mails.repo.ts'

/** A mail server that is away for a day kills thousands of jobs, and one mail says so. */
const TELL_EVERY_MS = 3_600_000

/** Tells a school's administrators of a job that was given up. That a mail or a message was not brought is only noted with it. */
export function tellOfDead({ jobs }: { readonly jobs: Pick<Jobs, 'nowMs'> }) {
  return async (tx: Tx, job: Row<'jobs'>): Promise<void> => {
    const nowMs = jobs.nowMs()
    if (job.kind === 'mail') {
      return endMail(tx, (job.body as { mailId: string }).mailId, { state: 'failed', answer: job.error, nowMs })
    }
    if (job.school_id === null) return
    if (job.kind === 'push' || job.kind === 'sms' || job.kind === 'webhook') {
      return giveUp(tx, (job.body as { deliveryId: string }).deliveryId, job.error ?? '', nowMs)
    }
    const told = await tx
      .selectFrom('notifications')
      .select('id')
      .where('kind', '=', 'job_dead')
      .where('made_at', '>', new Date(nowMs - TELL_EVERY_MS))
      .limit(1)
      .executeTakeFirst()
    if (told !== undefined) return
    const facts = { title: job.title, error: job.error ?? '' }
    await notify(tx, job.school_id, {
      kind: 'job_dead',
      to: { right: 'job:manage' },
      facts,
      path: '/jobs?state=failed',
    })
  }
}
