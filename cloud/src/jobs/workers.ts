import type { Database } from '../db/connect.ts'
import type { Row, Tx } from '../db/tables.ts'
import { type Log, said } from '../http/log.ts'
import { type Attempt, attemptJob } from './attempt.ts'
import type { JobHandler, JobHandlers } from './handler.ts'
import { JOBS_CHANNEL, type Jobs, STOP } from './jobs.ts'
import type { JobKind } from './kinds.ts'
import type { Taken } from './queue.ts'

export type Workers = {
  /** Looks now; answers when nothing is left that could be begun, and what was begun is over. */
  now(): Promise<void>
  /** How long ago jobs could be looked for without a failure. */
  lookedMsAgo(): number
  /** Takes nothing more. What runs has a while to end; then it is asked to, and its job waits for another process. */
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const ALIVE_EVERY_MS = 10_000
/** Of all kinds together in one process: each holds a connection now and then, of ten. */
const AT_ONCE_MAX = 24
/** The process itself has three seconds to end. */
const STOP_MS_MAX = 1_000
const RANKS = { high: 0, normal: 1, low: 2 } as const

export type WorkersNeeds = {
  readonly database: Database
  readonly jobs: Jobs
  readonly handlers: JobHandlers
  readonly log: Log
  /** In the transaction in which a job failed for good. */
  readonly onDead?: (tx: Tx, job: Row<'jobs'>) => Promise<void>
  readonly stopMsMax?: number
}

/** Does the jobs of the kinds it has handlers for. */
export async function startJobs({
  database,
  jobs,
  handlers,
  log,
  onDead = async () => {},
  stopMsMax = STOP_MS_MAX,
}: WorkersNeeds): Promise<Workers> {
  const mine = Object.keys(handlers).toSorted((a, b) => rank(a) - rank(b)) as JobKind[]
  const running = new Map<string, { kind: JobKind; taken: Taken; attempt: Attempt }>()
  const wanted = new Set<JobKind>()
  let looking: Promise<void> | null = null
  let stopped = false
  let lookedAtMs = performance.now()

  function rank(kind: string) {
    return RANKS[jobs.kinds[kind]!.priority]
  }
  const free = (kind: JobKind) => {
    const same = [...running.values()].filter(one => one.kind === kind).length
    return Math.max(0, Math.min(jobs.kinds[kind]!.atOnce - same, AT_ONCE_MAX - running.size))
  }

  const begin = (kind: JobKind, taken: Taken) => {
    const attempt = attemptJob({
      db: database.db,
      jobs,
      kind,
      taken,
      handler: handlers[kind] as JobHandler<JobKind>,
      onDead,
    })
    running.set(taken.id, { kind, taken, attempt })
    void attempt.over
      .catch(problem => log.error({ kind, jobId: taken.id, problem: said(problem) }, 'job.not_settled'))
      .then(() => {
        running.delete(taken.id)
        // A place is free, perhaps for another kind.
        void look(mine)
      })
  }

  const run = async () => {
    let failed = false
    for (const kind of mine) {
      if (!wanted.delete(kind)) continue
      const places = free(kind)
      // Nobody forgets: when a place is free, every kind is looked at.
      if (stopped || places === 0) continue
      try {
        for (const taken of await jobs.queue.take(kind, places)) begin(kind, taken)
      } catch (problem) {
        failed = true
        log.warn({ kind, problem: said(problem) }, 'jobs.not_taken')
      }
    }
    if (!failed) lookedAtMs = performance.now()
  }
  const look = async (kinds: readonly JobKind[]): Promise<void> => {
    for (const kind of kinds) wanted.add(kind)
    while (!stopped && wanted.size > 0) {
      looking ??= run().finally(() => {
        looking = null
      })
      await looking
    }
  }

  const hear = (words: string) => {
    if (words.startsWith(STOP)) return running.get(words.slice(STOP.length))?.attempt.stop('cancelled')
    void look(words === '' ? mine : mine.filter(kind => kind === words))
  }
  const alive = async () => {
    for (const kind of new Set([...running.values()].map(one => one.kind))) {
      const held = [...running.values()].filter(one => one.kind === kind)
      try {
        for (const id of await jobs.queue.alive(
          kind,
          held.map(({ taken }) => taken),
        ))
          running.get(id)?.attempt.stop('taken over')
      } catch (problem) {
        log.warn({ kind, problem: said(problem) }, 'jobs.no_sign_of_life')
      }
    }
  }

  const unlisten = await database.listen(JOBS_CHANNEL, hear)
  const timers = [setInterval(() => void look(mine), LOOK_EVERY_MS), setInterval(() => void alive(), ALIVE_EVERY_MS)]
  void look(mine)
  const allOver = () => Promise.allSettled([...running.values()].map(({ attempt }) => attempt.over))

  return {
    async now() {
      do {
        await look(mine)
        await allOver()
      } while (running.size > 0)
    },
    lookedMsAgo: () => performance.now() - lookedAtMs,
    async stop() {
      stopped = true
      await looking
      await Promise.race([allOver(), new Promise(resolve => setTimeout(resolve, stopMsMax).unref())])
      for (const { attempt } of running.values()) attempt.stop('stopping')
      await Promise.race([allOver(), new Promise(resolve => setTimeout(resolve, stopMsMax).unref())])
      for (const timer of timers) clearInterval(timer)
      await unlisten()
    },
  }
}
