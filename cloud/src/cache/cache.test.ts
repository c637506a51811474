import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { openBreakers } from '../http/breaker.ts'
import { freshPglite } from '../testing/database.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { plainRedis, startRedis } from '../testing/redis.ts'
import { type Cache, type Cached, changedInCache, openCache } from './cache.ts'
import { CACHE_SUBJECTS } from './cacheable.ts'
import { openRedis } from './redis.ts'

/** For a database and servers on a machine with other things to do. A deadline and not a measurement. */
vi.setConfig({ testTimeout: 120_000 })

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const TERMS: Cached = { subject: 'terms', schoolId: 'hillside', what: 'all' }
const clock = () => {
  const at = { nowMs: 1_800_000_000_000 }
  return { at, nowMs: () => at.nowMs }
}

/** Counts how often it is computed, and answers which time it was. */
function counted() {
  let times = 0
  return { compute: async () => ({ time: ++times }), times: () => times }
}
const changed = async (cache: Cache, schoolId: string | null = 'hillside') =>
  cache.handlers['cache.changed']([{ kind: 'cache.changed', schoolId, body: { subject: 'terms' } }])

async function alone() {
  const { at, nowMs } = clock()
  const outcomes: string[] = []
  const cache = await openCache({
    redis: null,
    version: '1',
    nowMs,
    onAsked: (subject, outcome) => outcomes.push(`${subject} ${outcome}`),
  })
  closing.push(cache.close)
  return { at, cache, outcomes }
}

test('nothing of rights, revocations, sessions, keys or the status of a pass may be kept', async () => {
  for (const subject of CACHE_SUBJECTS)
    expect(subject).not.toMatch(/right|role|grant|revo|status|pass|session|key|token|user|gate|hold/i)
  const { cache } = await alone()
  // @ts-expect-error: no such subject can be written
  const asked: Cached = { ...TERMS, subject: 'pass.status' }
  expect(cache.handlers).toHaveProperty(['cache.changed'])
  expect(asked.what).toBe('all')
})

test('one process remembers for five seconds, since it may not be the only one', async () => {
  const { at, cache, outcomes } = await alone()
  const { compute, times } = counted()
  expect(await cache.of(TERMS, compute)).toEqual({ time: 1 })
  at.nowMs += 4_999
  expect(await cache.of(TERMS, compute)).toEqual({ time: 1 })
  at.nowMs += 1
  expect(await cache.of(TERMS, compute)).toEqual({ time: 2 })
  expect(times()).toBe(2)
  expect(outcomes).toEqual(['terms computed', 'terms memory', 'terms computed'])
})

test('a change is seen at once, of this school and this subject only', async () => {
  const { cache } = await alone()
  const [mine, other, settings] = [counted(), counted(), counted()]
  const ask = async () => {
    await cache.of(TERMS, mine.compute)
    await cache.of({ ...TERMS, schoolId: 'other' }, other.compute)
    await cache.of({ ...TERMS, subject: 'school.settings' }, settings.compute)
  }
  await ask()
  await changed(cache)
  await ask()
  expect([mine.times(), other.times(), settings.times()]).toEqual([2, 1, 1])
})

test('those who ask together wait for one computation, and a failure is kept for nobody', async () => {
  const { cache } = await alone()
  const gate = Promise.withResolvers<void>()
  let times = 0
  const fails = async () => {
    times++
    await gate.promise
    throw new Error('the database is away')
  }
  const asked = Array.from({ length: 50 }, () => cache.of(TERMS, fails).catch((problem: Error) => problem.message))
  gate.resolve()
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['the database is away']))
  expect(times).toBe(1)
  expect(await cache.of(TERMS, async () => 'well')).toBe('well')
})

test('what was being computed when the change came is not what is found afterwards', async () => {
  const { cache } = await alone()
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const old = cache.of(TERMS, async () => {
    begun.resolve()
    await gate.promise
    return 'old'
  })
  await begun.promise
  await changed(cache)
  gate.resolve()
  expect(await old).toBe('old')
  expect(await cache.of(TERMS, async () => 'new')).toBe('new')
})

