import { z } from 'zod'

/** Every answer of `/api/v1` has this shape. */
export const Pagination = z.object({
  page: z.int(),
  limit: z.int(),
  total: z.int(),
  /** There are more than `total`, and these are the first of them: a search for little finds too many to page through. */
  more: z.boolean().optional(),
  totalPages: z.int(),
  hasNext: z.boolean(),
  hasPrevious: z.boolean(),
})
export type Pagination = z.infer<typeof Pagination>

export const ApiProblem = z.object({
  /** A word a program can act on: `not_found`, `validation_failed`, `rate_limited` ... */
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })),
  path: z.string(),
  timestamp: z.string(),
  requestId: z.string(),
})
export type ApiProblem = z.infer<typeof ApiProblem>

export const Metadata = z.object({
  timestamp: z.string(),
  requestId: z.string(),
  pagination: Pagination.optional(),
  /** Of lists by cursor: give it back as `cursor` for the rows after these; null at the end. */
  nextCursor: z.string().nullable().optional(),
})

export type Envelope<Data> = {
  readonly success: boolean
  readonly data: Data | null
  readonly error: ApiProblem | null
  readonly message: string
  readonly metadata: z.infer<typeof Metadata>
}

/** What a route that answers a file has in its place for data. */
export const ApiFile = z.object({
  /** `pass-42.pdf`: ASCII, no quotes. */
  name: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
  bytes: z.custom<Uint8Array>(value => value instanceof Uint8Array),
  /** Characters that no font of the service has; they are boxes. Said in the header `Gatehouse-Not-Drawn`, as `U+1F600, U+1F601`. */
  undrawn: z.array(z.string()).optional(),
})
export type ApiFile = z.infer<typeof ApiFile>

const count = z.coerce.number('must be a number').int('must be a whole number')

/** `page` >= 1, `limit` 1..100 (25). */
export const PageQuery = z.object({
  page: count.min(1).max(1_000_000).default(1),
  limit: count.min(1).max(100).default(25),
})

export const Id = z.uuid('must be an id')
export const At = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-09-01T08:00:00Z' })

/** Rises by one with every change of a row; also its `ETag`. */
export const RowVersion = z.int().min(1)
