import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer, type Server } from 'node:tls'
import { GATE_ID } from '@gatehouse/shared/wire/topics.ts'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { type Identity, mayPublish, mayReceive, mayRetain, objectionToFilter } from './access.ts'
import type { ServerCertificate } from './authority.ts'
import type { Broker, Log, Message } from './broker.ts'
import { byteLimiter, type LimitedStream } from './byte-limiter.ts'
import { connectionCount, type Place } from './connection-count.ts'
import { type Asked, type IdentifyNeeds, identify } from './identify.ts'
import { webSocketDoor } from './web-socket-door.ts'

/** A CONNECT with a token and a last will is below 4 KB. */
const CONNECT_BYTES_MAX = 16 * 1024
/** A batch of events is below 240 KB (`shared/events/batch.ts`). */
const PACKET_BYTES_MAX = 256 * 1024
/** Watchers only say what they want to hear. */
const WATCHER_BYTES_MAX = 16 * 1024

/** TLS handshake, and CONNECT after it. */
const CONNECT_DEADLINE_MS = 10_000
/** A school is often one address to us. */
const CONNECTIONS_PER_ADDRESS_MAX = 1000
const UNACCEPTED_PER_ADDRESS_MAX = 50

/** Node's timers take 31 bits of milliseconds; an access key lives for a year. */
const TIMER_MS_MAX = 2_147_483_647

const SERVER_UNAVAILABLE = 3

export type EmbeddedBrokerNeeds = IdentifyNeeds & {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly certificate: ServerCertificate
  /** Whether a browser's page of this origin may watch; the host it asks by default. */
  readonly isOwnOrigin?: ((origin: string, request: IncomingMessage) => boolean) | undefined
  /** The address behind a trusted proxy; that of the socket by default. */
  readonly addressOf?: ((request: IncomingMessage) => string) | undefined
  readonly log: Log
  readonly connectDeadlineMs?: number
  readonly unacceptedPerAddressMax?: number
}

export type EmbeddedBroker = Broker & {
  readonly port: number
  /** Whether gates can connect now. */
  isUp(): boolean
  /** For `upgrade` of the HTTP server; true when the request was ours (path /mqtt), whatever became of it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Takes a renewed certificate; connections go on. */
  renew(certificate: ServerCertificate): void
  /** Closes every connection that this is true of. */
  end(which: (identity: Identity) => boolean): void
}

/** What we know of a connection. aedes' own fields are what the other end said. */
type Seat = {
  readonly stream: LimitedStream
  readonly place: Place
  readonly isWebSocket: boolean
  /** What its CONNECT asked for, before anything was checked. */
  asked: Asked
  /** Null until it has shown who it is. */
  identity: Identity | null
}

