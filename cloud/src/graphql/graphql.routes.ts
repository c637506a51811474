import { type Request, type RequestHandler, Router } from 'express'
import { z } from 'zod'
import type { Identity } from '../auth/identity.ts'
import { placeOf, type SchoolPerson, unreadable } from '../http/bind.ts'
import { cors } from '../http/cors.ts'
import { letThrough } from '../http/limits.ts'
import { GRAPHQL_PATH, type Problem, sendProblem } from '../http/problem.ts'
import { sendEvents, sendResult, wantsEvents } from './answer.ts'
import type { Executor, Params } from './execute.ts'
import { senderOf } from './sender.ts'

export type GraphqlRoutesNeeds = {
  readonly identity: Identity
  readonly executor: Executor
  /** How many requests a session may make: counted together with those over REST. */
  readonly limit: RequestHandler
  /** Told of each operation of a super_admin in a school, before it is done. */
  readonly onEntered: (person: SchoolPerson) => Promise<void>
  readonly allowedOrigins: readonly string[]
}

/** `POST /graphql`: one operation as JSON. A subscription is answered as server-sent events, and so may be asked for by GET too. */
export function graphqlRoutes(needs: GraphqlRoutesNeeds): Router {
  const { identity, executor, limit, onEntered, allowedOrigins } = needs
  const router = Router()

  router.use(GRAPHQL_PATH, cors(allowedOrigins))
  router.all(GRAPHQL_PATH, async (req, res) => {
    res.locals.route = GRAPHQL_PATH
    res.setHeader('Cache-Control', 'no-store')
    const isStream = wantsEvents(req)
    if (req.method !== 'POST' && !(req.method === 'GET' && isStream)) {
      res.setHeader('Allow', 'POST')
      return sendProblem(req, res, WRONG_METHOD)
    }
    const told = { authorization: req.get('authorization'), school: req.get('x-gatehouse-school') }
    const sender = await senderOf(identity, told, placeOf(req))
    if ('code' in sender) return sendProblem(req, res, sender)
    const { sessionId, userId, scopes } = sender.who
    Object.assign(res.locals, { sessionId, userId, byKey: scopes !== null })
    if (!(await letThrough(limit, req, res))) return
    const params = req.method === 'GET' ? byQuery(req) : byBody(req)
    if ('code' in params) return sendProblem(req, res, params)
    if (sender.who.role === 'super_admin') await onEntered(sender.who)

    const only = !isStream ? 'no subscription' : req.method === 'GET' ? 'subscription' : undefined
    const result = await executor.run(params, sender, only)
    if (Symbol.asyncIterator in result) await sendEvents(res, result)
    else sendResult(req, res, result)
  })
  return router
}

const Body = z.strictObject({
  query: z.string('must be the text of an operation'),
  variables: z.record(z.string(), z.unknown()).nullable().default(null),
  operationName: z.string().nullable().default(null),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})

const WRONG_METHOD: Problem = {
  status: 405,
  code: 'wrong_method',
  message: 'Send an operation by POST, as JSON. By GET only subscriptions are taken, with Accept: text/event-stream.',
}
const NOT_JSON: Problem = {
  status: 415,
  code: 'not_json',
  message: 'Send the operation as JSON, with Content-Type: application/json.',
}
const ONE_AT_A_TIME: Problem = {
  status: 400,
  code: 'one_at_a_time',
  message: 'Send one operation a request: an array of them is not taken.',
}

function byBody(req: Request): Params | Problem {
  if (!req.is('application/json')) return NOT_JSON
  return Array.isArray(req.body) ? ONE_AT_A_TIME : read(req.body ?? {})
}

function byQuery({ query: { query, variables, operationName } }: Request): Params | Problem {
  let said: unknown
  try {
    said = typeof variables === 'string' ? JSON.parse(variables) : undefined
  } catch {
    return { status: 400, code: 'malformed_json', message: 'The parameter variables is not JSON.' }
  }
  return read({ query, variables: said, operationName })
}

function read(given: unknown): Params | Problem {
  const params = Body.safeParse(given)
  if (params.success) return params.data
  const details = unreadable(params.error).slice(0, 50)
  const message = `Something in the request is not right: ${details.map(({ path, message }) => `${path || 'request'} ${message}`).join('; ')}.`
  return { status: 422, code: 'validation_failed', message: message.slice(0, 500), details }
}
