import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Log, PublishOptions } from '../broker/broker.ts'
import type { RedisLine } from './redis.ts'

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

export type RedisBusNeeds = {
  /** Opens a line of that name. */
  readonly open: (name: string) => Promise<RedisLine>
  readonly deliver: Deliver
  readonly log: Log
}

/**
 * Several processes, by Redis. Those who watch here are told directly, so that they see what this process knows even
 * while Redis is away; the others miss it then, and find it in the database.
 */
export async function redisBus({ open, deliver, log }: RedisBusNeeds): Promise<Bus> {
  const here = memoryBus({ deliver, log })
  const id = randomUUID()
  const speaking = await open('feed')
  const hearing = await open('feed-hearing').catch(problem => {
    speaking.close()
    throw problem
  })
  await hearing.hear(CHANNEL, text => {
    const carried = Carried.safeParse(jsonOf(text))
    if (!carried.success || carried.data.from === id) return
    const { topic, payload, qos, retain } = carried.data
    here.say(topic, payload, { qos, retain })
  })

  return {
    say(topic, payload, { qos = 1, retain = false }) {
      here.say(topic, payload, { qos, retain })
      const carried: z.infer<typeof Carried> = { from: id, topic, payload, qos, retain }
      speaking
        .command('publish', CHANNEL, JSON.stringify(carried))
        .catch(problem => log.warn({ topic, error: messageOf(problem) }, 'redis.not_carried'))
    },
    async close() {
      speaking.close()
      hearing.close()
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
