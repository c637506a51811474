import type { ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import { type RequestHandler, Router } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CacheOutcome } from '../cache/cache.ts'
import type { CacheSubject } from '../cache/cacheable.ts'
import { kindOfQuery, type OnQuery } from '../db/queries.ts'
import type { Survey } from '../live/survey.ts'
import { type BreakerState, kindOfService } from './breaker.ts'
import { keptFor } from './kept-for.ts'
import { isOperator } from './operator.ts'
import { NO_SUCH_PAGE, sendProblem } from './problem.ts'
import { routeOf, statusOf } from './route-of.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What is looked up when somebody reads the meters. */
export type Readings = {
  jobs(): Promise<readonly { readonly kind: string; readonly state: string; readonly count: number }[]>
  services(): ReadonlyMap<string, BreakerState>
  survey(): Promise<Survey>
  nowMs(): number
}

/** A look at every school is not made for each of several readers. */
const SURVEY_KEPT_MS = 10_000

export type Meters = {
  /** In front of everything: measures each request by its route, never by its address. */
  readonly measure: RequestHandler
  readonly onQuery: OnQuery
  onCacheAsked(subject: CacheSubject, outcome: CacheOutcome): void
  /** Events of gates were stored: of each how long after it happened, in ms. */
  onEventsStored(lagsMs: readonly number[]): void
  /** An application was decided, so long after it was submitted. */
  onApplicationDecided(status: ApplicationStatus, ms: number): void
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
  const events = new Counter({ name: 'events_ingested_total', help: 'Events of gates, each once', registers })
  const lag = new Histogram({
    name: 'event_ingest_lag_seconds',
    help: 'From an event at the gate, by its trusted clock, to the row that keeps it',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 60, 300, 3_600, 86_400],
    registers,
  })

  const applications = new Histogram({
    name: 'application_processing_duration_seconds',
    help: 'From submitting an application to its decision',
    labelNames: ['status'],
    buckets: [60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000],
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
    onEventsStored(lagsMs) {
      events.inc(lagsMs.length)
      for (const ms of lagsMs) lag.observe(Math.max(0, ms) / 1000)
    },
    onApplicationDecided: (status, ms) => applications.observe({ status }, Math.max(0, ms) / 1000),
    routes(readings, token, onFailed) {
      const read = gauges(registers, readings, onFailed)
      const router = Router()
      router.get('/metrics', async (req, res) => {
        if (!isOperator(req, token)) return sendProblem(req, res, NO_SUCH_PAGE)
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
  const enrolled = gauge('gates_enrolled', 'Gates that are set up', [])
  const online = gauge('gates_online', 'Gates that are connected', [])
  const listAge = gauge('oldest_list_age_seconds', 'Age of the oldest list that a connected gate decides by', [])
  const active = gauge('active_users', 'People who used a session in the last 20 minutes', ['role'])
  const survey = keptFor(SURVEY_KEPT_MS, () => readings.survey())

  const looks = [
    async () => {
      const { gatesEnrolled, gatesOnline, oldestListAtMs, activeUsers } = await survey()
      enrolled.set(gatesEnrolled)
      online.set(gatesOnline)
      // Where no gate is connected there is no list to be old.
      if (oldestListAtMs === null) listAge.remove()
      else listAge.set(Math.max(0, readings.nowMs() - oldestListAtMs) / 1000)
      for (const [role, people] of Object.entries(activeUsers)) active.set({ role }, people)
    },
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
