import type { Options, Store } from 'express-rate-limit'
import { LRUCache } from 'lru-cache'
import { RedisStore } from 'rate-limit-redis'
import type { RedisLine } from '../cache/redis.ts'
import type { Guarded } from './breaker.ts'

/** Counts a process remembers for each limit; the one asked about longest ago goes. */
const COUNTS_MAX = 100_000
const COMMAND_MS_MAX = 500

/** Where limits count. */
export type Counters = {
  /** `limit`: what is counted, the same in every process. */
  storeOf(limit: string): Store
}

/** One process counts for itself. */
export const memoryCounters: Counters = { storeOf: () => memoryStore() }

/**
 * Every process counts in Redis, and for itself too: while Redis is away, and after it came back with nothing, what
 * this process has seen still counts. Those that are limited cannot wait for a Redis that hangs: that is a failure
 * of the service `redis`. The one file that knows `rate-limit-redis`.
 */
export function sharedCounters({ redis, guarded }: { readonly redis: RedisLine; readonly guarded: Guarded }): Counters {
  return {
    storeOf(limit) {
      const here = memoryStore()
      const prefix = `gatehouse:limit:${limit}:`
      let options: Options | null = null
      let opening: Promise<RedisStore> | null = null

      /** The package keeps the failure of its first try for ever, so it is opened when needed, and again after a failure. */
      const opened = () => {
        opening ??= (async () => {
          const store = new RedisStore({
            prefix,
            sendCommand: (first, ...words) => redis.command(first!, ...words) as never,
          })
          await store.init(options!)
          return store
        })()
        return opening
      }
      const shared = async <Answer>(call: (store: RedisStore) => Promise<Answer>): Promise<Answer | null> => {
        try {
          return await guarded('redis', { timeoutMs: COMMAND_MS_MAX }, async () => call(await opened()))
        } catch {
          opening = null
          return null
        }
      }

      return {
        prefix,
        init(told) {
          options = told
          here.init!(told)
        },
        async increment(key) {
          const mine = await here.increment(key)
          const ours = await shared(store => store.increment(key))
          return ours === null || ours.totalHits < mine.totalHits ? mine : ours
        },
        async decrement(key) {
          await here.decrement(key)
          await shared(store => store.decrement(key))
        },
        async resetKey(key) {
          await here.resetKey(key)
          await shared(store => store.resetKey(key))
        },
      }
    },
  }
}

type Count = { hits: number; readonly untilMs: number }

/** Counts in windows that begin with the first hit. The package's own has no end of keys. */
function memoryStore(): Store {
  const counts = new LRUCache<string, Count>({ max: COUNTS_MAX })
  let windowMs = 0
  return {
    localKeys: true,
    init(options) {
      windowMs = options.windowMs
    },
    increment(key) {
      const now = Date.now()
      const kept = counts.get(key)
      const count = kept !== undefined && kept.untilMs > now ? kept : { hits: 0, untilMs: now + windowMs }
      count.hits++
      counts.set(key, count)
      return { totalHits: count.hits, resetTime: new Date(count.untilMs) }
    },
    decrement(key) {
      const count = counts.get(key)
      if (count !== undefined && count.hits > 0) count.hits--
    },
    resetKey: key => void counts.delete(key),
  }
}
