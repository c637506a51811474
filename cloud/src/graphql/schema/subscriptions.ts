import { AccessFeed, type AccessLine, ApplicationsFeed } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { z } from 'zod'
import type { SystemMetrics } from '../../analytics/system-metrics.repo.ts'
import { applicantOf } from '../../applications/my-applications.repo.ts'
import { PROBLEMS } from '../../applications/problems.ts'
import { look } from '../../audit/audit.ts'
import { STUDENT_PROBLEMS } from '../../students/students.routes.ts'
import type { ApplicationShown } from '../applications-shown.ts'
import type { Call } from '../call.ts'
import { idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { eachOf, openStream, type Stream } from '../stream.ts'
import { readApplication } from './applications.ts'
import { asks } from './builder.ts'
import type { Writing } from './refs.ts'

/** What happens, as it happens: the rights of the live feed. */
export function writeSubscriptions({ builder, refs }: Writing): void {
  refs.SystemMetrics.implement({
    fields: t => ({
      gatesOnline: t.exposeInt('gatesOnline'),
      gatesTotal: t.exposeInt('gatesTotal'),
      eventsPerSecond: t.exposeFloat('eventsPerSecond', { description: 'Over the last minute.' }),
      ingestLagMs: t.exposeInt('ingestLagMs', {
        nullable: true,
        description: 'Null: nothing happened in five minutes.',
      }),
      oldestListAgeS: t.exposeInt('oldestListAgeS', { nullable: true, description: 'Null: no gate is connected.' }),
      jobsWaiting: t.exposeInt('jobsWaiting', asks(['job:read'])),
      jobsDead: t.exposeInt('jobsDead', asks(['job:read'])),
      sessions: t.exposeInt('sessions', { ...asks(['user:read']), description: 'Used in the last 20 minutes.' }),
      at: t.expose('at', { type: 'DateTime' }),
    }),
  })
  builder.subscriptionFields(t => ({
    applicationUpdated: t.field({
      type: refs.Application,
      description: 'Of one student by id, or of all; a student hears of their own.',
      args: { studentId: t.arg.id({ description: 'The id of a student.' }) },
      ...asks(['application:read', 'feed:read'], { own: 'my:apply' }),
      subscribe: (_root, { studentId }, call) => watchApplications(call, studentId ?? null),
      resolve: (row: ApplicationShown) => row,
    }),
    accessLogged: t.field({
      type: refs.AccessLog,
      ...asks(['event:read', 'feed:read']),
      subscribe: (_root, _args, call) => watchAccess(call),
      resolve: (line: AccessLine) => line,
    }),
    systemMetricsUpdated: t.field({
      type: refs.SystemMetrics,
      description: 'At once, and every five seconds.',
      ...asks(['feed:read']),
      subscribe: (_root, _args, { needs, who }) =>
        streaming<SystemMetrics>(push => needs.ticker.hear(who.school.id, push)),
      resolve: (metrics: SystemMetrics) => metrics,
    }),
  }))
}

function streaming<Value>(listen: (push: (value: Value) => void) => () => void): Stream<Value> {
  let stop = () => {}
  const stream = openStream<Value>(() => stop())
  stop = listen(stream.push)
  return stream
}

/** Null: another version of this service said it, in a way that this one does not read. */
function saidIn<Schema extends z.ZodType>(schema: Schema, payload: string): z.output<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(payload)).data ?? null
  } catch {
    return null
  }
}

async function watchAccess(call: Call): Promise<Stream<AccessLine>> {
  const { who, needs } = call
  await call.change(tx => look(tx, call.actor(), { action: 'event.watch' }))
  return streaming(push =>
    needs.watch.hear(topics.accessFeed(who.school.tenant), payload => {
      for (const line of saidIn(AccessFeed, payload)?.lines ?? []) push(line)
    }),
  )
}

/** The feed says which; what it is by now is read for each watcher, with that person's rights. */
async function watchApplications(call: Call, wanted: string | null): Promise<AsyncIterableIterator<ApplicationShown>> {
  const { who, needs } = call
  const studentId = await whoseApplications(call, wanted)
  const told = streaming<string>(push =>
    needs.watch.hear(topics.applicationsFeed(who.school.tenant), payload => {
      for (const line of saidIn(ApplicationsFeed, payload)?.applications ?? []) {
        if (studentId === null || line.studentId === studentId) push(line.applicationId)
      }
    }),
  )
  // Gone meanwhile, or a draft that was put away: nothing a reviewer knows of.
  return eachOf(told, applicationId => readApplication(call, applicationId))
}

/** Null: of everybody. */
async function whoseApplications(call: Call, wanted: string | null): Promise<string | null> {
  const asked = wanted === null ? null : (idOf(wanted)?.toLowerCase() ?? refused(STUDENT_PROBLEMS.no_such_student))
  return call.change(async tx => {
    if (call.who.role === 'student') {
      const own = (await applicantOf(tx, call.who.userId)) ?? refused(PROBLEMS.no_student)
      return asked === null || asked === own.id ? own.id : refused(STUDENT_PROBLEMS.no_such_student)
    }
    if (asked !== null) {
      const student = await tx.selectFrom('students').select('id').where('id', '=', asked).executeTakeFirst()
      if (student === undefined) return refused(STUDENT_PROBLEMS.no_such_student)
    }
    await look(tx, call.actor(), { action: 'application.watch', ...(asked !== null && { studentId: asked }) })
    return asked
  })
}
