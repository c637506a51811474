import { AccessFeed, GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { MqttClient } from 'mqtt'

export type FeedState = 'connecting' | 'live' | 'reconnecting' | 'refused'

export type FeedNeeds = {
  /** `wss://host/mqtt` */
  readonly url: string
  readonly tenant: string
  /** A good access token; `rejected` is the one that the broker just refused. Null when there is none to be had now. */
  readonly token: (rejected: string | null) => Promise<string | null>
  /** When the token given last ends, ms since 1970. The broker ends the connection with it. */
  readonly expiresAtMs: () => number
  readonly onState: (state: FeedState) => void
  readonly onAccess: (feed: AccessFeed) => void
  readonly onGates: (feed: GatesFeed) => void
}

/** A lost connection is tried again at once, then after pauses, with chance in them so that a campus does not come back in one second. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const

/** A new connection is made this long before the old one's token ends, so that nothing is seen of it. */
const RENEW_BEFORE_MS = 40_000

type Ended = 'closed' | 'token-ends' | 'stopped'

/**
 * Watches the feed until `signal` aborts. The one file that knows the `mqtt` package, which is fetched only when
 * somebody watches. What is missed between two connections is not the feed's to bring: `live` is the caller's cue to
 * read it from the service.
 */
export async function watchFeed(needs: FeedNeeds, signal: AbortSignal): Promise<void> {
  needs.onState('connecting')
  let last: Connection | null = null
  let tries = 0
  let rejected: string | null = null

  while (!signal.aborted) {
    const token = await needs.token(rejected)
    const opened: Opened = token === null ? 'failed' : await open(needs, token, signal)
    last?.end()
    last = null
    if (signal.aborted) {
      if (typeof opened === 'object') opened.end()
      return
    }
    if (opened === 'refused') return needs.onState('refused')
    rejected = opened === 'token-rejected' ? token : null
    if (typeof opened === 'string') {
      needs.onState('reconnecting')
      await pause(RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]!, signal)
      continue
    }

    tries = 0
    needs.onState('live')
    const ended = await untilEnd(opened, needs.expiresAtMs() - Date.now() - RENEW_BEFORE_MS, signal)
    if (ended === 'token-ends') last = opened
    else opened.end()
    if (ended === 'closed') needs.onState('reconnecting')
  }
}

type Connection = { readonly closed: Promise<void>; readonly end: () => void }
type Opened = Connection | 'failed' | 'token-rejected' | 'refused'

/** CONNACK 4 and 5 of MQTT 3.1.1. */
const NOT_AUTHORIZED = [4, 5]

/** SUBACK: the broker does not give this topic to this person. */
const SUBSCRIPTION_REFUSED = 0x80

async function open(needs: FeedNeeds, token: string, signal: AbortSignal): Promise<Opened> {
  const { default: mqtt } = await import('mqtt')
  if (signal.aborted) return 'failed'
  const socket = mqtt.connect(needs.url, {
    protocolVersion: 4,
    clean: true,
    clientId: `web-${randomHex()}`,
    username: 'token',
    password: token,
    keepalive: 60,
    connectTimeout: 10_000,
    reconnectPeriod: 0,
    // Its other timers live in a worker made of a blob, which our policy refuses.
    timerVariant: 'native',
  })
  const end = () => void socket.end(true)
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('message', (topic, payload) => receive(needs, topic, payload))

  const outcome = await Promise.race([subscribed(socket, needs.tenant), closed.then(() => 'failed' as const)])
  if (outcome === 'open') return { closed, end }
  end()
  return outcome
}

function subscribed(socket: MqttClient, tenant: string): Promise<'open' | 'token-rejected' | 'refused' | 'failed'> {
  return new Promise(resolve => {
    socket.once('error', error => {
      const code = 'code' in error ? error.code : null
      resolve(NOT_AUTHORIZED.includes(Number(code)) ? 'token-rejected' : 'failed')
    })
    socket.once('connect', () => {
      socket.subscribe([topics.accessFeed(tenant), topics.gatesFeed(tenant)], { qos: 0 }, (error, grants) => {
        const refused = grants?.some(grant => Number(grant.qos) === SUBSCRIPTION_REFUSED)
        resolve(refused || /refused|unspecified/i.test(error?.message ?? '') ? 'refused' : error ? 'failed' : 'open')
      })
    })
  })
}

function receive({ tenant, onAccess, onGates }: FeedNeeds, topic: string, payload: Uint8Array): void {
  const said = parse(payload)
  if (topic === topics.accessFeed(tenant)) {
    const feed = AccessFeed.safeParse(said)
    if (feed.success) onAccess(feed.data)
  } else if (topic === topics.gatesFeed(tenant)) {
    const feed = GatesFeed.safeParse(said)
    if (feed.success) onGates(feed.data)
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return null
  }
}

function untilEnd(connection: Connection, lastsMs: number, signal: AbortSignal): Promise<Ended> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve('token-ends'), Math.max(lastsMs, 1_000))
    const stop = () => resolve('stopped')
    signal.addEventListener('abort', stop, { once: true })
    void connection.closed.then(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve('closed')
    })
  })
}

/** Ends early when the browser finds the network again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms * (0.7 + Math.random() * 0.6))
    window.addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}

/** `crypto.randomUUID` is missing where the page came over plain http from another host. */
function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('')
}
