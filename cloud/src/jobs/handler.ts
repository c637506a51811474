import type { JobBody, JobKind } from './kinds.ts'

/** What a handler is given. */
export type RunningJob<K extends JobKind> = {
  readonly id: string
  readonly schoolId: string | null
  readonly body: JobBody<K>
  /** Aborts when somebody cancels, when the service stops and when it takes too long. A handler that does not look works on in vain. */
  readonly signal: AbortSignal
  /** Told to people; as often as one likes. Throws when the job is to stop. `total` null: nobody knows. */
  progress(done: number, total: number | null, words?: string): Promise<void>
}

/**
 * Does one job; what it answers is the job's result. It may be begun again after a failure or a crash, so it must not
 * mind doing the same twice. Throwing is failing, and tried again; `Hopeless` is not.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that has nothing to tell just ends
export type JobHandler<K extends JobKind> = (job: RunningJob<K>) => Promise<object | void>
export type JobHandlers = { readonly [K in JobKind]?: JobHandler<K> }

/** Trying again would not help: the words are for people. */
export class Hopeless extends Error {}
