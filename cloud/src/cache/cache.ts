import { createHash, randomUUID } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { leave, type OutboxHandlers } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import { CACHEABLE, type CacheSubject } from './cacheable.ts'
import type { RedisLine } from './redis.ts'

export type CacheOutcome = 'memory' | 'shared' | 'computed'

export type Cached = {
  readonly subject: CacheSubject
  /** Null: no school's. */
  readonly schoolId: string | null
  /** What is asked of the subject, written one way only: filters in their order. */
  readonly what: string
}

export type Cache = {
  /** The kept value, or what `compute` says, which one caller does for all who ask meanwhile. JSON; callers do not change it. */
  of<Value>(asked: Cached, compute: () => Promise<Value>): Promise<Value>
  /** For the outbox: what was committed as changed is asked anew, here and in every other process. */
  readonly handlers: Required<Pick<OutboxHandlers, 'cache.changed'>>
  close(): void
}

/** Says in the transaction that changes it that what is kept of it no longer holds. */
export function changedInCache(tx: Tx, schoolId: string | null, subject: CacheSubject): Promise<void> {
  return leave(tx, schoolId, 'cache.changed', { subject })
}

export type CacheNeeds = {
  /** Null: this process alone. `open` gives a line of that name. */
  readonly redis: {
    open(name: string): Promise<RedisLine>
    readonly guarded: Guarded
    /** Longer is not waited for. */
    readonly commandMs?: number
  } | null
  /** Of this build: another one may keep other shapes. */
  readonly version: string
  readonly nowMs: () => number
  readonly onAsked?: (subject: CacheSubject, outcome: CacheOutcome) => void
}

/** What a process remembers without asking, where it hears of changes, and where it does not. */
const MEMORY_MS_HEARING = 300_000
const MEMORY_MS_DEAF = 5_000
const MEMORY_BYTES_MAX = 64 * 1024 * 1024
/** More is computed again rather than carried about. */
const SHARED_BYTES_MAX = 256 * 1024
const COMMAND_MS_MAX = 500
const LOCK_MS = 5_000
const LOOK_AGAIN_MS = 50
/** One that ran out is followed by another; what was kept under it has run out by then. */
const GENERATION_S = 7 * 86_400
const CHANNEL = 'gatehouse:cache'

type Kept = { readonly value: unknown; readonly bytes: number; readonly untilMs: number; readonly deafUntilMs: number }

/**
 * Two levels, memory and Redis. The key of a value holds the generation of its subject in its school; a change makes
 * another generation, and what was kept under the last is never asked for again, whoever was still computing it.
 * A Redis that is away costs a computation and nothing else.
 */
