import type { Result } from '@gatehouse/shared/result.ts'
import { JOB_STATES, type Job, listJobs as listRoute } from '@gatehouse/shared/wire/api/jobs.ts'
import type { Tx } from '../../db/tables.ts'
import { pagination } from '../../http/page.ts'
import { findJob, listJobs } from '../../jobs/jobs.repo.ts'
import { JOB_PROBLEMS, jobOf } from '../../jobs/jobs.routes.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** What the service does in the background. */
export function writeJobs(writing: Writing): void {
  const { builder, refs, inputs } = writing
  const JobState = builder.enumType('JobState', { values: JOB_STATES })
  refs.Job.implement({
    fields: t => ({
      id: t.exposeID('id'),
      kind: t.exposeString('kind'),
      title: t.exposeString('title'),
      state: t.expose('state', { type: JobState }),
      done: t.int({ resolve: ({ progress }) => progress.done }),
      total: t.int({ nullable: true, resolve: ({ progress }) => progress.total }),
      words: t.string({ nullable: true, resolve: ({ progress }) => progress.words }),
      error: t.exposeString('error', { nullable: true }),
      tries: t.exposeInt('tries'),
      madeBy: t.string({ nullable: true, resolve: ({ madeBy }) => madeBy?.name ?? null }),
      madeAt: t.expose('madeAt', { type: 'DateTime' }),
      startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
      endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
      cancelAsked: t.exposeBoolean('cancelAsked'),
    }),
  })
  const JobsResponse = pageOf(writing, 'JobsResponse', refs.Job)
  const JobFilters = builder.inputType('JobFilters', {
    fields: t => ({ state: t.field({ type: JobState }), kind: t.string() }),
  })
  const unnoted = 'jobs are nobody'
  builder.queryFields(t => ({
    jobs: t.field({
      type: JobsResponse,
      description: 'The newest first.',
      args: { filters: t.arg({ type: JobFilters }), pagination: t.arg({ type: inputs.Pagination }) },
      ...asks(['job:read'], { unnoted }),
      resolve: (_root, { filters, pagination: page }, call) => {
        const query = checked(listRoute.query!, { ...given(filters), ...given(page) })
        return call.read(async tx => {
          const { rows, total } = await listJobs(tx, query)
          return { data: rows.map(jobOf), pagination: pagination(query, total) }
        })
      },
    }),
    job: t.field({
      type: refs.Job,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['job:read'], { unnoted }),
      resolve: (_root, { id }, call) =>
        call.read(async tx => {
          const row = idOf(id) === null ? undefined : await findJob(tx, id)
          return row === undefined ? null : jobOf(row)
        }),
    }),
  }))
  builder.mutationFields(t => ({
    cancelJob: t.field({
      type: refs.Job,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['job:manage']),
      resolve: (_root, { id }, call) =>
        change(call, id, (tx, jobId) => call.needs.jobs.cancel(tx, call.actor(), jobId)),
    }),
    retryJob: t.field({
      type: refs.Job,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['job:manage']),
      resolve: (_root, { id }, call) => change(call, id, (tx, jobId) => call.needs.jobs.retry(tx, call.actor(), jobId)),
    }),
  }))
}

function change(
  call: Call,
  id: string,
  work: (tx: Tx, jobId: string) => Promise<Result<unknown, keyof typeof JOB_PROBLEMS>>,
): Promise<Job> {
  const jobId = idOf(id) ?? refused(JOB_PROBLEMS.no_such_job)
  return call.change(async tx => {
    const done = await work(tx, jobId)
    return done.ok ? jobOf((await findJob(tx, jobId))!) : refused(JOB_PROBLEMS[done.failure])
  })
}
