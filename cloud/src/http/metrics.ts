import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { type Request, type RequestHandler, Router } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CacheOutcome } from '../cache/cache.ts'
import type { CacheSubject } from '../cache/cacheable.ts'
import { kindOfQuery, type OnQuery } from '../db/queries.ts'
import { type BreakerState, kindOfService } from './breaker.ts'
import { NO_SUCH_PAGE, sendProblem } from './problem.ts'
import { routeOf, statusOf } from './route-of.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What is looked up when somebody reads the meters. */
export type Readings = {
  jobs(): Promise<readonly { readonly kind: string; readonly state: string; readonly count: number }[]>
  services(): ReadonlyMap<string, BreakerState>
}

export type Meters = {
  /** In front of everything: measures each request by its route, never by its address. */
  readonly measure: RequestHandler
  readonly onQuery: OnQuery
  onCacheAsked(subject: CacheSubject, outcome: CacheOutcome): void
  /** `GET /metrics` for this machine, or for the bearer of the token. */
  routes(readings: Readings, token: string | null, onFailed: (problem: unknown) => void): Router
}

/** Meters of this process. No label holds what a school or a person wrote. The one file that knows `prom-client`. */
export function openMeters(): Meters {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status_code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1, 3, 10],
    registers,
  })
  const queries = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'From sending a statement to its last row',
    labelNames: ['operation', 'table'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  const cache = new Counter({
    name: 'cache_requests_total',
    help: 'What was asked of the cache, and where it was found',
    labelNames: ['cache', 'outcome'],
    registers,
  })

  return {
    measure(req, res, next) {
      const end = requests.startTimer()
      res.once('close', () => {
        const method = METHODS.includes(req.method) ? req.method : 'OTHER'
        end({ method, route: routeOf(req, res) ?? 'none', status_code: statusOf(res) })
      })
      next()
    },
    onQuery: ({ sql, ms }) => queries.observe(kindOfQuery(sql), ms / 1000),
    onCacheAsked: (subject, outcome) => cache.inc({ cache: subject, outcome }),
    routes(readings, token, onFailed) {
      const read = gauges(registers, readings, onFailed)
      const router = Router()
      router.get('/metrics', async (req, res) => {
        if (!mayRead(req, token)) return sendProblem(req, res, NO_SUCH_PAGE)
        await read()
        res.type(registry.contentType).send(await registry.metrics())
      })
      return router
    },
  }
}

/** Gauges that are looked up. One that cannot be read is left out, and the others are still told. */
function gauges(registers: Registry[], readings: Readings, onFailed: (problem: unknown) => void): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers })
  const jobs = gauge('jobs', 'Jobs by kind and state; failed ones wait for a person', ['kind', 'state'])
  const open = gauge('service_away', 'Outside services left alone because they fail, by kind', ['service'])

  const looks = [
    async () => {
      const counts = await readings.jobs()
      jobs.reset()
      for (const { kind, state, count } of counts) jobs.set({ kind, state }, count)
    },
    async () => {
      open.reset()
      for (const [name, state] of readings.services())
        open.inc({ service: kindOfService(name) }, state === 'closed' ? 0 : 1)
    },
  ]
  return async () => void (await Promise.all(looks.map(look => look().catch(onFailed))))
}

/** With a token its bearer may; without one, who asks from this machine and not through a proxy. */
function mayRead(req: Request, token: string | null): boolean {
  if (token !== null) {
    const [scheme, told, ...more] = (req.get('authorization') ?? '').split(' ')
    return scheme?.toLowerCase() === 'bearer' && told !== undefined && more.length === 0 && isSame(told, token)
  }
  const from = req.socket.remoteAddress ?? ''
  const address = from.replace(/^::ffff:/, '')
  const isHere = from === '::1' || (isIPv4(address) && address.startsWith('127.'))
  return isHere && ['x-forwarded-for', 'forwarded', 'x-real-ip'].every(name => req.get(name) === undefined)
}

function isSame(told: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(told), digest(wanted))
}
