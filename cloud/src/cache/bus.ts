import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { Log, PublishOptions } from '../broker/broker.ts'

/** Carries what is said to the people who watch to every process of the cloud, this one included. */
export type Bus = {
  say(topic: string, payload: string, options: PublishOptions): void
  close(): Promise<void>
}

/** Delivers to the watchers of this process. */
export type Deliver = (topic: string, payload: string, options: PublishOptions) => Promise<void>

/** One process: what is said is delivered. */
export function memoryBus({ deliver, log }: { readonly deliver: Deliver; readonly log: Log }): Bus {
  return {
    say: (topic, payload, options) => {
      deliver(topic, payload, options).catch(problem =>
        log.warn({ topic, error: messageOf(problem) }, 'feed.not_delivered'),
      )
    },
    close: async () => {},
  }
}

const CHANNEL = 'gatehouse:feed'

const Carried = z.object({
  from: z.string(),
  topic: z.string(),
  payload: z.string(),
  qos: z.union([z.literal(0), z.literal(1)]),
  retain: z.boolean(),
})

export type RedisBusNeeds = { readonly url: string; readonly deliver: Deliver; readonly log: Log }

/**
 * Several processes, by Redis. Those who watch here are told directly, so that they see what this process knows even
 * while Redis is away; the others miss it then, and find it in the database. The one file that knows `ioredis`.
 */
export async function redisBus({ url, deliver, log }: RedisBusNeeds): Promise<Bus> {
  const here = memoryBus({ deliver, log })
  const id = randomUUID()
  // What could not be sent in time is stale: nothing queues up while Redis is away.
  const options = { enableOfflineQueue: false, lazyConnect: true, maxRetriesPerRequest: 1 }
  const speaking = new Redis(url, options)
  const hearing = new Redis(url, options)
  for (const [which, client] of Object.entries({ speaking, hearing })) {
    client.on('error', (error: Error) => log.warn({ which, error: error.message }, 'redis.error'))
  }

  hearing.on('message', (_channel: string, text: string) => {
    const carried = Carried.safeParse(jsonOf(text))
    if (!carried.success || carried.data.from === id) return
    const { topic, payload, qos, retain } = carried.data
    here.say(topic, payload, { qos, retain })
  })
  // ioredis subscribes again by itself when the connection comes back.
  try {
    await Promise.all([speaking.connect(), hearing.connect()])
    await hearing.subscribe(CHANNEL)
  } catch (problem) {
    speaking.disconnect()
    hearing.disconnect()
    throw new Error(`no connection to Redis at ${new URL(url).host} (${messageOf(problem)}). Check REDIS_URL.`)
  }

  return {
    say(topic, payload, { qos = 1, retain = false }) {
      here.say(topic, payload, { qos, retain })
      const carried: z.infer<typeof Carried> = { from: id, topic, payload, qos, retain }
      speaking
        .publish(CHANNEL, JSON.stringify(carried))
        .catch(problem => log.warn({ topic, error: messageOf(problem) }, 'redis.not_carried'))
    },
    async close() {
      speaking.disconnect()
      hearing.disconnect()
    },
  }
}

const messageOf = (problem: unknown) => (problem instanceof Error ? problem.message : String(problem))

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
