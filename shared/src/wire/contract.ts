import type { z } from 'zod'
import type { Operation } from './rights.ts'

/** Who may call: an operation of the rights table, anybody signed in, or anybody at all. */
export type Can = Operation | 'signed-in' | 'anyone'

/**
 * A route of `/api/v1`, said once. The server checks with it, the client is typed by it, and the description of the
 * API is made from it.
 */
export type Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Data extends z.ZodType = z.ZodType,
> = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/api/v1`, Express's spelling: `/passes/:passId`. */
  readonly path: string
  readonly can: Can
  readonly summary: string
  /** What `signed-in` alone requires a person does for themselves, and no key does it for them, except where this says so. */
  readonly byKey?: true
  readonly status?: 200 | 201 | 202
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** The body is text of this type, not JSON. */
  readonly takesText?: 'text/calendar'
  readonly data: Data
  /** The answer has a key or a code in it that is shown once: it is never kept to be given again. */
  readonly answersSecret?: boolean
  /** The answer is a file of this type, without the envelope: `data` is an `ApiFile`. A problem is told as everywhere. */
  readonly file?: FileType
  /** The answer is a file in one of these types, sent while it is made; `data` is nothing. A problem is told as everywhere. */
  readonly streams?: readonly (StreamType | MediaType)[]
  /** Of what streams one part is sent where `Range` asks for it, and nothing where `If-None-Match` names its tag (RFC 9110 sections 13 and 14). */
  readonly inParts?: true
  /** The body is a file as it is, in one of these types. */
  readonly takes?: readonly string[]
}

/** Of files that people handed in: `files.ts` says which is taken as what. */
export const MEDIA_TYPES = ['application/pdf', 'image/jpeg', 'image/png', 'image/webp'] as const
export type MediaType = (typeof MEDIA_TYPES)[number]
export type FileType = 'application/pdf' | 'application/zip' | 'image/png' | 'application/vnd.apple.pkpass'
export const STREAM_TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
export type StreamType = (typeof STREAM_TYPES)[keyof typeof STREAM_TYPES]

export function route<
  Data extends z.ZodType,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(told: Route<Params, Query, Body, Data>): Route<Params, Query, Body, Data> {
  return told
}
