import { fromKysely, fromPglite, type JobAttempt, PgBoss } from 'pg-boss'
import type { Database } from '../db/connect.ts'
import type { Tx } from '../db/tables.ts'
import type { Kind } from './kinds.ts'

/** What the queue knows of a job: who it is. The rest is in the table `jobs`. A job of a schedule brings what to make it of. */
export type Queued = {
  readonly schoolId: string | null
  readonly make?: { readonly title: string; readonly body: unknown }
}

export type Taken = { readonly id: string; readonly retryCount: number; readonly queued: Queued }

/** The durable queue. Every change is made in the caller's transaction, so that a job is there with what asked for it, or not at all. */
export type Queue = {
  put(tx: Tx, kind: string, id: string, wanted: { queued: Queued; delayMs: number; key: string | null }): Promise<void>
  /** Takes a job out, whatever it is doing there. */
  remove(tx: Tx, kind: string, id: string): Promise<void>
  take(kind: string, howMany: number): Promise<Taken[]>
  done(tx: Tx, kind: string, taken: Taken): Promise<void>
  /** Answers when it is tried again. */
  again(tx: Tx, kind: string, taken: Taken): Promise<Date | null>
  /** Says that these are still being done; answers the ids that are somebody else's by now. */
  alive(kind: string, taken: readonly Taken[]): Promise<string[]>
  /** Looks for jobs whose process died, and puts them back. */
  supervise(): Promise<void>
  repeat(kind: string, key: string, wanted: { cron: string; timeZone: string; queued: Queued }): Promise<void>
  repeatNoMore(kind: string, key: string): Promise<void>
  /** What in the database's schema is not as the installed package wants it; null: nothing. */
  drift(): Promise<object | null>
  [Symbol.asyncDispose](): Promise<void>
}

const PAUSE_S = 2
const PAUSE_S_MAX = 3_600
/** Without a sign of life for so long a job is somebody else's to do. */
export const SILENT_S_MAX = 30
const SUPERVISE_EVERY_S = 15
/** Whether a job is tried again is ours to say; the queue must not give up before. */
const TRIES_MAX = 100_000
const KEEP_DONE_S = 3_600
const CONNECTIONS_MAX = 4
const PRIORITIES = { high: 10, normal: 5, low: 0 } as const

/** Opens the queue of the database. `works`: this process also does jobs, and so looks after the queue. */
export async function openQueue({
  database: { queueAccess },
  kinds,
  works,
  pauseS = PAUSE_S,
  onProblem,
}: {
  readonly database: Pick<Database, 'queueAccess'>
  readonly kinds: Readonly<Record<string, Kind>>
  readonly works: boolean
  /** Before the second try; doubled after each. */
  readonly pauseS?: number
  readonly onProblem: (problem: unknown) => void
}): Promise<Queue> {
  const boss = new PgBoss({
    ...('pglite' in queueAccess
      ? { db: fromPglite(queueAccess.pglite), backend: 'pglite' as const }
      : { connectionString: queueAccess.url, max: CONNECTIONS_MAX, application_name: 'gatehouse-queue' }),
    schema: 'pgboss',
    migrate: false,
    createSchema: false,
    supervise: works,
    schedule: works,
    superviseIntervalSeconds: SUPERVISE_EVERY_S,
    monitorIntervalSeconds: SUPERVISE_EVERY_S,
    cronMonitorIntervalSeconds: 15,
    cronWorkerIntervalSeconds: 2,
    // Rebuilding an index needs its owner, and autovacuum's state a reader of everybody's statistics.
    reindex: false,
    monitorVacuum: false,
    registerInstance: false,
  })
  boss.on('error', onProblem)
  await boss.start()
  await enterQueues(boss, kinds, pauseS)

  return {
    async put(tx, kind, id, { queued, delayMs, key }) {
      const sent = await boss.send(kind, queued, {
        db: fromKysely(tx),
        id,
        priority: PRIORITIES[kinds[kind]!.priority],
        ...(delayMs > 0 && { startAfter: Math.ceil(delayMs / 1000) }),
        // One active job a key: a job without one has a key that is its own.
        singletonKey: key ?? id,
      })
      if (sent === null) throw new Error(`the job ${id} is in the queue already`)
    },
    async remove(tx, kind, id) {
      await boss.deleteJob(kind, id, { db: fromKysely(tx) })
    },
    async take(kind, howMany) {
      const jobs = await boss.fetch<Queued>(kind, { batchSize: howMany })
      return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, queued: data }))
    },
    async done(tx, kind, taken) {
      await boss.complete(kind, attempt(taken), null, { db: fromKysely(tx) })
    },
    async again(tx, kind, taken) {
      const db = fromKysely(tx)
      await boss.fail(kind, attempt(taken), null, { db })
      return (await boss.getJobById(kind, taken.id, { db }))?.startAfter ?? null
    },
    async alive(kind, taken) {
      const { settled } = (await boss.touch(kind, taken.map(attempt))) as { settled?: string[] }
      return settled === undefined ? [] : taken.map(({ id }) => id).filter(id => !settled.includes(id))
    },
    supervise: () => boss.supervise(),
    async repeat(kind, key, { cron, timeZone, queued }) {
      await boss.schedule(kind, cron, queued, { tz: timeZone, key, missed: 'once' })
    },
    repeatNoMore: (kind, key) => boss.unschedule(kind, key),
    async drift() {
      const found = await boss.detectSchemaDrift()
      return found.ok ? null : found
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  }
}

const attempt = ({ id, retryCount }: Taken): JobAttempt => ({ id, retryCount })

async function enterQueues(boss: PgBoss, kinds: Readonly<Record<string, Kind>>, pauseS: number): Promise<void> {
  const there = new Set((await boss.getQueues()).map(({ name }) => name))
  for (const [name, { minutesMax }] of Object.entries(kinds)) {
    const options = {
      retryLimit: TRIES_MAX,
      retryDelay: pauseS,
      retryBackoff: pauseS > 0,
      ...(pauseS > 0 && { retryDelayMax: PAUSE_S_MAX }),
      // Ours aborts at minutesMax and says so; the queue's own limit is for a process that no longer can.
      expireInSeconds: minutesMax * 60 + 60,
      heartbeatSeconds: SILENT_S_MAX,
      deleteAfterSeconds: KEEP_DONE_S,
      retentionSeconds: 90 * 86_400,
    }
    if (there.has(name)) await boss.updateQueue(name, options)
    else await boss.createQueue(name, { ...options, policy: 'singleton' })
  }
}
