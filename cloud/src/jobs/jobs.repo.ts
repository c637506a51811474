import type { JobState } from '@gatehouse/shared/wire/api/jobs.ts'
import { sql } from 'kysely'
import type { Db, Row, Tx } from '../db/tables.ts'

export type JobRow = Row<'jobs'> & { readonly made_by_name: string | null }

export type JobQuery = {
  readonly page: number
  readonly limit: number
  readonly state?: JobState | undefined
  readonly kind?: string | undefined
}

/** One page, newest first, and how many there are. */
export async function listJobs(
  tx: Tx,
  { page, limit, state, kind }: JobQuery,
): Promise<{ rows: JobRow[]; total: number }> {
  const matching = found(tx, { state, kind })
  const { total } = await matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll('jobs')
    .select('users.display_name as made_by_name')
    .orderBy('jobs.made_at', 'desc')
    .orderBy('jobs.id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

type JobFilters = Pick<JobQuery, 'state' | 'kind'>

/** Those that were made after this one, the oldest first, for a file of them. */
export function jobsAfter(
  tx: Tx,
  { after, limit, ...filters }: JobFilters & { readonly after: string | null; readonly limit: number },
): Promise<JobRow[]> {
  return found(tx, filters)
    .selectAll('jobs')
    .select('users.display_name as made_by_name')
    .$if(after !== null, jobs => jobs.where('jobs.id', '>', after!))
    .orderBy('jobs.id')
    .limit(limit)
    .execute()
}

function found(tx: Tx, { state, kind }: JobFilters) {
  return withNames(tx)
    .$if(state !== undefined, jobs => jobs.where('jobs.state', '=', state!))
    .$if(kind !== undefined, jobs => jobs.where('jobs.kind', '=', kind!))
}

export function findJob(tx: Tx, jobId: string): Promise<JobRow | undefined> {
  return withNames(tx)
    .where('jobs.id', '=', jobId)
    .selectAll('jobs')
    .select('users.display_name as made_by_name')
    .executeTakeFirst()
}

/** The row to change, held until the transaction ends. */
export function holdJob(tx: Tx, jobId: string): Promise<Row<'jobs'> | undefined> {
  return tx.selectFrom('jobs').selectAll().where('id', '=', jobId).forUpdate().executeTakeFirst()
}

export async function countStates(tx: Tx): Promise<Record<JobState, number>> {
  const rows = await tx
    .selectFrom('jobs')
    .select(['state', sql<number>`count(*)::int`.as('count')])
    .groupBy('state')
    .execute()
  const none = { waiting: 0, running: 0, done: 0, failed: 0, cancelled: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) }
}

export type JobCount = { readonly kind: string; readonly state: JobState; readonly count: number }

/** Waiting, running and failed jobs of all schools together, for the meters. */
export async function countJobs(db: Db): Promise<JobCount[]> {
  return (await sql<JobCount>`select * from count_jobs()`.execute(db)).rows
}

/** One try of a job: what another process began since changes nothing any more. */
export type Try = { readonly id: string; readonly number: number }

/** Begins a try. Undefined: it was cancelled or put away meanwhile, or it is asked to stop. */
export function beginTry(tx: Tx, jobId: string, now: Date): Promise<Row<'jobs'> | undefined> {
  return tx
    .updateTable('jobs')
    .set(jobs => ({
      state: 'running',
      tries: jobs('tries', '+', 1),
      started_at: jobs.fn.coalesce('started_at', sql<Date>`${now}::timestamptz`),
    }))
    .where('id', '=', jobId)
    .where('state', 'in', ['waiting', 'running'])
    .returningAll()
    .executeTakeFirst()
}

export type Progress = { readonly done: number; readonly total: number | null; readonly words: string | null }

/** Changes a running try's row; undefined when the try is no longer the one that counts. */
export function changeTry(
  tx: Tx,
  { id, number }: Try,
  change: Partial<{
    state: JobState
    tries: number
    progress: Progress
    result: object | null
    error: string | null
    runAfter: Date
    endedAt: Date
  }>,
): Promise<Row<'jobs'> | undefined> {
  const { progress, result, runAfter, endedAt, ...same } = change
  return tx
    .updateTable('jobs')
    .set({
      ...same,
      ...(progress !== undefined && { ...progress, words: progress.words?.slice(0, 300) ?? null }),
      ...(result !== undefined && { result: result === null ? null : JSON.stringify(result) }),
      ...(runAfter !== undefined && { run_after: runAfter }),
      ...(endedAt !== undefined && { ended_at: endedAt }),
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .where('tries', '=', number)
    .returningAll()
    .executeTakeFirst()
}

const KEEP_DONE_MS = 7 * 86_400_000

/** Done and cancelled jobs are kept a week; failed ones until a person deals with them. Answers how many went. */
export async function forgetJobs(tx: Tx, nowMs: number): Promise<number> {
  const gone = await tx
    .deleteFrom('jobs')
    .where('state', 'in', ['done', 'cancelled'])
    .where('ended_at', '<', new Date(nowMs - KEEP_DONE_MS))
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}

const withNames = (tx: Tx) => tx.selectFrom('jobs').leftJoin('users', 'users.id', 'jobs.made_by')