test('a change leaves with its transaction and not without it', async () => {
  const database = await freshPglite()
  closing.push(() => database[Symbol.asyncDispose]())
  const { cache } = await alone()
  const { compute, times } = counted()
  const asked: Cached = { ...TERMS, schoolId: null }
  const drain = await drainOutbox({
    database,
    handlers: cache.handlers,
    onProblem: problem => {
      throw problem
    },
  })
  closing.push(drain.stop)

  await cache.of(asked, compute)
  await inSchool(database.db, null, async tx => {
    await changedInCache(tx, null, 'terms')
    throw new Error('rolled back')
  }).catch(() => {})
  await drain.now()
  await cache.of(asked, compute)
  expect(times()).toBe(1)
  await inSchool(database.db, null, tx => changedInCache(tx, null, 'terms'))
  await drain.now()
  await cache.of(asked, compute)
  expect(times()).toBe(2)
})

needs('redis-server')('the cache of several processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cache-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function redis(port?: number) {
    const started = await startRedis(folder, port === undefined ? {} : { port })
    closing.push(started.stop)
    return started
  }
  async function process(url: string, version = '1') {
    const { at, nowMs } = clock()
    const breakers = openBreakers()
    const open = (name: string) => openRedis(plainRedis(url), name, memoryLog())
    const cache = await openCache({ redis: { open, guarded: breakers.guarded, commandMs: 10_000 }, version, nowMs })
    closing.push(breakers.close, cache.close)
    return { at, cache }
  }
  /** Asks until the answer is another one than before. */
  async function until(ask: () => Promise<unknown>, wanted: unknown) {
    while (JSON.stringify(await ask()) !== JSON.stringify(wanted)) await new Promise(resolve => setTimeout(resolve, 20))
  }

  test('what one computed the other finds, and another build does not', async () => {
    const { url } = await redis()
    const [one, two, newer] = [await process(url), await process(url), await process(url, '2')]
    const { compute, times } = counted()
    expect(await one.cache.of(TERMS, compute)).toEqual({ time: 1 })
    expect(await two.cache.of(TERMS, compute)).toEqual({ time: 1 })
    expect(times()).toBe(1)
    expect(await newer.cache.of(TERMS, compute)).toEqual({ time: 2 })
  })

  test('a change that one process handles is seen by the others, whose memory holds for 300 s otherwise', async () => {
    const { url } = await redis()
    const [one, two] = [await process(url), await process(url)]
    const { compute } = counted()
    for (const { cache } of [one, two]) await cache.of(TERMS, compute)
    two.at.nowMs += 299_000
    const never = async () => 'computed for nothing'
    expect(await two.cache.of(TERMS, never)).toEqual({ time: 1 })
    await changed(one.cache)
    await until(() => two.cache.of(TERMS, async () => 'anew'), 'anew')
    expect(await one.cache.of(TERMS, never)).toBe('anew')
  })

  test('of two processes that need it at once, one computes', async () => {
    const { url } = await redis()
    const [one, two] = [await process(url), await process(url)]
    const gate = Promise.withResolvers<void>()
    let times = 0
    const begun = Promise.withResolvers<void>()
    const compute = async () => {
      times++
      begun.resolve()
      await gate.promise
      return 'once'
    }
    const first = one.cache.of(TERMS, compute)
    await begun.promise
    const second = two.cache.of(TERMS, compute)
    gate.resolve()
    expect([await first, await second, times]).toEqual(['once', 'once', 1])
  })

  test('while Redis is away it is computed here and held for five seconds, and a change waits for its return', async () => {
    const first = await redis()
    const { at, cache } = await process(first.url)
    const { compute, times } = counted()
    await cache.of(TERMS, compute)
    await first.kill()
    await until(
      () =>
        changed(cache).then(
          () => 'told',
          () => 'not told',
        ),
      'not told',
    )
    expect(await cache.of(TERMS, compute)).toEqual({ time: 2 })
    expect(await cache.of(TERMS, compute)).toEqual({ time: 2 })
    at.nowMs += 5_001
    expect(await cache.of(TERMS, compute)).toEqual({ time: 3 })
    expect(times()).toBe(3)
    await redis(first.port)
    await until(
      () =>
        changed(cache).then(
          () => 'told',
          () => 'not told',
        ),
      'told',
    )
  })

  test('no key holds what somebody typed', async () => {
    const { url } = await redis()
    const { cache } = await process(url)
    await cache.of({ ...TERMS, what: 'search=Zoë Visser' }, async () => [])
    const looking = await openRedis(plainRedis(url), 'looking', memoryLog())
    closing.push(looking.close)
    const keys = (await looking.command('keys', '*')) as string[]
    expect(keys.toSorted().map(key => key.replace(/[0-9a-f-]{36}/, 'generation'))).toEqual([
      expect.stringMatching(/^gatehouse:cache:1:hillside:terms:generation:[\w-]{22}$/),
      'gatehouse:generation:hillside:terms',
    ])
  })
})
