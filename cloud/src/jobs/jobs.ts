import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Database } from '../db/connect.ts'
import type { Row, Tx } from '../db/tables.ts'
import { type Log, said } from '../http/log.ts'
import { holdJob } from './jobs.repo.ts'
import { type JobBody, type JobKind, KINDS, type Kind } from './kinds.ts'
import { openQueue, type Queue } from './queue.ts'

/** Where a process hears at once that there is something to do, or to stop: the kind, or `stop:` and the job's id. */
export const JOBS_CHANNEL = 'gatehouse_jobs'
export const STOP = 'stop:'

export type NewJob<K extends JobKind> = {
  readonly kind: K
  /** Whose data it works on; null: nobody's. The transaction must be in that school. */
  readonly schoolId: string | null
  readonly body: JobBody<K>
  /** For people, at most 300 characters: `Import of students.csv`. */
  readonly title: string
  /** A user of the school, who is named beside it. */
  readonly madeBy?: string | null
  /** Not before so many milliseconds from now. */
  readonly startAfterMs?: number
  /** Of the jobs of a kind with one key, one at a time is done; the others wait. */
  readonly key?: string | null
}

export type Repeated<K extends JobKind> = Pick<NewJob<K>, 'kind' | 'schoolId' | 'body' | 'title'> & {
  /** Tells it from others of its kind, as the school's id: letters, digits, `_-./`. The same again replaces it. */
  readonly key: string
  /** Five fields, in `timeZone`; missed ones are made up for by one. */
  readonly cron: string
  readonly timeZone: string
}

export type Jobs = {
  /** Writes a job; it is there when, and only when, the transaction commits. Answers its id. */
  add<K extends JobKind>(tx: Tx, job: NewJob<K>): Promise<string>
  /** A waiting job ends at once, a running one is asked to, a failed one is put away. */
  cancel(tx: Tx, actor: Actor, jobId: string): Promise<Result<'cancelled' | 'asked', 'no_such_job' | 'already_over'>>
  /** Begins a failed job from the start. */
  retry(tx: Tx, actor: Actor, jobId: string): Promise<Result<null, 'no_such_job' | 'not_failed'>>
  /** Outside any transaction; nothing personal in the body. */
  repeat<K extends JobKind>(job: Repeated<K>): Promise<void>
  repeatNoMore(kind: JobKind, key: string): Promise<void>
  readonly queue: Queue
  readonly kinds: Readonly<Record<string, Kind>>
  readonly nowMs: () => number
  [Symbol.asyncDispose](): Promise<void>
}

export async function openJobs({
  database,
  works,
  nowMs,
  log,
  kinds = KINDS,
  pauseS,
}: {
  readonly database: Database
  /** Whether this process also does jobs. */
  readonly works: boolean
  readonly nowMs: () => number
  readonly log: Log
  readonly kinds?: Readonly<Record<string, Kind>>
  readonly pauseS?: number
}): Promise<Jobs> {
  const onProblem = (problem: unknown) => log.warn({ problem: said(problem) }, 'jobs.queue_failed')
  const queue = await openQueue({ database, kinds, works, onProblem, ...(pauseS !== undefined && { pauseS }) })

  const put = async (
    tx: Tx,
    { id, kind, school_id, key }: Pick<Row<'jobs'>, 'id' | 'kind' | 'school_id' | 'key'>,
    delayMs: number,
  ) => {
    await queue.put(tx, kind, id, { queued: { schoolId: school_id }, delayMs, key })
    await tell(tx, kind)
  }

  return {
    queue,
    kinds,
    nowMs,
    async add(tx, { madeBy = null, startAfterMs = 0, key = null, ...job }) {
      const row = newRow(kinds, nowMs(), { ...job, id: randomUUIDv7(), madeBy, startAfterMs, key })
      await tx.insertInto('jobs').values(row).execute()
      await put(tx, row, startAfterMs)
      return row.id
    },
    async cancel(tx, actor, jobId) {
      const job = await holdJob(tx, jobId)
      if (job === undefined) return fail('no_such_job')
      if (job.state === 'done' || job.state === 'cancelled') return fail('already_over')
      const now = new Date(nowMs())
      const running = job.state === 'running'
      await tx
        .updateTable('jobs')
        .set(running ? { cancel_asked_at: now } : { state: 'cancelled', cancel_asked_at: now, ended_at: now })
        .where('id', '=', jobId)
        .execute()
      if (running) await tell(tx, STOP + jobId)
      else await queue.remove(tx, job.kind, jobId)
      await audit(tx, actor, {
        action: 'job.cancel',
        subject: { kind: 'job', id: jobId },
        before: { state: job.state },
        note: job.title,
      })
      return ok(running ? 'asked' : 'cancelled')
    },
    async retry(tx, actor, jobId) {
      const job = await holdJob(tx, jobId)
      if (job === undefined) return fail('no_such_job')
      if (job.state !== 'failed') return fail('not_failed')
      const now = nowMs()
      await tx
        .updateTable('jobs')
        .set({
          state: 'waiting',
          tries: 0,
          done: 0,
          total: null,
          words: null,
          run_after: new Date(now),
          give_up_at: giveUpAt(kinds[job.kind], now),
          started_at: null,
          ended_at: null,
          cancel_asked_at: null,
        })
        .where('id', '=', jobId)
        .execute()
      await queue.remove(tx, job.kind, jobId)
      await put(tx, job, 0)
      await audit(tx, actor, { action: 'job.retry', subject: { kind: 'job', id: jobId }, note: job.title })
      return ok(null)
    },
    repeat: ({ kind, key, cron, timeZone, schoolId, body, title }) =>
      queue.repeat(kind, key, { cron, timeZone, queued: { schoolId, make: { title, body } } }),
    repeatNoMore: (kind, key) => queue.repeatNoMore(kind, key),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  }
}

/** The row of a job that was just asked for. */
export function newRow(
  kinds: Readonly<Record<string, Kind>>,
  nowMs: number,
  wanted: {
    readonly id: string
    readonly kind: string
    readonly schoolId: string | null
    readonly body: unknown
    readonly title: string
    readonly madeBy: string | null
    readonly startAfterMs: number
    readonly key: string | null
  },
) {
  const kind = kinds[wanted.kind]
  if (kind === undefined) throw new Error(`there is no kind of job named ${wanted.kind}`)
  const runAfterMs = nowMs + wanted.startAfterMs
  return {
    id: wanted.id,
    school_id: wanted.schoolId,
    kind: wanted.kind,
    title: wanted.title.slice(0, 300),
    key: wanted.key,
    body: JSON.stringify(kind.body.parse(wanted.body)),
    state: 'waiting' as const,
    made_by: wanted.madeBy,
    made_at: new Date(nowMs),
    run_after: new Date(runAfterMs),
    give_up_at: giveUpAt(kind, runAfterMs),
  }
}

function giveUpAt(kind: Kind | undefined, fromMs: number): Date | null {
  return kind === undefined || typeof kind.tries === 'number' ? null : new Date(fromMs + kind.tries.hours * 3_600_000)
}

async function tell(tx: Tx, words: string): Promise<void> {
  await sql`select pg_notify(${JOBS_CHANNEL}, ${words})`.execute(tx)
}
