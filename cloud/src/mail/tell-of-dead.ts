import type { Row, Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { sendMailToUser } from './mail.ts'
import { endMail } from './mails.repo.ts'

/** A mail server that is away for a day kills thousands of jobs, and one mail says so. */
const TELL_EVERY_MS = 3_600_000
const ADMINISTRATORS_MAX = 20

/** Tells a school's administrators of a job that was given up. That a mail was not brought is only noted with the mail. */
export function tellOfDead({ jobs, publicUrl }: { readonly jobs: Jobs; readonly publicUrl: string }) {
  return async (tx: Tx, job: Row<'jobs'>): Promise<void> => {
    const nowMs = jobs.nowMs()
    if (job.kind === 'mail') {
      return endMail(tx, (job.body as { mailId: string }).mailId, { state: 'failed', answer: job.error, nowMs })
    }
    if (job.school_id === null) return
    const told = await tx
      .selectFrom('mails')
      .select('id')
      .where('template', '=', 'job_dead')
      .where('made_at', '>', new Date(nowMs - TELL_EVERY_MS))
      .limit(1)
      .executeTakeFirst()
    if (told !== undefined) return
    const administrators = await tx
      .selectFrom('users')
      .select(['id', 'email'])
      .where('role', '=', 'school_admin')
      .where('active', '=', true)
      .orderBy('created_at')
      .limit(ADMINISTRATORS_MAX)
      .execute()
    const values = { title: job.title, error: job.error ?? '', link: `${publicUrl}/jobs?state=failed` }
    for (const { id: userId, email: to } of administrators) {
      await sendMailToUser(tx, jobs, { schoolId: job.school_id, userId, to, template: 'job_dead', values })
    }
  }
}