/** aedes in this process, behind the limiter: a TLS listener for gates and programs, a WebSocket for browsers. The one file that knows `aedes`. */
export async function openEmbeddedBroker(needs: EmbeddedBrokerNeeds): Promise<EmbeddedBroker> {
  const { log, connectDeadlineMs = CONNECT_DEADLINE_MS } = needs
  const addressOf = needs.addressOf ?? (request => request.socket.remoteAddress ?? 'unknown')
  const door = webSocketDoor({ messageBytesMax: WATCHER_BYTES_MAX, isOwnOrigin: needs.isOwnOrigin, log })
  const connections = connectionCount({
    perAddressMax: CONNECTIONS_PER_ADDRESS_MAX,
    unacceptedMax: needs.unacceptedPerAddressMax ?? UNACCEPTED_PER_ADDRESS_MAX,
  })
  const open = new Set<Client>()
  // Weak: a last will is asked about after the connection is gone.
  const seats = new WeakMap<Client, Seat>()
  const identityOf = (client: Client): Identity | null => seats.get(client)?.identity ?? null
  let watchers = 0

  const aedes = await Aedes.createBroker({
    // The limiter keeps the deadline, from the first byte on.
    connectTimeout: connectDeadlineMs * 2,
    preConnect(client, packet, done) {
      const seat = seats.get(client)
      if (seat === undefined) return done(new Error('already gone'), false)
      seat.asked = { clientId: packet.clientId, willTopic: packet.will?.topic ?? null, isWebSocket: seat.isWebSocket }
      // Until it has shown who it is a client has no name that means something: aedes would look up, and at a
      // refusal tidy away, the session of whoever is called so.
      packet.clientId = `unknown:${crypto.randomUUID()}`
      if (isPersons(packet.username)) packet.clean = true
      done(null, true)
    },
    authenticate(client, username, password, done) {
      const seat = seats.get(client)
      if (seat === undefined) return done(refusal(SERVER_UNAVAILABLE), false)
      identify(needs, seat.asked, username ?? '', password?.toString() ?? '').then(
        answer => {
          if (!answer.ok) {
            log.warn({ username: saidName(username), why: answer.failure.why }, 'mqtt.login_refused')
            return done(refusal(answer.failure.returnCode), false)
          }
          const { identity, expiresAtMs } = answer.value
          seat.identity = identity
          // A person's client id is ours: nobody can take over a gate's connection, or another person's.
          client.id = identity.kind === 'gate' ? identity.gateId : `person:${++watchers}`
          if (expiresAtMs !== null) endAt(client, seat.stream, expiresAtMs)
          done(null, true)
        },
        (error: Error) => {
          log.error({ error: error.message }, 'mqtt.check_failed')
          done(refusal(SERVER_UNAVAILABLE), false)
        },
      )
    },
    authorizePublish(client, packet, done) {
      // The broker's own messages, and those of the cloud.
      if (client === null) return done(null)
      const identity = identityOf(client)
      if (identity === null || !mayPublish(identity, packet.topic)) {
        log.warn({ ...nameOf(identity), topic: saidTopic(packet.topic) }, 'mqtt.publish_refused')
        return done(new Error('not a topic of this client'))
      }
      if (packet.retain && !mayRetain(identity, packet.topic)) packet.retain = false
      done(null)
    },
    authorizeSubscribe(client, subscription, done) {
      const identity = identityOf(client)
      const objection = identity === null ? { right: '' } : objectionToFilter(identity, subscription.topic)
      if (objection === null) return done(null, subscription)
      const filter = saidTopic(subscription.topic)
      log.warn({ ...nameOf(identity), filter, right: objection.right }, 'mqtt.subscription_refused')
      done(null, null)
    },
    authorizeForward(client, packet) {
      const identity = identityOf(client)
      return identity !== null && mayReceive(identity, packet.topic) ? packet : null
    },
  })

  function take(below: Duplex, address: string, packetBytesMax: number, isWebSocket: boolean): void {
    const place = connections.enter(address)
    if (place === null) {
      log.warn({ address }, 'mqtt.too_many_connections')
      below.on('error', () => {})
      below.destroy()
      return
    }
    const stream = byteLimiter(below, {
      connectBytesMax: CONNECT_BYTES_MAX,
      packetBytesMax,
      connectDeadlineMs,
      onRefused: why => log.warn({ address, why }, 'mqtt.connection_refused'),
    })
    const client = aedes.handle(stream)
    const asked = { clientId: '', willTopic: null, isWebSocket }
    seats.set(client, { stream, place, isWebSocket, asked, identity: null })
    open.add(client)
    stream.once('close', () => {
      open.delete(client)
      place.leave()
    })
  }

  aedes.on('clientReady', client => {
    const seat = seats.get(client)
    seat?.place.accepted()
    seat?.stream.accept()
    log.info(nameOf(identityOf(client)), 'mqtt.connected')
  })
  aedes.on('clientDisconnect', client => log.info(nameOf(identityOf(client)), 'mqtt.disconnected'))
  aedes.on('clientError', (client, { message }) =>
    log.warn({ ...nameOf(identityOf(client)), error: message }, 'mqtt.client_error'),
  )
  aedes.on('connectionError', (_client, { message }) => log.warn({ error: message }, 'mqtt.connection_error'))

  const tls = createServer({ ...needs.certificate, handshakeTimeout: connectDeadlineMs }, socket => {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    take(socket, socket.remoteAddress ?? 'unknown', PACKET_BYTES_MAX, false)
  })
  tls.on('tlsClientError', ({ message }, { remoteAddress }) =>
    log.info({ address: remoteAddress, error: message }, 'mqtt.tls_failed'),
  )
  await listen(tls, needs.port, needs.host)

  return {
    port: (tls.address() as AddressInfo).port,
    isUp: () => tls.listening,
    publish: (topic, payload, { qos = 1, retain = false } = {}) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false } as const
        aedes.publish(packet, error => (error ? reject(error) : resolve()))
      }),
    async subscribe(filter, hear) {
      const take = (message: Message) =>
        hear(message).catch(({ message: error }: Error) =>
          log.error({ topic: message.topic, error }, 'mqtt.listener_failed'),
        )
      await new Promise<void>(resolve => {
        const deliver = ({ topic, payload }: { topic: string; payload: string | Buffer }, done: () => void) =>
          void take({ topic, payload: payload as Buffer, retained: false }).then(done)
        aedes.subscribe(filter, deliver, resolve)
      })
      // A gate may have connected, and said how it is, before anybody listened.
      for await (const { topic, payload } of retainedOf(aedes, filter)) await take({ topic, payload, retained: true })
    },
    upgrade: (request, socket, head) =>
      door.upgrade(request, socket, head, stream => take(stream, addressOf(request), WATCHER_BYTES_MAX, true)),
    renew: certificate => tls.setSecureContext(certificate),
    end(which) {
      for (const client of open) {
        const identity = identityOf(client)
        if (identity !== null && which(identity)) client.close()
      }
    },
    async close() {
      const stopped = new Promise(resolve => tls.close(resolve))
      await new Promise<void>(resolve => aedes.close(resolve))
      for (const client of open) client.conn.destroy()
      door.close()
      await stopped
    },
  }
}

