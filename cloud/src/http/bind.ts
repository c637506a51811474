import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import type { Operation, Role } from '@gatehouse/shared/wire/rights.ts'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { z } from 'zod'
import type { Actor, By } from '../audit/actor.ts'
import { noting } from '../audit/noted.ts'
import { whyUnnoted } from '../audit/unnoted.ts'
import { type Identity, mayNow, type Person, type School } from '../auth/identity.ts'
import type { Once } from './idempotency.ts'
import { letThrough } from './limits.ts'
import { noText } from './no-text.ts'
import {
  type Extras,
  FACTOR_MISSING,
  NOT_ALLOWED,
  NOT_FOR_KEYS,
  NOT_SIGNED_IN,
  type Problem,
  SCHOOL_NOT_CHOSEN,
  sendData,
  sendProblem,
} from './problem.ts'
import { sendFile } from './send-file.ts'

/** Somebody signed in, and where this request comes from. */
export type Caller = Person & { readonly by: By }

/** Somebody signed in who acts in a school. */
export type SchoolPerson = Caller & { readonly school: School }

export type Answer<Data> =
  | ({ readonly data: Data; readonly message?: string } & Extras)
  | { readonly problem: Problem }
  /** Sent already, by the handler of a route that `streams`. */
  | { readonly sent: true }

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** A request whose every part was read by the route's schemas. */
export type Asked<R extends Route, Who> = {
  readonly params: Read<NonNullable<R['params']>>
  readonly query: Read<NonNullable<R['query']>>
  readonly body: Read<NonNullable<R['body']>>
  readonly who: Who
  /** The `version` that `If-Match` names; null where the caller takes what is there. */
  readonly ifMatch: number | null
  readonly req: Request
  readonly res: Response
}

type Handler<R extends Route, Who> = (asked: Asked<R, Who>) => Promise<Answer<z.input<R['data']>>>

export type Binder = {
  readonly router: Router
  /** What is bound: nothing else exists under `/api/v1`. */
  readonly bound: readonly Route[]
  /** `can: 'anyone'`. */
  open<R extends Route>(route: R, handler: Handler<R, null>, before?: readonly RequestHandler[]): void
  /** What a person does for themselves, and what a super_admin does with schools: none needs to be chosen. */
  own<R extends Route>(route: R, handler: Handler<R, Caller>, limits?: Limits): void
  /** An operation in a school. */
  inSchool<R extends Route>(route: R, handler: Handler<R, SchoolPerson>, limits?: Limits): void
}

/** Asked once it is known who calls; `res.locals` says who. */
type Limits = readonly RequestHandler[]

const OWN = ['signed-in', 'key:own', 'school:create', 'school:read', 'school:update'] as const

