import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { JobHandler } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { sendMail } from '../mail/mail.ts'
import { receiverOf } from './hand-over.ts'
import { wordsOf } from './words.ts'

const LINES_MAX = 50

/** The job that writes one mail of all that somebody asked to be told once a day. Rows and mail in one transaction: once, or again. */
export function writeDailyMail({
  db,
  jobs,
  publicUrl,
}: {
  readonly db: Db
  readonly jobs: Pick<Jobs, 'add' | 'nowMs'>
  readonly publicUrl: string
}): JobHandler<'daily_mail'> {
  return ({ schoolId, body: { userId } }) =>
    inSchool(db, schoolId, async tx => {
      const told = await tx
        .selectFrom('deliveries')
        .innerJoin('notifications', 'notifications.id', 'deliveries.notification_id')
        .select(['deliveries.id', 'notifications.kind', 'notifications.facts'])
        .where('deliveries.user_id', '=', userId)
        .where('deliveries.state', '=', 'daily')
        .orderBy('notifications.made_at')
        .orderBy('notifications.id')
        .forUpdate('deliveries')
        .execute()
      if (told.length === 0) return
      const ids = told.map(({ id }) => id)
      const receiver = await receiverOf(tx, { user_id: userId, student_id: null })
      if (receiver === null) {
        const gone = {
          state: 'dropped',
          answer: 'The account is not active.',
          ended_at: new Date(jobs.nowMs()),
        } as const
        await tx.updateTable('deliveries').set(gone).where('id', 'in', ids).execute()
        return
      }
      const school = await tx.selectFrom('schools').select(['name', 'time_zone', 'language']).executeTakeFirstOrThrow()
      const hearer = { language: receiver.language ?? school.language, school: school.name, timeZone: school.time_zone }
      const values = {
        lines: told.slice(0, LINES_MAX).map(row => wordsOf(row, hearer).title),
        more: Math.max(0, told.length - LINES_MAX),
        link: `${publicUrl}/inbox`,
      }
      const mailId = await sendMail(tx, jobs, { schoolId, ...receiver, template: 'daily', values })
      await tx.updateTable('deliveries').set({ state: 'waiting', mail_id: mailId }).where('id', 'in', ids).execute()
    })
}
