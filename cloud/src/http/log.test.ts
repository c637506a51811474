import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { Router } from 'express'
import { afterEach, expect, test } from 'vitest'
import { binder } from './bind.ts'
import { memoryCounters } from './counters.ts'
import { openLog, said } from './log.ts'
import { cleanFields, cleanText } from './log-words.ts'
import { openMeters } from './metrics.ts'
import { httpServer } from './server.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

function lines() {
  const written: string[] = []
  return {
    log: openLog('debug', { write: line => void written.push(line) }),
    read: () => written.map(line => JSON.parse(line) as Record<string, unknown>),
  }
}

test('a line has the names of ECS, and what has none there stands under ours', () => {
  const { log, read } = lines()
  log.warn({ gateId: 'g-1', address: '192.0.2.7', userId: 'u-1', problem: said(new Error('away')) }, 'events.gap: look')
  expect(read()).toEqual([
    {
      '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      'log.level': 'warn',
      message: 'events.gap: look',
      'ecs.version': '8.17.0',
      'service.name': 'gatehouse-cloud',
      'event.action': 'events.gap',
      'source.address': '192.0.2.7',
      'user.id': 'u-1',
      'error.type': 'Error',
      'error.message': 'away',
      'error.stack_trace': expect.stringContaining('log.test.ts'),
      gatehouse: { gateId: 'g-1' },
    },
  ])
})

async function start() {
  const { log, read } = lines()
  const api = Router()
  api.post('/students/:studentId', async (_req, res) => {
    await new Promise(resolve => setImmediate(resolve))
    log.info({ step: 1 }, 'student.looked')
    res.json({})
  })
  api.get('/broken/:id', async () => {
    throw new Error('broke')
  })
  const app = httpServer({
    api,
    others: [Router().get('/api/health', (_req, res) => void res.json({}))],
    trustedProxies: [],
    allowedOrigins: [],
    counters: memoryCounters,
    measure: openMeters().measure,
    secure: false,
    log,
  })
  const server = createServer(app)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const line = async (action: string, requestId: string) => {
    for (;;) {
      const found = read().find(one => one['event.action'] === action && one['http.request.id'] === requestId)
      if (found !== undefined) return found
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { url, line, read, log }
}

test('every line of a request has its id, also after its body was read; the request itself is one line', async () => {
  const { url, line } = await start()
  const asked = ['one', 'two', 'three'].map(id =>
    fetch(`${url}/api/v1/students/0199-secret?search=Zoe`, {
      method: 'POST',
      headers: { 'x-request-id': id, 'content-type': 'application/json' },
      body: JSON.stringify({ firstName: 'Zoe' }),
    }),
  )
  await Promise.all(asked)
  for (const id of ['one', 'two', 'three']) {
    expect(await line('student.looked', id)).toMatchObject({ gatehouse: { step: 1 } })
    const said = await line('http.request', id)
    expect(said).toMatchObject({
      'log.level': 'info',
      'http.request.method': 'POST',
      'url.path': '/api/v1/students/:studentId',
      'http.response.status_code': 200,
    })
    expect(said['event.duration']).toBeGreaterThan(0)
    expect(Number.isInteger(said['event.duration'])).toBe(true)
    expect(JSON.stringify(said)).not.toMatch(/0199|Zoe/)
  }
})

test('what failed is said with the request it failed in, and outside of requests there is no id', async () => {
  const { url, line, read, log } = await start()
  expect((await fetch(`${url}/api/v1/broken/7`, { headers: { 'x-request-id': 'four' } })).status).toBe(500)
  expect(await line('http.failed', 'four')).toMatchObject({ 'log.level': 'error', 'error.message': 'broke' })
  log.info({}, 'upkeep.done')
  expect(read().at(-1)).not.toHaveProperty('http.request.id')
})

test('the health that machines ask for is no line at the usual level', async () => {
  const { url, line } = await start()
  await fetch(`${url}/api/health`, { headers: { 'x-request-id': 'five' } })
  expect(await line('http.request', 'five')).toMatchObject({ 'log.level': 'debug' })
})

test('a request that failed in a bound route keeps its route', async () => {
  const { log, read } = lines()
  const routes = binder({
    identity: {
      person: () => Promise.reject(new Error('no database')),
    } as never,
    limit: (_req, _res, next) => next(),
    once: (_asked, work) => work(),
  })
  routes.own({ method: 'get', path: '/auth/me/:id', can: 'signed-in', data: {} } as never, (async () => ({})) as never)
  const app = httpServer({
    api: routes.router,
    others: [],
    trustedProxies: [],
    allowedOrigins: [],
    counters: memoryCounters,
    measure: openMeters().measure,
    secure: false,
    log,
  })
  const server = createServer(express().use(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/auth/me/7`, {
    headers: { authorization: 'Bearer abc' },
  })
  while (read().length < 2) await new Promise(resolve => setImmediate(resolve))
  expect(read().map(one => [one['event.action'], one['url.path']])).toEqual([
    ['http.failed', '/api/v1/auth/me/:id'],
    ['http.request', '/api/v1/auth/me/:id'],
  ])
})

const TOKEN = 'eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiIxIn0.c2ln'
for (const [text, cleaned] of [
  ['550 no such user <Zoe.Brûlé@students.example>', '550 no such user <[e-mail]>'],
  ['connect to postgres://app:s3cret@db:5432/x', 'connect to postgres://[login]@db:5432/x'],
  [`Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer [token]'],
  [`the token ${TOKEN} has expired`, 'the token [token] has expired'],
  [`key ${'aB3_'.repeat(12)}`, 'key [long]'],
  ['card 0004873520 was read, 061-2345678 called', 'card [number] was read, [number] called'],
  ['gate 0198c5f0-0000-7000-8000-000000000000 at 10.0.0.7:6379', null],
  ['select "id" from "students" where "last_name" = $1', null],
  ['no answer in 5000 ms on 2026-09-01', null],
] as const) {
  test(`said as ${cleaned ?? 'it is'}: ${text.slice(0, 40)}`, () => expect(cleanText(text)).toBe(cleaned ?? text))
}

test('what stands under a secret name is not said, however deep', () => {
  const fields = { a: { passwordHash: 'x', cardBits: 'x', refreshToken: 'x', list: [{ firstName: 'x', count: 2 }] } }
  const hidden = '[not logged]'
  expect(cleanFields(fields)).toEqual({
    a: { passwordHash: hidden, cardBits: hidden, refreshToken: hidden, list: [{ firstName: hidden, count: 2 }] },
  })
})

test('of an error the values are not said, and the rule of the database that refused them is', () => {
  const refused = Object.assign(new Error('invalid input syntax for type uuid: "Lovelace"'), {
    code: '22P02',
    constraint: 'students_number_key',
    detail: 'Key (email)=(ada@school.example) already exists.',
  })
  const told = said(refused)
  expect(told).toMatchObject({ errorCode: '22P02', constraint: 'students_number_key' })
  expect(JSON.stringify(told)).not.toMatch(/Lovelace|ada@/)
  const unread = (() => {
    try {
      return JSON.parse('{"password": hunter2}')
    } catch (problem) {
      return problem
    }
  })()
  expect(JSON.stringify(said(unread))).not.toContain('hunter2')
})