/** Binds the contract's routes to Express. Who calls and what they may is read from the tables at each request. */
export function binder({
  identity,
  checkAnswers = false,
  limit,
  once,
  onEntered = async () => {},
}: {
  readonly identity: Identity
  /** What an Idempotency-Key asks for. */
  readonly once: Once
  /** Holds every answer against the contract's schema, and fails where it differs or where the audit log was told nothing. */
  readonly checkAnswers?: boolean
  /** How many requests a session may make. */
  readonly limit: RequestHandler
  /** Told of each request of a super_admin in a school, before it is done. */
  readonly onEntered?: (person: SchoolPerson) => Promise<void>
}): Binder {
  const router = Router()
  const bound: Route[] = []

  const bind = (
    route: Route,
    who: (req: Request) => Promise<unknown>,
    handler: Handler<Route, never>,
    { before = [], limits = [] }: { readonly before?: readonly RequestHandler[]; readonly limits?: Limits } = {},
  ) => {
    if (bound.some(({ method, path }) => method === route.method && path === route.path)) {
      throw new Error(`${route.method} ${route.path} is bound twice`)
    }
    bound.push(route)
    router[route.method](route.path, async (req, res) => {
      // Express forgets where a router stood once something failed in it.
      res.locals.route = `${req.baseUrl}${route.path}`
      for (const first of before) if (!(await letThrough(first, req, res))) return
      const caller = await who(req)
      if (isProblem(caller)) return sendProblem(req, res, caller.problem)
      if (caller !== null) {
        const { sessionId, userId, scopes } = caller as Person
        Object.assign(res.locals, { sessionId, userId, byKey: scopes !== null })
        for (const one of [limit, ...limits]) if (!(await letThrough(one, req, res))) return
      }

      const read = readRequest(route, req)
      if ('problem' in read) return sendProblem(req, res, read.problem)
      const ifMatch = versionWanted(req)
      if (ifMatch === 'malformed') return sendProblem(req, res, MALFORMED_IF_MATCH)

      const carryOut = async () => {
        const { answer, noted } = await noting(() => handler({ ...read, ifMatch, who: caller, req, res } as never))
        if (checkAnswers && !noted && !('problem' in answer) && whyUnnoted(route) === null) {
          throw new Error(`${route.method} ${route.path} told the audit log nothing`)
        }
        return answer
      }
      const answer = caller === null ? await carryOut() : await once({ route, req, ...placeOfWork(caller) }, carryOut)
      if ('problem' in answer) return sendProblem(req, res, answer.problem)
      if ('sent' in answer) return
      const { data, message = 'Done.', ...extras } = answer
      if (checkAnswers) route.data.parse(data)
      if (hasVersion(data)) res.setHeader('ETag', `"${data.version}"`)
      if (route.file !== undefined) return sendFile(res, route.file, data as ApiFile)
      sendData(res, route.status ?? 200, data, message, extras)
    })
  }

  const signedIn = async (req: Request, { can }: Route): Promise<Caller | { problem: Problem }> => {
    const [scheme, token, ...more] = (req.get('authorization') ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || more.length > 0) return { problem: NOT_SIGNED_IN }
    const person = await identity.person(token, req.get('x-gatehouse-school'))
    return person === null
      ? { problem: NOT_SIGNED_IN }
      : { ...person, by: byOf(person, placeOf(req), can === 'scim:use') }
  }

  return {
    router,
    bound,
    open(route, handler, before) {
      if (route.can !== 'anyone') throw new Error(`${route.path} is not for anyone: it needs ${route.can}`)
      bind(route, async () => null, handler as never, before && { before })
    },
    own(route, handler, limits) {
      if (!(OWN as readonly string[]).includes(route.can))
        throw new Error(`${route.path} acts in a school: ${route.can}`)
      bind(
        route,
        async req => {
          const person = await signedIn(req, route)
          if (isProblem(person)) return person
          if (route.can === 'signed-in') {
            return person.scopes === null || route.byKey ? { ...person, isOwn: true } : { problem: NOT_FOR_KEYS }
          }
          if (!mayNow(person, route.can as Operation)) return { problem: NOT_ALLOWED }
          return person.factorMissing ? { problem: FACTOR_MISSING } : { ...person, isOwn: true }
        },
        handler as never,
        limits && { limits },
      )
    },
    inSchool(route, handler, limits) {
      if (route.can === 'anyone' || (OWN as readonly string[]).includes(route.can)) {
        throw new Error(`${route.path} is no operation in a school: ${route.can}`)
      }
      bind(
        route,
        async req => {
          const person = await signedIn(req, route)
          if (isProblem(person)) return person
          if (!mayNow(person, route.can as Operation)) return { problem: NOT_ALLOWED }
          if (person.factorMissing) return { problem: FACTOR_MISSING }
          if (person.school === null) return { problem: SCHOOL_NOT_CHOSEN }
          if (person.role === 'super_admin') await onEntered({ ...person, school: person.school })
          return person
        },
        handler as never,
        limits && { limits },
      )
    },
  }
}

