import type { NextFunction, Request, RequestHandler, Response } from 'express'

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const ASKED = 'Content-Type, Authorization, X-Request-ID, If-Match, Idempotency-Key'
const TOLD =
  'X-Request-ID, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Content-Disposition'
/** How long a browser need not ask again. */
const PREFLIGHT_S = 600

/**
 * Pages of the origins named, exactly as written, may call the API with a token. Cookies never go along: nothing says
 * `Allow-Credentials`, so a page elsewhere cannot act as whoever is signed in here.
 */
export function cors(allowedOrigins: readonly string[]): RequestHandler {
  const allowed = new Set(allowedOrigins)
  return (req: Request, res: Response, next: NextFunction) => {
    if (allowed.size > 0) res.vary('Origin')
    const origin = req.get('origin')
    if (origin === undefined || !allowed.has(origin)) return next()
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader('Access-Control-Expose-Headers', TOLD)
    if (req.method !== 'OPTIONS' || req.get('access-control-request-method') === undefined) return next()
    res.setHeader('Access-Control-Allow-Methods', METHODS)
    res.setHeader('Access-Control-Allow-Headers', ASKED)
    res.setHeader('Access-Control-Max-Age', String(PREFLIGHT_S))
    res.status(204).end()
  }
}