export async function openCache({ redis, version, nowMs, onAsked = () => {} }: CacheNeeds): Promise<Cache> {
  const memory = new LRUCache<string, Kept>({ maxSize: MEMORY_BYTES_MAX, sizeCalculation: ({ bytes }) => bytes + 200 })
  /** Generations as last seen; forgotten when a change is heard, or may have been missed. */
  const generations = new LRUCache<string, { readonly generation: string; readonly atMs: number }>({ max: 50_000 })
  const asking = new Map<string, Promise<string>>()
  const computing = new Map<string, Promise<unknown>>()
  /** Counts what was heard: an answer that was on its way meanwhile may be from before. */
  let heard = 0
  let closed = false

  const lines =
    redis === null ? null : { speaking: await redis.open('cache'), hearing: await redis.open('cache-hearing') }
  lines?.hearing.onTurned(() => {
    heard++
    generations.clear()
  })
  await lines?.hearing.hear(CHANNEL, of => {
    heard++
    generations.delete(of)
  })
  const hears = () => lines?.hearing.isOpen() === true

  /** Null: Redis is away, or there is none. */
  const ask = async (first: string, ...words: (string | number)[]): Promise<unknown> => {
    if (redis === null || lines === null) return null
    return redis
      .guarded('redis', { timeoutMs: redis.commandMs ?? COMMAND_MS_MAX }, () => lines.speaking.command(first, ...words))
      .catch(() => null)
  }

  const askGeneration = async (of: string, seen: string | undefined): Promise<string> => {
    const before = heard
    const mine = randomUUID()
    const key = generationKey(of)
    let shared = await ask('get', key)
    if (shared === null) {
      const isMine = (await ask('set', key, mine, 'NX', 'EX', GENERATION_S)) === 'OK'
      shared = isMine ? mine : await ask('get', key)
    }
    // Without Redis the last one seen goes on for its few seconds more, and a first one is this process's own.
    const generation = typeof shared === 'string' ? shared : (seen ?? mine)
    if (heard === before) generations.set(of, { generation, atMs: nowMs() })
    return generation
  }
  const generationOf = (of: string): string | Promise<string> => {
    const seen = generations.get(of)
    if (seen !== undefined && (hears() || lines === null || nowMs() - seen.atMs < MEMORY_MS_DEAF))
      return seen.generation
    const begun = asking.get(of)
    if (begun !== undefined) return begun
    const work = askGeneration(of, seen?.generation).finally(() => asking.delete(of))
    asking.set(of, work)
    return work
  }

  const kept = (key: string): Kept | undefined => {
    const found = memory.get(key)
    if (found === undefined) return undefined
    const now = nowMs()
    return now < found.untilMs && (hears() || now < found.deafUntilMs) ? found : undefined
  }
  const keep = (key: string, text: string, ttlMs: number) => {
    const now = nowMs()
    memory.set(key, {
      value: JSON.parse(text),
      bytes: Buffer.byteLength(text),
      untilMs: now + Math.min(ttlMs, MEMORY_MS_HEARING),
      deafUntilMs: now + Math.min(ttlMs, MEMORY_MS_DEAF),
    })
  }

  /** Of several processes that need a value one computes it; who waits longer than its lock computes it too. */
  const once = async (key: string, ttlMs: number, compute: () => Promise<unknown>) => {
    const until = nowMs() + LOCK_MS
    for (;;) {
      const found = await ask('get', key)
      if (typeof found === 'string') return { text: found, outcome: 'shared' as const }
      if (lines === null || (await ask('set', `${key}:lock`, '1', 'NX', 'PX', LOCK_MS)) === 'OK') break
      if (nowMs() >= until || !lines.speaking.isOpen()) break
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
    }
    try {
      const text = JSON.stringify(await compute())
      if (Buffer.byteLength(text) <= SHARED_BYTES_MAX) await ask('set', key, text, 'PX', ttlMs)
      return { text, outcome: 'computed' as const }
    } finally {
      await ask('del', `${key}:lock`)
    }
  }

  return {
    async of<Value>({ subject, schoolId, what }: Cached, compute: () => Promise<Value>): Promise<Value> {
      const of = subjectKey(schoolId, subject)
      const key = `gatehouse:cache:${version}:${of}:${await generationOf(of)}:${digest(what)}`
      const found = kept(key)
      if (found !== undefined) {
        onAsked(subject, 'memory')
        return found.value as Value
      }
      const begun = computing.get(key)
      if (begun !== undefined) {
        onAsked(subject, 'memory')
        return begun as Promise<Value>
      }
      const ttlMs = CACHEABLE[subject] * 1000
      const work = once(key, ttlMs, compute)
        .then(({ text, outcome }) => {
          onAsked(subject, outcome)
          if (!closed) keep(key, text, ttlMs)
          return JSON.parse(text) as Value
        })
        .finally(() => computing.delete(key))
      computing.set(key, work)
      return work
    },
    handlers: {
      async 'cache.changed'(rows) {
        for (const of of new Set(rows.map(({ schoolId, body }) => subjectKey(schoolId, body.subject)))) {
          const generation = randomUUID()
          heard++
          asking.delete(of)
          generations.set(of, { generation, atMs: nowMs() })
          if (redis === null || lines === null) continue
          // Fails where Redis is away, and is handed out again: the others must come to know.
          await redis.guarded('redis', { timeoutMs: redis.commandMs ?? COMMAND_MS_MAX }, async () => {
            await lines.speaking.command('set', generationKey(of), generation, 'EX', GENERATION_S)
            await lines.speaking.command('publish', CHANNEL, of)
          })
        }
      },
    },
    close() {
      closed = true
      lines?.speaking.close()
      lines?.hearing.close()
    },
  }
}

const generationKey = (of: string) => `gatehouse:generation:${of}`
const subjectKey = (schoolId: string | null, subject: string) => `${schoolId ?? 'none'}:${subject}`

/** Filters hold what people typed; a key does not. */
const digest = (what: string) => createHash('sha256').update(what).digest('base64url').slice(0, 22)