/** Where the transactions of a request are. */
function placeOfWork(caller: unknown): { readonly userId: string; readonly schoolId: string | null } {
  const { userId, school, role, isOwn } = caller as Caller & { readonly isOwn?: true }
  return { userId, schoolId: isOwn && role === 'super_admin' ? null : (school?.id ?? null) }
}

function isProblem(caller: unknown): caller is { readonly problem: Problem } {
  return typeof caller === 'object' && caller !== null && 'problem' in caller
}

/** Every mistake of every part at once. Malformed ids in the path are a 404: nothing has such an id. */
function readRequest(
  route: Route,
  req: Request,
): { params: unknown; query: unknown; body: unknown } | { problem: Problem } {
  const params = route.params?.safeParse(req.params)
  if (params !== undefined && !params.success) {
    return {
      problem: {
        status: 404,
        code: 'not_found',
        message: 'There is nothing with that id.',
        details: unreadable(params.error),
      },
    }
  }
  const query = route.query?.safeParse(req.query)
  const body = route.body?.safeParse(req.body ?? {})
  const wrong = [
    ...(query?.success === false ? unreadable(query.error) : []),
    ...(body?.success === false ? unreadable(body.error) : []),
    ...noText(query?.data),
    ...noText(params?.data),
    ...noText(body?.data),
  ]
  if (wrong.length > 0) {
    const message = `Something in the request is not right: ${wrong.map(({ path, message }) => `${path || 'request'} ${message}`).join('; ')}.`
    return {
      problem: { status: 422, code: 'validation_failed', message: message.slice(0, 500), details: wrong.slice(0, 50) },
    }
  }
  return { params: params?.data, query: query?.data, body: body?.data }
}

/** Every mistake with its place. */
export function unreadable({ issues }: z.ZodError): { path: string; message: string }[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
}

/** Who did it, for the row that keeps it. A super_admin is no user of the school, and is not named in its rows. */
export function actorOf({ role, userId, school, by }: SchoolPerson, nowMs: number): Actor {
  return { schoolId: school.id, userId: role === 'super_admin' ? null : userId, nowMs, by }
}

/** Sees birth dates, phone numbers, private addresses and notes of students in full. */
export function readsPersonal(who: Person): boolean {
  return mayNow(who, 'pii:read')
}

/** Where a request comes from, and its id. */
export type PlaceOfRequest = Pick<By, 'address' | 'requestId'>

/** Who asks, for what is asked in another way than over a route. */
export function byOf(
  { userId, displayName, role, sessionId, scopes }: Person,
  place: PlaceOfRequest,
  scim = false,
): By {
  const kind = scopes === null ? 'user' : scim ? 'scim' : 'key'
  return { kind, id: userId, name: displayName, role, sessionId, ...place }
}

/** Somebody who is about to be signed in. */
export function whoeverOf(user: { id: string; name: string; role: Role }, sessionId: string | null, req: Request): By {
  return { kind: 'user', ...user, sessionId, ...placeOf(req) }
}

/** Somebody who is not signed in. */
export function nobodyOf(req: Request) {
  return { kind: 'nobody' as const, id: null, name: '', role: null, sessionId: null, ...placeOf(req) }
}

export function placeOf(req: Request): PlaceOfRequest {
  return { address: req.ip ?? null, requestId: String(req.res?.locals.requestId ?? '') || null }
}

const MALFORMED_IF_MATCH: Problem = {
  status: 400,
  code: 'malformed_if_match',
  message: 'If-Match must be the ETag of an earlier answer, such as "7".',
}

/** RFC 9110 section 13.1.1. A weak tag (W/) is what some proxies make of a strong one. */
function versionWanted(req: Request): number | null | 'malformed' {
  const told = req.get('if-match')
  if (told === undefined || told.trim() === '*') return null
  const tag = /^(?:W\/)?"(\d{1,9})"$/.exec(told.trim())
  return tag === null ? 'malformed' : Number(tag[1])
}

function hasVersion(data: unknown): data is { readonly version: number } {
  return typeof data === 'object' && data !== null && Number.isInteger((data as { version?: unknown }).version)
}
