import { AccessFeed, GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { MqttClient } from 'mqtt'
import type { Opened } from './feed.ts'

export type MqttFeedNeeds = {
  /** `wss://host/mqtt` */
  readonly url: string
  readonly tenant: string
  readonly token: string
  /** Whether the school is one that was chosen: who is of a school need not name it. */
  readonly isChosen: boolean
  /** Null where only the gates are watched: a role that may not read events would be refused the other. */
  readonly onAccess: ((feed: AccessFeed) => void) | null
  readonly onGates: (feed: GatesFeed) => void
  /** Whose own topic is heard too. */
  readonly userId: string
  /** Something came into the person's own inbox. */
  readonly onOwn: () => void
}

/** CONNACK 4 and 5 of MQTT 3.1.1. */
const NOT_AUTHORIZED = [4, 5]

/** SUBACK: the broker does not give this topic to this person. */
const SUBSCRIPTION_REFUSED = 0x80

/**
 * One connection to the feed, open once all its topics are given. The one file that knows the `mqtt` package, which is
 * fetched only when somebody watches.
 */
export async function openMqttFeed(needs: MqttFeedNeeds, signal: AbortSignal): Promise<Opened> {
  const { default: mqtt } = await import('mqtt')
  if (signal.aborted) return 'failed'
  const socket = mqtt.connect(needs.url, {
    protocolVersion: 4,
    clean: true,
    clientId: `web-${randomHex()}`,
    username: needs.isChosen ? `token@${needs.tenant}` : 'token',
    password: needs.token,
    keepalive: 60,
    connectTimeout: 10_000,
    reconnectPeriod: 0,
    // Its other timers live in a worker made of a blob, which our policy refuses.
    timerVariant: 'native',
  })
  const end = () => void socket.end(true)
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('message', (topic, payload) => receive(needs, topic, payload))

  const outcome = await Promise.race([subscribed(socket, needs), closed.then(() => 'failed' as const)])
  if (outcome === 'open') return { closed, end }
  end()
  return outcome
}

function subscribed(
  socket: MqttClient,
  { tenant, userId, onAccess }: MqttFeedNeeds,
): Promise<'open' | 'token-rejected' | 'refused' | 'failed'> {
  const wanted = [
    topics.gatesFeed(tenant),
    topics.userFeed(tenant, userId),
    ...(onAccess === null ? [] : [topics.accessFeed(tenant)]),
  ]
  return new Promise(resolve => {
    socket.once('error', error => {
      const code = 'code' in error ? error.code : null
      resolve(NOT_AUTHORIZED.includes(Number(code)) ? 'token-rejected' : 'failed')
    })
    socket.once('connect', () => {
      socket.subscribe(wanted, { qos: 0 }, (error, grants) => {
        const refused = grants?.some(grant => Number(grant.qos) === SUBSCRIPTION_REFUSED)
        resolve(refused || /refused|unspecified/i.test(error?.message ?? '') ? 'refused' : error ? 'failed' : 'open')
      })
    })
  })
}

function receive(
  { tenant, userId, onAccess, onGates, onOwn }: MqttFeedNeeds,
  topic: string,
  payload: Uint8Array,
): void {
  const said = parse(payload)
  if (topic === topics.accessFeed(tenant)) {
    const feed = AccessFeed.safeParse(said)
    if (feed.success) onAccess?.(feed.data)
  } else if (topic === topics.gatesFeed(tenant)) {
    const feed = GatesFeed.safeParse(said)
    if (feed.success) onGates(feed.data)
  } else if (topic === topics.userFeed(tenant, userId)) onOwn()
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return null
  }
}

/** `crypto.randomUUID` is missing where the page came over plain http from another host. */
function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('')
}
