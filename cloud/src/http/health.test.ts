import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import type { BreakerState } from './breaker.ts'
import { type HealthNeeds, healthRoutes } from './health.ts'
import { type ChecksNeeds, hasRoom, healthChecks } from './health-checks.ts'

const TOKEN = 'a-token-of-the-operator'
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function ready(changed: Partial<HealthNeeds>) {
  const needs: HealthNeeds = {
    checks: [],
    services: () => new Map(),
    version: '1',
    operatorToken: TOKEN,
    onFailed: () => {},
    ...changed,
  }
  const server = createServer(express().use(healthRoutes(needs)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const ask = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/health/ready`, {
      headers,
    })
    // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
    return { code: answer.status, body: (await answer.json()) as any }
  }
  return ask
}

const good = { name: 'database', critical: true, run: async () => {} }
const fails = (critical: boolean) => ({
  name: critical ? 'broker' : 'redis',
  critical,
  run: async () => {
    throw new Error('connect ECONNREFUSED 10.0.0.7:6379')
  },
})

for (const [checks, services, status, code] of [
  [[good], [], 'healthy', 200],
  [[good, fails(false)], [], 'degraded', 200],
  [[good, fails(true)], [], 'unhealthy', 503],
  [[good], [['smtp', 'open']], 'degraded', 200],
  [[good], [['smtp', 'half_open']], 'degraded', 200],
  [[good], [['smtp', 'closed']], 'healthy', 200],
  [[good, fails(true)], [['smtp', 'open']], 'unhealthy', 503],
] as const) {
  test(`${checks.map(({ name }) => name).join(', ')} and ${JSON.stringify(services)}: ${status}`, async () => {
    const ask = await ready({ checks, services: () => new Map<string, BreakerState>(services) })
    expect(await ask()).toMatchObject({ code, body: { status, version: '1' } })
  })
}

test('a service that is away is named by its kind, and never by a school’s text', async () => {
  const services = new Map<string, BreakerState>([['oidc login.hillside.example', 'open']])
  const { body } = await (await ready({ services: () => services }))()
  expect(body.checks).toEqual({ oidc: { status: 'unhealthy', responseTimeMs: 0 } })
})

test('the words of errors are for operators and the log, once for every look', async () => {
  const told: string[] = []
  const ask = await ready({
    checks: [fails(false)],
    onFailed: (name, problem) => told.push(`${name}: ${(problem as Error).message}`),
  })
  const { body } = await ask()
  await ask()
  expect(Object.keys(body).toSorted()).toEqual(['checks', 'status', 'timestamp', 'uptime', 'version'])
  expect(JSON.stringify(body)).not.toContain('10.0.0.7')
  expect(told).toEqual(['redis: connect ECONNREFUSED 10.0.0.7:6379'])
  const operator = await ask({ authorization: `Bearer ${TOKEN}` })
  expect(operator.body.checks.redis).toEqual({
    status: 'unhealthy',
    responseTimeMs: expect.any(Number),
    problem: 'connect ECONNREFUSED 10.0.0.7:6379',
  })
  expect(told).toHaveLength(1)
})

test('a service that answers a ping while its breaker is open is away', async () => {
  const ask = await ready({
    checks: [{ name: 'redis', critical: false, run: async () => {} }],
    services: () => new Map<string, BreakerState>([['redis', 'open']]),
  })
  expect((await ask()).body).toMatchObject({ status: 'degraded', checks: { redis: { status: 'unhealthy' } } })
})

const NEEDS: ChecksNeeds = {
  db: { isTransaction: false } as never,
  brokerIsUp: () => true,
  redis: null,
  mail: null,
  files: async () => {},
  scanner: null,
  jobsStuckMs: null,
  dataFolder: tmpdir(),
}
const checkOf = (name: string, changed: Partial<ChecksNeeds>) =>
  healthChecks({ ...NEEDS, ...changed }).find(check => check.name === name)

test('only the database and the broker are critical, and what a process does not have is not asked', () => {
  const all = healthChecks({
    ...NEEDS,
    redis: async () => {},
    mail: async () => {},
    scanner: async () => {},
    jobsStuckMs: () => 0,
  })
  expect(all.map(({ name, critical }) => [name, critical])).toEqual([
    ['database', true],
    ['broker', true],
    ['redis', false],
    ['mail', false],
    ['files', false],
    ['scanner', false],
    ['jobs', false],
    ['disk', false],
  ])
  expect(healthChecks(NEEDS).map(({ name }) => name)).toEqual(['database', 'broker', 'files', 'disk'])
})

test('a broker that is away, and jobs that nobody looks for, are said', async () => {
  await checkOf('broker', {})!.run()
  await expect(checkOf('broker', { brokerIsUp: () => false })!.run()).rejects.toThrow('no connection to the broker')
  await checkOf('jobs', { jobsStuckMs: () => 59_999 })!.run()
  await expect(checkOf('jobs', { jobsStuckMs: () => 61_000 })!.run()).rejects.toThrow('in 61 s')
})

test('a mail server is greeted once a minute, however often health is asked', async () => {
  let greeted = 0
  const mail = checkOf('mail', { mail: async () => void greeted++ })!
  for (let time = 0; time < 5; time++) await mail.run()
  expect(greeted).toBe(1)
})

test.each([
  ['a small disk with a twentieth left', { blocks: 1_000, bavail: 50 }, true],
  ['a small disk with less', { blocks: 1_000, bavail: 49 }, false],
  ['a large disk with a gigabyte left', { blocks: 1e9, bavail: 250_000 }, true],
  ['a large disk with less', { blocks: 1e9, bavail: 240_000 }, false],
])('%s', async (_what, disk, isRoom) => {
  const asked = hasRoom('/', (async () => ({ ...disk, bsize: 4_096 })) as never)
  await (isRoom ? asked : expect(asked).rejects.toThrow(/MB are left on the disk/))
})
