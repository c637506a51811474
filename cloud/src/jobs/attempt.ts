import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import { Hopeless, type JobHandler } from './handler.ts'
import { beginTry, changeTry, type Progress, type Try } from './jobs.repo.ts'
import { type Jobs, newRow } from './jobs.ts'
import type { JobKind } from './kinds.ts'
import type { Taken } from './queue.ts'

export type Attempt = {
  /** Asks it to end. */
  stop(why: Why): void
  readonly over: Promise<void>
}

export type Why = 'cancelled' | 'stopping' | 'taken over' | 'too long'

/** More often than this nobody reads it. */
const PROGRESS_EVERY_MS = 500
const RESULT_CHARACTERS_MAX = 200_000

type Needs = {
  readonly db: Db
  readonly jobs: Jobs
  readonly kind: JobKind
  readonly taken: Taken
  readonly handler: JobHandler<JobKind>
  readonly onDead: (tx: Tx, job: Row<'jobs'>) => Promise<void>
}

/** One try of one job, from taking it out of the queue to what becomes of it. Row and queue change in one transaction. */
export function attemptJob(needs: Needs): Attempt {
  const ending = new AbortController()
  let why: Why | null = null
  const stop = (reason: Why) => {
    if (why !== null) return
    why = reason
    ending.abort(new Error(WORDS[reason]))
  }
  return { stop, over: attempt(needs, ending.signal, stop, () => why) }
}

const WORDS: Record<Why, string> = {
  cancelled: 'somebody cancelled it',
  stopping: 'the service is stopping',
  'taken over': 'another process does it by now',
  'too long': 'it took too long',
}

async function attempt(needs: Needs, signal: AbortSignal, stop: (why: Why) => void, why: () => Why | null) {
  const { db, jobs, kind, taken, handler } = needs
  const { schoolId } = taken.queued
  const inIts = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(db, schoolId, work)
  const begun = await inIts(tx => begin(tx, needs))
  if (begun === null) return

  const { row } = begun
  const it: Try = { id: row.id, number: row.tries }
  let progress: Progress = {
    done: Number(row.done),
    total: row.total === null ? null : Number(row.total),
    words: row.words,
  }
  let toldMs = 0
  const tooLong = setTimeout(() => stop('too long'), jobs.kinds[kind]!.minutesMax * 60_000)
  try {
    const result = await handler({
      id: row.id,
      schoolId,
      body: jobs.kinds[kind]!.body.parse(row.body) as never,
      signal,
      async progress(done, total, words) {
        progress = { done, total, words: words ?? progress.words }
        if (jobs.nowMs() - toldMs >= PROGRESS_EVERY_MS) {
          toldMs = jobs.nowMs()
          const there = await inIts(tx => changeTry(tx, it, { progress }))
          if (there === undefined) stop('taken over')
          else if (there.cancel_asked_at !== null) stop('cancelled')
        }
        signal.throwIfAborted()
      },
    })
    await inIts(tx => settle(tx, needs, it, { state: 'done', progress, result: sizedResult(result), error: null }))
  } catch (problem) {
    await inIts(tx => unfinished(tx, needs, row, it, progress, why(), problem))
  } finally {
    clearTimeout(tooLong)
  }
}

/** Null: there is nothing to do, and the queue knows. */
async function begin(tx: Tx, { jobs, kind, taken, onDead }: Needs): Promise<{ row: Row<'jobs'> } | null> {
  const now = new Date(jobs.nowMs())
  const { make, schoolId } = taken.queued
  if (make !== undefined) {
    const row = newRow(jobs.kinds, now.getTime(), {
      id: taken.id,
      kind,
      schoolId,
      ...make,
      madeBy: null,
      startAfterMs: 0,
      key: null,
    })
    await tx
      .insertInto('jobs')
      .values(row)
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }
  const row = await beginTry(tx, taken.id, now)
  if (row === undefined) {
    await jobs.queue.done(tx, kind, taken)
    return null
  }
  const it: Try = { id: row.id, number: row.tries }
  if (row.cancel_asked_at !== null) {
    await changeTry(tx, it, { state: 'cancelled', endedAt: now })
  } else if (triesUp(jobs, row, row.tries - 1)) {
    const dead = await changeTry(tx, it, { state: 'failed', endedAt: now, error: row.error ?? CRASHED })
    if (dead !== undefined) await onDead(tx, dead)
  } else return { row }
  await jobs.queue.done(tx, kind, taken)
  return null
}

const CRASHED = 'The process that did it ended each time before it was done.'

/** Whether a job that was begun so often is not begun again. */
function triesUp(jobs: Jobs, row: Row<'jobs'>, begun: number): boolean {
  const { tries } = jobs.kinds[row.kind]!
  if (typeof tries === 'number') return begun >= tries
  return begun > 0 && row.give_up_at !== null && row.give_up_at.getTime() <= jobs.nowMs()
}

async function settle(tx: Tx, { jobs, kind, taken }: Needs, it: Try, change: Parameters<typeof changeTry>[2]) {
  const row = await changeTry(tx, it, { ...change, endedAt: new Date(jobs.nowMs()) })
  if (row !== undefined) await jobs.queue.done(tx, kind, taken)
  return row
}

async function unfinished(
  tx: Tx,
  needs: Needs,
  row: Row<'jobs'>,
  it: Try,
  progress: Progress,
  why: Why | null,
  problem: unknown,
): Promise<void> {
  const { jobs, kind, taken, onDead } = needs
  if (why === 'taken over') return
  if (why === 'cancelled') return void (await settle(tx, needs, it, { state: 'cancelled', progress, error: null }))
  const error = wordsOf(problem)
  if (why !== 'stopping' && (problem instanceof Hopeless || triesUp(jobs, row, row.tries))) {
    const dead = await settle(tx, needs, it, { state: 'failed', progress, error })
    if (dead !== undefined) await onDead(tx, dead)
    return
  }
  // Handed back by a service that stops, it was no try of the job's.
  const change = why === 'stopping' ? { tries: row.tries - 1 } : { error }
  const waiting = await changeTry(tx, it, { state: 'waiting', progress, ...change })
  if (waiting === undefined) return
  const runAfter = await jobs.queue.again(tx, kind, taken)
  if (runAfter !== null) await tx.updateTable('jobs').set({ run_after: runAfter }).where('id', '=', it.id).execute()
}

function wordsOf(problem: unknown): string {
  const words = problem instanceof Error ? problem.message : String(problem)
  return words.slice(0, 1000) || 'It failed without a word.'
}

function sizedResult(result: Awaited<ReturnType<JobHandler<JobKind>>>): object | null {
  if (result === undefined) return null
  if (JSON.stringify(result).length > RESULT_CHARACTERS_MAX) throw new Hopeless('Its result is too long to keep.')
  return result as object
}
