import {
  cancelJob,
  getJob,
  type Job,
  jobsSummary,
  listJobs as listRoute,
  retryJob,
} from '@gatehouse/shared/wire/api/jobs.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import { countStates, findJob, type JobRow, listJobs } from './jobs.repo.ts'
import type { Jobs } from './jobs.ts'

export type JobsRoutesNeeds = { readonly db: Db; readonly jobs: Jobs; readonly nowMs: () => number }

export const JOB_PROBLEMS = {
  no_such_job: {
    status: 404,
    code: 'not_found',
    message: 'There is no job with that id. Jobs that are done are kept for seven days.',
  },
  already_over: {
    status: 409,
    code: 'already_over',
    message: 'This job is over already; there is nothing left to stop.',
  },
  not_failed: {
    status: 409,
    code: 'not_failed',
    message: 'Only a job that failed can be done again. Look at its state.',
  },
} satisfies Record<string, Problem>

export function jobsRoutes(routes: Binder, { db, jobs, nowMs }: JobsRoutesNeeds): void {
  routes.inSchool(listRoute, async ({ query, who }) => {
    const { rows, total } = await inSchool(db, who.school.id, tx => listJobs(tx, query))
    return { data: rows.map(jobOf), pagination: pagination(query, total) }
  })

  routes.inSchool(jobsSummary, async ({ who }) => ({ data: await inSchool(db, who.school.id, countStates) }))

  routes.inSchool(getJob, async ({ params: { jobId }, who }) => {
    const row = await inSchool(db, who.school.id, tx => findJob(tx, jobId))
    return row === undefined ? { problem: JOB_PROBLEMS.no_such_job } : { data: jobOf(row) }
  })

  routes.inSchool(cancelJob, ({ params: { jobId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const cancelled = await jobs.cancel(tx, actorOf(who, nowMs()), jobId)
      if (!cancelled.ok) return { problem: JOB_PROBLEMS[cancelled.failure] }
      return { data: jobOf((await findJob(tx, jobId))!) }
    }),
  )

  routes.inSchool(retryJob, ({ params: { jobId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const again = await jobs.retry(tx, actorOf(who, nowMs()), jobId)
      return again.ok ? { data: jobOf((await findJob(tx, jobId))!) } : { problem: JOB_PROBLEMS[again.failure] }
    }),
  )
}

export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    progress: { done: Number(row.done), total: row.total === null ? null : Number(row.total), words: row.words },
    result: row.result as Record<string, unknown> | null,
    error: row.error,
    tries: row.tries,
    madeBy: row.made_by === null ? null : { id: row.made_by, name: row.made_by_name ?? '' },
    madeAt: row.made_at.toISOString(),
    runAfter: row.run_after.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    cancelAsked: row.cancel_asked_at !== null && row.ended_at === null,
  }
}
