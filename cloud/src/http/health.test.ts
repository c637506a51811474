import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import type { BreakerState } from './breaker.ts'
import { type HealthNeeds, healthRoutes } from './health.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function ready(changed: Partial<HealthNeeds>) {
  const needs: HealthNeeds = { checks: [], services: () => new Map(), version: '1', onFailed: () => {}, ...changed }
  const server = createServer(express().use(healthRoutes(needs)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/health/ready`)
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

test('the words of errors are for the log, once for every look', async () => {
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
})
