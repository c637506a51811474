import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

export const Job = z.object({
  id: Id,
  /** `mail`, `invitations` ...: what is done. */
  kind: z.string(),
  /** In a few words, for people. */
  title: z.string(),
  state: z.enum(JOB_STATES),
  progress: z.object({
    done: z.int(),
    /** Null: nobody knows yet how much there is. */
    total: z.int().nullable(),
    words: z.string().nullable(),
  }),
  /** What came of it; its shape is the kind's. */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** Why the last try failed, also while it waits for the next. */
  error: z.string().nullable(),
  tries: z.int(),
  /** Who asked for it; null: the service by itself. */
  madeBy: z.object({ id: Id, name: z.string() }).nullable(),
  madeAt: At,
  /** Not before this, while it waits. */
  runAfter: At,
  startedAt: At.nullable(),
  endedAt: At.nullable(),
  /** Somebody asked it to stop, and it has not yet. */
  cancelAsked: z.boolean(),
})
export type Job = z.infer<typeof Job>

export const listJobs = route({
  method: 'get',
  path: '/jobs',
  can: 'job:read',
  summary: 'What the service does in the background, newest first.',
  query: PageQuery.extend({
    state: z.enum(JOB_STATES).optional(),
    kind: z
      .string()
      .regex(/^[a-z_]{1,40}$/, 'must be a kind of job')
      .optional(),
  }),
  data: z.array(Job),
})

export const jobsSummary = route({
  method: 'get',
  path: '/jobs/summary',
  can: 'job:read',
  summary: 'How many jobs there are in each state.',
  data: z.record(z.enum(JOB_STATES), z.int()),
})

const params = z.object({ jobId: Id })

export const getJob = route({
  method: 'get',
  path: '/jobs/:jobId',
  can: 'job:read',
  summary: 'One job.',
  params,
  data: Job,
})

export const cancelJob = route({
  method: 'post',
  path: '/jobs/:jobId/cancel',
  can: 'job:manage',
  summary: 'Stop a job: at once while it waits, as soon as it can while it runs. A failed one is put away.',
  params,
  data: Job,
})

export const retryJob = route({
  method: 'post',
  path: '/jobs/:jobId/retry',
  can: 'job:manage',
  summary: 'Do a failed job again from the start.',
  params,
  data: Job,
})
