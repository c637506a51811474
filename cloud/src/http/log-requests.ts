import type { Request, RequestHandler, Response } from 'express'
import type { Log } from './log.ts'
import { routeOf, statusOf } from './route-of.ts'

const NS_PER_MS = 1_000_000

/** Asked every few seconds by machines. */
const PROBES = new Set(['/api/health', '/api/health/ready', '/metrics'])

/** A line for every request once it is answered: by its route, never by its address, which holds what people looked for. */
export function logged(log: Log): RequestHandler {
  return (req, res, next) => {
    const began = performance.now()
    res.once('close', () => {
      const ns = Math.round((performance.now() - began) * NS_PER_MS)
      const write = PROBES.has(routeOf(req, res) ?? '') ? log.debug : log.info
      write(
        { ...requestOf(req, res), 'http.response.status_code': statusOf(res), 'event.duration': ns, ...whoOf(res) },
        'http.request',
      )
    })
    next()
  }
}

/** What a line may say of a request. The id is named, because a connection that closes does so in nobody's request. */
export function requestOf(req: Request, res: Response): object {
  const route = routeOf(req, res)
  return {
    'http.request.id': String(res.locals.requestId),
    'http.request.method': req.method,
    ...(route !== null && { 'url.path': route }),
  }
}

function whoOf(res: Response): object {
  const { userId } = res.locals
  return typeof userId === 'string' ? { userId } : {}
}