function endAt(client: Client, stream: Duplex, atMs: number): void {
  let timer: NodeJS.Timeout
  const wait = () => {
    const leftMs = atMs - Date.now()
    if (leftMs <= 0) client.close()
    else timer = setTimeout(wait, Math.min(leftMs, TIMER_MS_MAX)).unref()
  }
  wait()
  stream.once('close', () => clearTimeout(timer))
}

/** What is kept for newcomers. aedes gives it to clients only, and its types do not say where it is. */
function retainedOf(aedes: Aedes, filter: string): AsyncIterable<{ topic: string; payload: Buffer }> {
  type Kept = { createRetainedStream(filter: string): AsyncIterable<{ topic: string; payload: Buffer }> }
  return (aedes as unknown as { persistence: Kept }).persistence.createRetainedStream(filter)
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `port ${port} for MQTT is in use by another program. Set GATEHOUSE_MQTT_PORT to a free one.`
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error)
    })
    server.listen(port, host, resolve)
  })
}

/** People put their key where the name goes; what is no name of ours is not repeated. */
function saidName(username: string | undefined): string {
  if (isPersons(username)) return username
  return username !== undefined && GATE_ID.test(username) ? username : '(other)'
}

/** Levels as ours are written; whatever else somebody put in a topic is not for the log. */
function saidTopic(topic: string): string {
  const levels = topic.slice(0, 200).split('/')
  return levels.map(level => (/^(?:[a-z0-9-]{0,40}|\+|#|\$[A-Za-z]{1,20})$/.test(level) ? level : '(other)')).join('/')
}

const isPersons = (username: string | undefined): username is 'token' | 'key' =>
  username === 'token' || username === 'key'

function refusal(returnCode: number): AuthenticateError {
  return Object.assign(new Error('login refused'), { returnCode })
}

function nameOf(identity: Identity | null): { gateId?: string; userId?: string } {
  if (identity === null) return {}
  return identity.kind === 'gate' ? { gateId: identity.gateId } : { userId: identity.userId }
}
