import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { Hopeless, type JobHandler } from '../jobs/handler.ts'
import { endMail, findMail, noteAnswer } from './mails.repo.ts'
import type { Courier } from './smtp.ts'

/** The job that brings a mail to the mail server. Without one the mail is kept for the dashboard. */
export function deliverMail({
  db,
  courier,
  nowMs,
}: {
  readonly db: Db
  readonly courier: Courier | null
  readonly nowMs: () => number
}): JobHandler<'mail'> {
  return async ({ schoolId, body: { mailId } }) => {
    const mail = await inSchool(db, schoolId, tx => findMail(tx, mailId))
    // Gone with the person it was for, or brought already by a try whose end was not written down.
    if (mail === undefined || mail.body === null || mail.state === 'kept') return
    const end = (state: 'sent' | 'failed' | 'kept', answer: string | null) =>
      inSchool(db, schoolId, tx => endMail(tx, mailId, { state, answer, nowMs: nowMs() }))

    if (courier === null) return end('kept', null)
    const { outcome, words } = await courier.bring({
      id: mail.id,
      to: { address: mail.to_address, name: mail.to_name ?? '' },
      subject: mail.subject,
      language: mail.language,
      ...mail.body,
    })
    if (outcome === 'taken') return end('sent', words)
    if (outcome === 'refused') {
      await end('failed', words)
      throw new Hopeless(words)
    }
    await inSchool(db, schoolId, tx => noteAnswer(tx, mailId, words))
    throw new Error(words)
  }
}
