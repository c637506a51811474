import {
  type ApiFile,
  type ApiProblem,
  ApiProblem as ApiProblemSchema,
  type Envelope,
  Metadata,
  type Pagination,
} from '@gatehouse/shared/wire/api/envelope.ts'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import type { z } from 'zod'
import type { Failure } from './failure.ts'
import type { Session } from './session.ts'

type Part<Name extends string, Schema, Needed extends boolean> = Schema extends z.ZodUndefined
  ? { readonly [N in Name]?: undefined }
  : Schema extends z.ZodType
    ? Needed extends true
      ? { readonly [N in Name]: z.input<Schema> }
      : { readonly [N in Name]?: z.input<Schema> }
    : never

/** The version that was read: whoever changed it since is not overwritten. Null: whatever is there. */
type IfMatch = { readonly ifMatch?: number | null }

/** Any route of the contract. */
// biome-ignore lint/suspicious/noExplicitAny: a route is read only through the types inferred from it.
export type AnyRoute = Route<any, any, any, any>

/** What a route is called with, as its schemas say. */
export type InputOf<R extends AnyRoute> =
  R extends Route<infer Params, infer Query, infer Body, z.ZodType>
    ? Part<'params', Params, true> & Part<'query', Query, false> & Part<'body', Body, true> & IfMatch
    : never

export type DataOf<R extends AnyRoute> = z.output<R['data']>

export type Answer<Data> =
  | {
      readonly ok: true
      readonly data: Data
      readonly pagination: Pagination | null
      /** Of lists by cursor: where the next rows begin; null at the end. */
      readonly nextCursor: string | null
    }
  | { readonly ok: false; readonly failure: Failure }

export type ClientNeeds = {
  readonly fetch: typeof fetch
  readonly session: Pick<Session, 'token' | 'replace' | 'end' | 'chosen'>
}

export type Client = {
  /** Calls a route with the session's token; once more with a new token after a 401. */
  readonly call: <R extends AnyRoute>(route: R, input: InputOf<R>, signal?: AbortSignal) => Promise<Answer<DataOf<R>>>
}

export function client({ fetch, session }: ClientNeeds): Client {
  return {
    async call(route, input, signal) {
      if (route.can === 'anyone') return send(fetch, route, input, null, signal)

      const token = await session.token()
      if (token === null) return { ok: false, failure: { kind: 'unreachable' } }
      const who = (token: string) => ({ token, tenant: session.chosen()?.tenant ?? null })
      const first = await send(fetch, route, input, who(token), signal)
      if (first.ok || !isUnauthorized(first.failure)) return first

      const fresh = await session.replace(token)
      if (fresh === null) return first
      const second = await send(fetch, route, input, who(fresh), signal)
      // A token of this second is refused: the person was signed out elsewhere, or may no longer enter.
      if (!second.ok && isUnauthorized(second.failure)) session.end()
      return second
    },
  }
}

/** One request, no second try. */
export async function send<R extends AnyRoute>(
  fetch: typeof globalThis.fetch,
  route: R,
  input: InputOf<R>,
  who: { readonly token: string; readonly tenant: string | null } | null,
  signal?: AbortSignal,
): Promise<Answer<DataOf<R>>> {
  const { params, query, body, ifMatch } = input as Loose
  let response: Response
  try {
    response = await fetch(`/api/v1${fillPath(route.path, params)}${queryString(query)}`, {
      method: route.method.toUpperCase(),
      headers: {
        accept: 'application/json',
        // Tells the service to keep the refresh token in a cookie, and a form of another site cannot send it.
        'x-gatehouse-client': 'browser',
        ...(who === null ? {} : { authorization: `Bearer ${who.token}` }),
        ...(who === null || who.tenant === null ? {} : { 'x-gatehouse-school': who.tenant }),
        ...(body === undefined ? {} : { 'content-type': route.takesText ?? 'application/json' }),
        ...(ifMatch === undefined || ifMatch === null ? {} : { 'if-match': `"${ifMatch}"` }),
      },
      ...(body === undefined ? {} : { body: route.takesText === undefined ? JSON.stringify(body) : String(body) }),
      credentials: 'same-origin',
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    return { ok: false, failure: { kind: 'unreachable' } }
  }
  return read(route, response)
}

async function read<R extends AnyRoute>(route: R, response: Response): Promise<Answer<DataOf<R>>> {
  const strange = { ok: false, failure: { kind: 'strange', status: response.status } } as const
  const types: readonly (string | null)[] | undefined = route.file === undefined ? route.streams : [route.file]
  if (response.ok && types !== undefined) {
    if (!types.includes(response.headers.get('content-type'))) return strange
    return { ok: true, data: (await fileOf(response)) as DataOf<R>, pagination: null, nextCursor: null }
  }
  let envelope: Envelope<unknown>
  try {
    envelope = await response.json()
  } catch {
    // A proxy answers in its own words while the service behind it is down.
    return response.status >= 500 ? { ok: false, failure: { kind: 'unreachable' } } : strange
  }
  if (!envelope.success) {
    const problem = ApiProblemSchema.safeParse(envelope.error)
    return problem.success ? { ok: false, failure: refused(response, problem.data) } : strange
  }
  const data = route.data.safeParse(envelope.data)
  const metadata = Metadata.safeParse(envelope.metadata)
  if (!data.success || !metadata.success) return strange
  return {
    ok: true,
    data: data.data as DataOf<R>,
    pagination: metadata.data.pagination ?? null,
    nextCursor: metadata.data.nextCursor ?? null,
  }
}

/** A file with the name and the boxes that the service says of it. */
async function fileOf(response: Response): Promise<ApiFile> {
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'file'
  const undrawn = (response.headers.get('gatehouse-not-drawn') ?? '').split(', ').filter(Boolean)
  return {
    name,
    bytes: new Uint8Array(await response.arrayBuffer()),
    undrawn: undrawn.map(point => String.fromCodePoint(Number.parseInt(point.slice(2), 16))),
  }
}

function refused(response: Response, problem: ApiProblem): Failure {
  const retryAfterS = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return {
    kind: 'problem',
    status: response.status,
    problem,
    retryAfterS: Number.isNaN(retryAfterS) ? null : retryAfterS,
  }
}

function isUnauthorized(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.status === 401
}

type Loose = {
  readonly params?: Record<string, string>
  readonly query?: Record<string, unknown>
  readonly body?: unknown
  readonly ifMatch?: number | null
}

function fillPath(path: string, params: Loose['params']): string {
  return path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params?.[name] ?? ''))
}

function queryString(query: Loose['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}
