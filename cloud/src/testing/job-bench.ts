import { once } from 'node:events'
import type { Actor } from '../audit/actor.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Row } from '../db/tables.ts'
import { openLog } from '../http/log.ts'
import { findJob, type JobRow } from '../jobs/jobs.repo.ts'
import { type Jobs, openJobs } from '../jobs/jobs.ts'
import { KINDS, type Kind } from '../jobs/kinds.ts'
import { startJobs, type Workers, type WorkersNeeds } from '../jobs/workers.ts'

/** Jobs on a database, with a school to do them in and workers that a test starts and stops. */
export type JobBench = AsyncDisposable & {
  readonly jobs: Jobs
  readonly actor: Actor
  work(handlers: WorkersNeeds['handlers'], more?: Partial<WorkersNeeds>): Promise<Workers>
  add(job?: Partial<Parameters<Jobs['add']>[1]>): Promise<string>
  find(jobId: string): Promise<JobRow>
  /** Answers when the job's row is as wanted: told by the database, not looked for after a while. */
  until(jobId: string, wanted: (row: Row<'jobs'>) => boolean): Promise<JobRow>
}

export async function jobBench(
  database: Database,
  schoolId: string,
  { kinds = KINDS, works = true }: { readonly kinds?: Readonly<Record<string, Kind>>; readonly works?: boolean } = {},
): Promise<JobBench> {
  const log = openLog('silent')
  // No pause between tries: what follows a failure follows at once.
  const jobs = await openJobs({ database, works, nowMs: () => Date.now(), log, kinds, pauseS: 0 })
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  const started: Workers[] = []
  const find = async (jobId: string) => (await inSchool(database.db, schoolId, tx => findJob(tx, jobId)))!
  return {
    jobs,
    actor,
    find,
    async work(handlers, more = {}) {
      const workers = await startJobs({ database, jobs, handlers, log, stopMsMax: 200, ...more })
      started.push(workers)
      return workers
    },
    add: (job = {}) =>
      inSchool(database.db, schoolId, tx =>
        jobs.add(tx, { kind: 'mail', schoolId, body: { mailId: crypto.randomUUID() }, title: 'A job', ...job }),
      ),
    async until(jobId, wanted) {
      for (;;) {
        const row = await find(jobId)
        if (wanted(row)) return row
        await once(AbortSignal.timeout(20), 'abort')
      }
    },
    async [Symbol.asyncDispose]() {
      for (const workers of started) await workers.stop()
      await jobs[Symbol.asyncDispose]()
    },
  }
}
