import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { afterAll, afterEach, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { openRedis } from '../cache/redis.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { plainRedis, startRedis } from '../testing/redis.ts'
import { openBreakers } from './breaker.ts'
import { type Counters, memoryCounters, sharedCounters } from './counters.ts'
import { addressLimit, countIn, refusedLimit, sessionLimit, signInLimits } from './limits.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A process of the cloud with one thing to ask for: `/refuse` answers 401, all else 200. */
async function server(
  limits: readonly RequestHandler[],
  {
    counters = { storeOf: memoryCounters.storeOf },
    proxies = ['127.0.0.1'],
  }: { readonly counters?: Counters; readonly proxies?: readonly string[] } = {},
) {
  const app = express()
  app.set('trust proxy', [...proxies])
  countIn(app, counters)
  app.use(express.json())
  app.use((_req, res, next) => {
    res.locals.requestId = 'r'
    next()
  })
  app.use((req, res, next) => {
    Object.assign(res.locals, { sessionId: req.get('x-session'), byKey: req.get('x-by') === 'key' })
    next()
  })
  for (const limit of limits) app.use(limit)
  app.use((req, res) => void res.status(req.path === '/refuse' ? 401 : 200).json({}))
  const http = createServer(app)
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => new Promise(resolve => http.close(resolve)),
    () => http.closeAllConnections(),
  )
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return (headers: Record<string, string> = {}, { path = '/', email }: { path?: string; email?: string } = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email }),
    })
}
type Ask = Awaited<ReturnType<typeof server>>

/** How many of `count` were let through. */
async function through(count: number, ask: () => Promise<Response>): Promise<number> {
  let passed = 0
  for (let at = 0; at < count; at++) if ((await ask()).status !== 429) passed++
  return passed
}
const from = (address: string) => ({ 'x-forwarded-for': address })

test('an address has a hundred in a quarter of an hour, and is told what is left and how long to wait', async () => {
  const ask = await server([addressLimit('Too many.')])
  const first = await ask(from('192.0.2.1'))
  expect([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual(['100', '99'])
  expect(first.headers.get('ratelimit-policy')).toBe('100;w=900')
  expect(await through(120, () => ask(from('192.0.2.1')))).toBe(99)
  const refused = await ask(from('192.0.2.1'))
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800)
  const { error } = (await refused.json()) as { error: { code: string; message: string } }
  expect(error.code).toBe('rate_limited')
  expect(error.message).toMatch(/^Too many\. Wait 1\d minutes and try again\.$/)
  expect((await ask(from('192.0.2.2'))).status).toBe(200)
})

test('an address that somebody only claims is not believed', async () => {
  const ask = await server([addressLimit('Too many.')], { proxies: ['10.0.0.0/8'] })
  let at = 0
  expect(await through(120, () => ask(from(`192.0.2.${at++}`)))).toBe(100)
})

test('behind two proxies the address before the trusted ones counts, and not what its owner wrote before it', async () => {
  const ask = await server([addressLimit('Too many.')], { proxies: ['127.0.0.1', '10.0.0.0/8'] })
  let at = 0
  expect(await through(120, () => ask(from(`203.0.113.${at++}, 192.0.2.1, 10.0.0.9`)))).toBe(100)
})

test('the addresses of one IPv6 network of 64 bits are one', async () => {
  const ask = await server([addressLimit('Too many.')])
  let at = 0
  expect(await through(120, () => ask(from(`2001:db8:0:1::${(at++).toString(16)}`)))).toBe(100)
  expect((await ask(from('2001:db8:0:2::1'))).status).toBe(200)
})

test('what was answered well counts for no limit of refusals', async () => {
  const ask = await server([refusedLimit('Too many.')])
  expect(await through(120, () => ask(from('192.0.2.1')))).toBe(120)
  expect(await through(120, () => ask(from('192.0.2.1'), { path: '/refuse' }))).toBe(100)
})

test('a session has 3,000 and a key 6,000, each its own', async () => {
  const ask = await server([sessionLimit()])
  expect((await ask({ 'x-session': 'a' })).headers.get('ratelimit-limit')).toBe('3000')
  expect((await ask({ 'x-session': 'k', 'x-by': 'key' })).headers.get('ratelimit-limit')).toBe('6000')
  expect((await ask({ 'x-session': 'b' })).headers.get('ratelimit-remaining')).toBe('2999')
})

test('an account has twenty wrong tries, wherever they come from', async () => {
  const ask = await server(signInLimits().handlers)
  let at = 0
  const wrong = () =>
    ask(from(`198.51.100.${at++}`), { path: '/refuse', email: at % 2 ? 'Ann@x.example' : ' ann@x.EXAMPLE' })
  expect(await through(40, wrong)).toBe(20)
})

needs('redis-server')('limits in Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-limits-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function redis(port?: number) {
    const started = await startRedis(folder, port === undefined ? {} : { port })
    closing.push(started.stop)
    return started
  }
  /** Another process of the cloud. */
  async function process(url: string): Promise<{ ask: Ask; isAway: () => boolean }> {
    const line = await openRedis(plainRedis(url), 'counts', memoryLog())
    const breakers = openBreakers()
    closing.push(line.close, breakers.close)
    const counters = sharedCounters({ redis: line, guarded: breakers.guarded })
    const ask = await server([refusedLimit('Too many tries.')], { counters })
    return { ask, isAway: () => !line.isOpen() }
  }
  const wrong = (ask: Ask) => () => ask(from('192.0.2.1'), { path: '/refuse' })

  test('two processes count together', async () => {
    const { url } = await redis()
    const [one, two] = [await process(url), await process(url)]
    expect(await through(60, wrong(one.ask))).toBe(60)
    expect(await through(60, wrong(two.ask))).toBe(40)
    expect((await wrong(one.ask)()).status).toBe(429)
    expect((await one.ask(from('192.0.2.2'))).status).toBe(200)
  })

  test('R-08: Redis killed and come back empty, and tries are still counted', async () => {
    const first = await redis()
    const { ask, isAway } = await process(first.url)
    expect(await through(60, wrong(ask))).toBe(60)
    await first.kill()
    expect(await through(30, wrong(ask))).toBe(30)
    await redis(first.port)
    while (isAway()) await new Promise(resolve => setTimeout(resolve, 20))
    expect(await through(60, wrong(ask))).toBe(10)
  })

  test('after a flush a process that begins anew counts in Redis again, script and all', async () => {
    const first = await redis()
    const { ask } = await process(first.url)
    await through(5, wrong(ask))
    const other = await openRedis(plainRedis(first.url), 'other', memoryLog())
    closing.push(other.close)
    await other.command('flushall')
    await other.command('script', 'flush')
    expect(await through(5, wrong(ask))).toBe(5)
    const keys = (await other.command('keys', '*')) as string[]
    expect(keys).toHaveLength(1)
    expect(await other.command('get', keys[0]!)).toBe('5')
    expect(Number(await other.command('pttl', keys[0]!))).toBeGreaterThan(800_000)
  })

  test('a Redis that hangs keeps nobody waiting for long, and is then left alone', async () => {
    const hanging = await redis()
    const { ask } = await process(hanging.url)
    await wrong(ask)()
    hanging.freeze()
    expect(await through(120, wrong(ask))).toBe(99)
    hanging.thaw()
  })
})
