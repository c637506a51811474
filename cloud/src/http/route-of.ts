import type { Request, Response } from 'express'

/** Nobody waited for the answer. nginx's number; none of RFC 9110's says it. */
const GONE = 499

/** The route as it is written, such as `/api/v1/students/:studentId`; null where none fits. For meters and logs, which hold nobody's ids. */
export function routeOf(req: Request, res: Response): string | null {
  const bound: unknown = res.locals.route
  if (typeof bound === 'string') return bound
  const path: unknown = req.route?.path
  return typeof path === 'string' ? `${req.baseUrl}${path}` : null
}

export function statusOf(res: Response): number {
  return res.writableFinished ? res.statusCode : GONE
}
