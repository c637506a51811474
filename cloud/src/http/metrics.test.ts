import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { Router } from 'express'
import { afterEach, expect, test } from 'vitest'
import type { Survey } from '../live/survey.ts'
import { openMeters, type Readings } from './metrics.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const SURVEY: Survey = {
  gatesEnrolled: 3,
  gatesOnline: 2,
  oldestListAtMs: 30_000,
  activeUsers: { super_admin: 0, school_admin: 1, staff: 0, security: 4, facilities: 0, student: 250 },
}
const READINGS: Readings = {
  jobs: async () => [{ kind: 'mail', state: 'failed', count: 2 }],
  services: () => new Map([['oidc login.hillside.example', 'open']]),
  survey: async () => SURVEY,
  nowMs: () => 90_000,
}

async function start({ token = null, readings = READINGS }: { token?: string | null; readings?: Readings } = {}) {
  const meters = openMeters()
  const api = Router()
  api.get('/students/:studentId', (_req, res) => void res.json({}))
  const failed: unknown[] = []
  const app = express().use(meters.measure).use('/api/v1', api)
  app.use(meters.routes(readings, token, problem => failed.push(problem)))
  app.use((_req, res) => void res.status(404).json({}))
  const server = createServer(app)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers })
  const read = async () => (await ask('/metrics')).text()
  return { meters, ask, read, failed }
}

test('a request is measured by its route, and what matches none is told together', async () => {
  const { ask, read } = await start()
  await ask('/api/v1/students/0199-secret?search=Zoe')
  await ask('/api/v1/nothing-of-the-kind')
  const text = await read()
  expect(text).toContain(
    'http_request_duration_seconds_count{method="GET",route="/api/v1/students/:studentId",status_code="200"} 1',
  )
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status_code="404"} 1')
  expect(text).not.toMatch(/0199-secret|Zoe|nothing-of-the-kind/)
  const buckets = [
    ...text.matchAll(/students\/:studentId",status_code="200",?le="([^"]+)"|le="([^"]+)",method="GET",route="\/api/g),
  ]
  expect(buckets.map(([, one, other]) => one ?? other)).toEqual([
    '0.005',
    '0.01',
    '0.025',
    '0.05',
    '0.1',
    '0.3',
    '0.5',
    '1',
    '3',
    '10',
    '+Inf',
  ])
})

test('queries, the cache, jobs and services have their meters', async () => {
  const { meters, read } = await start()
  meters.onQuery({ sql: 'select "id" from "students" where "last_name" = $1', ms: 30 })
  meters.onCacheAsked('terms', 'memory')
  const text = await read()
  expect(text).toContain('db_query_duration_seconds_sum{operation="select",table="students"} 0.03')
  expect(text).toContain('cache_requests_total{cache="terms",outcome="memory"} 1')
  expect(text).toContain('jobs{kind="mail",state="failed"} 2')
  expect(text).toContain('service_away{service="oidc"} 1')
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).not.toContain('hillside')
})

test('gates, their lists, their events and the people who are here have their meters', async () => {
  const { meters, read } = await start()
  meters.onEventsStored([40, 700, -5])
  meters.onEventsStored([3_600_001])
  meters.onApplicationDecided('approved', 3 * 3_600_000)
  const text = await read()
  for (const line of [
    'gates_enrolled 3',
    'gates_online 2',
    'oldest_list_age_seconds 60',
    'active_users{role="security"} 4',
    'active_users{role="staff"} 0',
    'events_ingested_total 4',
    'application_processing_duration_seconds_bucket{le="3600",status="approved"} 0',
    'application_processing_duration_seconds_bucket{le="21600",status="approved"} 1',
    'event_ingest_lag_seconds_bucket{le="0.1"} 2',
    'event_ingest_lag_seconds_bucket{le="1"} 3',
    'event_ingest_lag_seconds_bucket{le="3600"} 3',
    'event_ingest_lag_seconds_count 4',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
})

test('where no gate is connected there is no list to be old; schools are looked at once for several readers', async () => {
  let looked = 0
  const survey = async () => {
    looked++
    return { ...SURVEY, oldestListAtMs: null }
  }
  const { read } = await start({ readings: { ...READINGS, survey } })
  expect(await read()).not.toMatch(/^oldest_list_age_seconds/m)
  await read()
  expect(looked).toBe(1)
})

test('a reading that fails leaves the others', async () => {
  const away = new Error('the database is away')
  const { read, failed } = await start({ readings: { ...READINGS, jobs: () => Promise.reject(away) } })
  expect(await read()).toContain('service_away{service="oidc"} 1')
  expect(failed).toEqual([away])
})

for (const [token, headers, status] of [
  [null, {}, 200],
  [null, { 'x-forwarded-for': '192.0.2.1' }, 404],
  [null, { forwarded: 'for=192.0.2.1' }, 404],
  ['a-token-of-the-operator', {}, 404],
  ['a-token-of-the-operator', { authorization: 'Bearer a-token-of-the-operato' }, 404],
  ['a-token-of-the-operator', { authorization: 'Bearer a-token-of-the-operator' }, 200],
  ['a-token-of-the-operator', { authorization: 'Bearer a-token-of-the-operator', 'x-forwarded-for': '192.0.2.1' }, 200],
] as const) {
  test(`with ${token === null ? 'no token set' : 'a token set'}, ${JSON.stringify(headers)} gets ${status}`, async () => {
    const { ask } = await start({ token })
    // Who may not read sees what anybody sees at an address where nothing is.
    expect((await ask('/metrics', headers)).status).toBe(status)
  })
}
