import type { IncomingMessage } from 'node:http'
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import helmet from 'helmet'
import { cors } from './cors.ts'
import type { Counters } from './counters.ts'
import { countIn } from './limits.ts'
import { type Log, said } from './log.ts'
import { logged, requestOf } from './log-requests.ts'
import { NO_SUCH_PAGE, type Problem, requestId, sendProblem } from './problem.ts'

const JSON_BYTES_MAX = 100 * 1024

export type ServerNeeds = {
  /** `/api/v1`. */
  readonly api: Router
  /** Health, device and dashboard routes, in the order they are asked. */
  readonly others: readonly Router[]
  readonly trustedProxies: readonly string[]
  /** Looks at every request first. */
  readonly measure: RequestHandler
  /** Where the limits count. */
  readonly counters: Counters
  /** Whose pages beside our own may call the API. */
  readonly allowedOrigins: readonly string[]
  /** People reach this over TLS: browsers are told to keep to it. */
  readonly secure: boolean
  readonly log: Log
}

/** The Express application: who may load what, bodies read once, the API, and one answer to whatever fails. */
export function httpServer(needs: ServerNeeds): Express {
  const { api, others, trustedProxies, allowedOrigins, counters, measure, secure, log } = needs
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', [...trustedProxies])
  countIn(app, counters)
  app.use(measure)
  app.set('query parser', 'simple')
  app.use(requestId)
  app.use(headers(secure))
  app.use(logged(log))
  app.use(express.json({ limit: JSON_BYTES_MAX, strict: true }))
  app.use('/api/v1', noStore, cors(allowedOrigins), api)
  for (const routes of others) app.use(routes)
  app.use((req: Request, res: Response) => sendProblem(req, res, NO_SUCH_PAGE))
  app.use((problem: unknown, req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(problem)
    const known = bodyProblem(problem)
    if (known === null) log.error({ ...requestOf(req, res), problem: said(problem) }, 'http.failed')
    sendProblem(req, res, known ?? FAILED)
  })
  return app
}

const FAILED: Problem = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong here. Try again; if it stays so, tell the operator the request id.',
}

/** What can be wrong with a body before anybody reads it. */
function bodyProblem(problem: unknown): Problem | null {
  switch ((problem as { type?: unknown }).type) {
    case 'entity.parse.failed':
      return { status: 400, code: 'malformed_json', message: 'The body of the request is not JSON.' }
    case 'entity.too.large':
      return { status: 413, code: 'too_large', message: `The body of the request is larger than ${sizeOf(problem)}.` }
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return { status: 415, code: 'unsupported_encoding', message: 'Send the body as JSON in UTF-8.' }
    case 'request.aborted':
      return { status: 400, code: 'aborted', message: 'The request ended before its body did.' }
    default:
      return (problem as { status?: unknown }).status === 400
        ? { status: 400, code: 'bad_request', message: 'The request could not be read.' }
        : null
  }
}

function sizeOf(problem: unknown): string {
  const { limit = JSON_BYTES_MAX } = problem as { readonly limit?: number }
  return limit < 1024 * 1024 ? `${Math.floor(limit / 1024)} kB` : `${Math.floor(limit / 1024 / 1024)} MB`
}

/** connect-src names the feed: older browsers do not count ws: of one's own host to 'self'. */
function headers(secure: boolean) {
  const policies = new Map<string, ReturnType<typeof helmet>>()
  return (req: Request, res: Response, next: NextFunction) => {
    const host = hostOf(req)
    let policy = policies.get(host)
    if (policy === undefined) {
      // Whoever makes up host names does not fill memory.
      if (policies.size > 100) policies.clear()
      policy = policyFor(host, secure)
      policies.set(host, policy)
    }
    policy(req, res, next)
  }
}

function policyFor(host: string, secure: boolean) {
  const feed = host === '' ? [] : [`${secure ? 'wss' : 'ws'}://${host}`]
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", ...feed],
        objectSrc: ["'none'"],
        frameSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
    hsts: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'same-origin' },
  })
}

const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

function hostOf(req: IncomingMessage): string {
  const { host } = req.headers
  return host !== undefined && HOST.test(host) ? host : ''
}

/** Answers hold people's data: no cache keeps them. */
function noStore(_req: Request, res: Response, next: NextFunction): void {
  res.setHeader('Cache-Control', 'no-store')
  next()
}
