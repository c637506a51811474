import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import { isSecurityKind, type UserFeed } from '@gatehouse/shared/wire/api/notifications.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { OutboxHandlers } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Say } from '../live/say.ts'
import { type NewMail, sendMail } from '../mail/mail.ts'
import type { TemplateName } from '../mail/templates.ts'
import { timeZoneOf } from '../schools/time-zone.ts'
import type { DeliveryRow } from './deliveries.repo.ts'
import { quietForMs, untilDailyMs } from './quiet-hours.ts'

export type HandOverNeeds = {
  readonly db: Db
  readonly jobs: Pick<Jobs, 'add' | 'nowMs'>
  readonly say: Say
  readonly publicUrl: string
}

/** What was committed becomes jobs that send it, and is told on the own feeds of those it is for. Twice is once. */
export function handOver({
  db,
  jobs,
  say,
  publicUrl,
}: HandOverNeeds): Required<Pick<OutboxHandlers, 'notification.made'>> {
  return {
    async 'notification.made'(rows) {
      for (const schoolId of new Set(rows.map(row => row.schoolId!))) {
        const own = rows.filter(row => row.schoolId === schoolId).map(({ body }) => body)
        const lines = await inSchool(db, schoolId, async tx => {
          await addJobs(tx, { jobs, publicUrl, schoolId, deliveryIds: own.flatMap(({ deliveryIds }) => deliveryIds) })
          return linesOf(
            tx,
            own.flatMap(({ notificationIds }) => notificationIds),
          )
        })
        for (const { topic, line } of lines) say(topic, JSON.stringify(line), { qos: 0 })
      }
    },
  }
}

async function linesOf(tx: Tx, notificationIds: readonly string[]): Promise<{ topic: string; line: UserFeed }[]> {
  if (notificationIds.length === 0) return []
  const rows = await tx
    .selectFrom('notifications')
    .innerJoin('schools', 'schools.id', 'notifications.school_id')
    .select(['notifications.id', 'notifications.kind', 'notifications.user_id', 'schools.tenant'])
    .where('notifications.id', 'in', notificationIds)
    .where('notifications.in_inbox', '=', true)
    .orderBy('notifications.id')
    .execute()
  return rows.map(({ id, kind, user_id, tenant }) => ({
    topic: topics.userFeed(tenant, user_id!),
    line: { notification: { id, kind } },
  }))
}

type Adding = {
  readonly jobs: HandOverNeeds['jobs']
  readonly publicUrl: string
  readonly schoolId: string
  readonly deliveryIds: readonly string[]
}

async function addJobs(tx: Tx, { deliveryIds, ...needs }: Adding): Promise<void> {
  if (deliveryIds.length === 0) return
  const rows = await tx
    .selectFrom('deliveries')
    .selectAll()
    .where('id', 'in', deliveryIds)
    .where('state', 'in', ['waiting', 'daily'])
    .where('job_id', 'is', null)
    .where('mail_id', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  if (rows.length === 0) return
  const timeZone = await timeZoneOf(tx, needs.schoolId)
  for (const row of rows) {
    if (row.channel === 'email' && row.state === 'waiting') await mailOf(tx, needs, row)
    else
      await tx
        .updateTable('deliveries')
        .set({ job_id: await jobOf(tx, needs, row, timeZone) })
        .where('id', '=', row.id)
        .execute()
  }
}

async function jobOf(tx: Tx, { jobs, schoolId }: Omit<Adding, 'deliveryIds'>, row: DeliveryRow, timeZone: string) {
  const { channel, kind, id: deliveryId } = row
  if (channel === 'email') return dailyJob(tx, jobs, row, timeZone)
  const body = { deliveryId }
  if (channel === 'webhook') return jobs.add(tx, { kind: 'webhook', schoolId, body, title: `Web hook: ${kind}` })
  const startAfterMs = isSecurityKind(kind)
    ? 0
    : quietForMs(jobs.nowMs(), timeZone, await quietHoursOf(tx, row.user_id!))
  const title = `${channel === 'sms' ? 'Text message' : 'Push message'}: ${kind}`
  return jobs.add(tx, { kind: channel, schoolId, body, title, startAfterMs })
}

async function quietHoursOf(tx: Tx, userId: string) {
  const row = await tx
    .selectFrom('notification_settings')
    .select(['quiet_from', 'quiet_to'])
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.quiet_from == null ? null : { from: row.quiet_from, to: row.quiet_to! }
}

/** One job a person and day: the first of the day makes it, the others join while it waits. */
async function dailyJob(
  tx: Tx,
  jobs: HandOverNeeds['jobs'],
  { user_id, school_id: schoolId }: DeliveryRow,
  timeZone: string,
) {
  const daily = await tx
    .selectFrom('deliveries')
    .select('job_id')
    .distinct()
    .where('user_id', '=', user_id)
    .where('state', '=', 'daily')
    .where('job_id', 'is not', null)
    .execute()
  const jobIds = daily.map(({ job_id }) => job_id!)
  // Held, so that it does not begin before this is committed.
  const waiting =
    jobIds.length === 0
      ? undefined
      : await tx
          .selectFrom('jobs')
          .select('id')
          .where('id', 'in', jobIds)
          .where('state', '=', 'waiting')
          .limit(1)
          .forUpdate()
          .executeTakeFirst()
  if (waiting !== undefined) return waiting.id
  const startAfterMs = untilDailyMs(jobs.nowMs(), timeZone)
  return jobs.add(tx, { kind: 'daily_mail', schoolId, body: { userId: user_id! }, title: 'Daily mail', startAfterMs })
}

async function mailOf(
  tx: Tx,
  { jobs, publicUrl, schoolId }: Omit<Adding, 'deliveryIds'>,
  row: DeliveryRow,
): Promise<void> {
  const { facts, path } = await tx
    .selectFrom('notifications')
    .select(['facts', 'path'])
    .where('id', '=', row.notification_id!)
    .executeTakeFirstOrThrow()
  const receiver = await receiverOf(tx, row)
  const { id } = row
  if (receiver === null) {
    const gone = {
      state: 'dropped',
      answer: 'There is no address any more.',
      ended_at: new Date(jobs.nowMs()),
    } as const
    await tx.updateTable('deliveries').set(gone).where('id', '=', id).execute()
    return
  }
  const values = { ...facts, link: `${publicUrl}${path}` }
  const mail = { schoolId, ...receiver, template: row.kind, values } as unknown as NewMail<TemplateName>
  await tx
    .updateTable('deliveries')
    .set({ mail_id: await sendMail(tx, jobs, mail) })
    .where('id', '=', id)
    .execute()
}

export type Receiver = {
  readonly to: { readonly address: string; readonly name: string }
  readonly language: Language | null
}

/** Null: the person has no address any more, or may not be written to. */
export async function receiverOf(
  tx: Tx,
  { user_id, student_id }: Pick<DeliveryRow, 'user_id' | 'student_id'>,
): Promise<Receiver | null> {
  if (user_id !== null) {
    const user = await tx
      .selectFrom('users')
      .select(['email', 'display_name', 'language'])
      .where('id', '=', user_id)
      .where('active', '=', true)
      .executeTakeFirst()
    return user === undefined ? null : { to: { address: user.email, name: user.display_name }, language: user.language }
  }
  const student = await tx
    .selectFrom('students')
    .select(['email', 'first_name', 'last_name'])
    .where('id', '=', student_id!)
    .executeTakeFirst()
  if (student == null || student.email === null) return null
  return { to: { address: student.email, name: `${student.first_name} ${student.last_name}`.trim() }, language: null }
}
