import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type MemoryLog, memoryLog } from '../testing/memory-log.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { openAuthority, type ServerCertificate } from './authority.ts'
import { type EmbeddedBroker, openEmbeddedBroker } from './embedded-broker.ts'

const NORTH = 'gate-north'
const SOUTH = 'gate-south'
const SECRETS: Record<string, string> = { [NORTH]: 'secret-north', [SOUTH]: 'secret-south' }
const guard = { userId: 'u-guard', tenant: 'hillside', role: 'security', endsWith: 's-guard' } as const

let ca: string
let certificate: ServerCertificate
let log: MemoryLog
let broker: EmbeddedBroker
let http: Server
let httpPort: number
let tokenEndsAtMs: number
const peers: MqttPeer[] = []

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-broker-'))
  const authority = await openAuthority({ folder, hosts: [] })
  ca = authority.ca
  certificate = await authority.serverCertificate()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  log = memoryLog()
  tokenEndsAtMs = Date.now() + 60_000
  broker = await openEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    certificate,
    checkGate: async (gateId, password) =>
      SECRETS[gateId] === password ? { tenant: 'hillside', scope: 'main' } : null,
    checkToken: async token => (token === 'good' ? { ...guard, expiresAtMs: tokenEndsAtMs } : null),
    checkKey: async key => {
      if (key === 'ghk_other') return { ...guard, userId: 'u-other', endsWith: 'k-other', expiresAtMs: tokenEndsAtMs }
      return key === 'ghk_good' ? { ...guard, endsWith: 'k-good', expiresAtMs: 4_000_000_000_000 } : null
    },
    log,
    connectDeadlineMs: 2_000,
    unacceptedPerAddressMax: 5,
  })
  http = createServer()
  http.on('upgrade', (request, socket, head) => {
    if (!broker.upgrade(request, socket, head)) socket.destroy()
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  httpPort = (http.address() as AddressInfo).port
})

afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.end()
  await broker.close()
  await new Promise(resolve => http.close(resolve))
})

async function peer(options: Parameters<typeof mqttPeer>[1], url = `mqtts://127.0.0.1:${broker.port}`) {
  const made = await mqttPeer(url, { ca, ...options })
  peers.push(made)
  return made
}
const gate = (gateId: string, more: Parameters<typeof mqttPeer>[1] = {}) =>
  peer({ clientId: gateId, username: gateId, password: SECRETS[gateId]!, ...more })
const watcher = (more: Parameters<typeof mqttPeer>[1] = {}) => peer({ username: 'token', password: 'good', ...more })
const browser = (more: Parameters<typeof mqttPeer>[1] = {}) =>
  peer({ username: 'token', password: 'good', ...more }, `ws://127.0.0.1:${httpPort}/mqtt`)

const own = (gateId: string, what: string) => `gatehouse/hillside/${gateId}/${what}`

describe('who gets in', () => {
  test('a gate with its own password, and what it says reaches the cloud', async () => {
    const said = new Promise<string>(tell => {
      void broker.subscribe('gatehouse/+/+/events', async ({ topic, payload }) =>
        tell(`${topic} ${Buffer.from(payload)}`),
      )
    })
    await (await gate(NORTH)).publish(own(NORTH, 'events'), 'a batch')
    expect(await said).toBe('gatehouse/hillside/gate-north/events a batch')
  })

  for (const [why, options] of [
    ['a wrong password', { clientId: NORTH, username: NORTH, password: 'secret-south' }],
    ['no password', { clientId: NORTH, username: NORTH }],
    ['no name', { clientId: NORTH }],
    [
      'another gate’s credentials with the same client id',
      { clientId: NORTH, username: SOUTH, password: 'secret-south' },
    ],
    ['a client id of +', { clientId: '+', username: '+', password: '' }],
    ['a client id of #', { clientId: '#', username: NORTH, password: 'secret-north' }],
    ['a gate that nobody knows', { clientId: 'gate-elsewhere', username: 'gate-elsewhere', password: 'x' }],
    ['a token that is none', { username: 'token', password: 'bad' }],
    ['a token as a key', { username: 'key', password: 'good' }],
    [
      'a last will on another gate’s topic',
      {
        clientId: NORTH,
        username: NORTH,
        password: 'secret-north',
        will: { topic: own(SOUTH, 'state'), payload: Buffer.from('{"online":false}'), qos: 1 as const, retain: true },
      },
    ],
    [
      'a person with a last will',
      {
        username: 'token',
        password: 'good',
        will: { topic: 'feed/hillside/access', payload: Buffer.from('{}'), qos: 0 as const, retain: false },
      },
    ],
  ] as const) {
    test(`not ${why}`, async () => {
      await expect(peer(options)).rejects.toThrow(/Connection refused/)
    })
  }

  test('not a gate over WebSocket', async () => {
    const options = { clientId: NORTH, username: NORTH, password: 'secret-north' }
    await expect(peer(options, `ws://127.0.0.1:${httpPort}/mqtt`)).rejects.toThrow(/Connection refused/)
  })

  test('not a page of another site', async () => {
    const there = browser({ wsOptions: { origin: 'https://elsewhere.example' } })
    await expect(there).rejects.toThrow()
    expect(await log.said('mqtt.origin_refused')).toEqual({ origin: 'https://elsewhere.example' })
    await expect(browser({ wsOptions: { origin: `http://127.0.0.1:${httpPort}` } })).resolves.toBeDefined()
  })

  test('a login that is refused says why in the log, without the password', async () => {
    await expect(peer({ clientId: NORTH, username: NORTH, password: 'hunter2' })).rejects.toThrow()
    expect(await log.said('mqtt.login_refused')).toEqual({ username: NORTH, why: 'gate_or_password_unknown' })
    expect(JSON.stringify(log.lines)).not.toContain('hunter2')
  })

  test('a refused login neither ends a gate’s connection nor takes its queue', async () => {
    const north = await gate(NORTH, { clean: false })
    await north.subscribe(own(NORTH, 'acks'))
    await north.end()
    for (const username of [NORTH, SOUTH]) {
      const thief = { clientId: NORTH, username, password: 'secret-south', clean: true }
      await expect(peer(thief)).rejects.toThrow(/Connection refused/)
    }
    await broker.publish(own(NORTH, 'acks'), 'ack 1')
    const again = await gate(NORTH, { clean: false })
    expect((await again.hears(() => true)).text).toBe('ack 1')
  })

  test('a person who calls herself like a gate does not end its connection', async () => {
    const north = await gate(NORTH)
    await watcher({ clientId: NORTH })
    await north.subscribe(own(NORTH, 'acks'))
    await broker.publish(own(NORTH, 'acks'), 'ack 1')
    expect((await north.hears(() => true)).text).toBe('ack 1')
  })

  test('two people with one client id both watch', async () => {
    const [one, two] = [await watcher({ clientId: 'wall' }), await watcher({ clientId: 'wall' })]
    for (const each of [one, two]) await each.subscribe('feed/hillside/access')
    await broker.publish('feed/hillside/access', 'frame', { qos: 0 })
    for (const each of [one, two]) expect((await each.hears(() => true)).text).toBe('frame')
  })
})

describe('what a gate may do', () => {
  for (const topic of [
    own(SOUTH, 'events'),
    own(NORTH, 'acks'),
    own(NORTH, 'commands'),
    own(NORTH, 'config'),
    'feed/hillside/access',
    'gatehouse/hillside/lists/main',
  ]) {
    test(`it is cut off when it speaks on ${topic}`, async () => {
      const watching = await watcher()
      await watching.subscribe('feed/hillside/#')
      const north = await gate(NORTH)
      north.publish(topic, 'forged', { qos: 0 }).catch(() => {})
      await north.closed
      expect(await log.said('mqtt.publish_refused')).toEqual({ gateId: NORTH, topic })
      await broker.publish('feed/hillside/gates', 'true')
      await watching.hears(({ text }) => text === 'true')
      expect(watching.heard.map(({ text }) => text)).toEqual(['true'])
    })
  }

  test('another gate’s acks are refused with 0x80, its own in the same packet are granted', async () => {
    const north = await gate(NORTH)
    expect(await north.subscribe(own(SOUTH, 'acks'), own(NORTH, 'acks'), 'gatehouse/hillside/lists/main', '#')).toEqual(
      [128, 1, 1, 128],
    )
  })

  test('a filter that was refused brings nothing later, even in a session that is kept', async () => {
    const first = await gate(NORTH, { clean: false })
    await first.subscribe(own(NORTH, 'acks'), own(SOUTH, 'acks'))
    await first.end()
    await broker.publish(own(SOUTH, 'acks'), 'south’s')
    await broker.publish(own(NORTH, 'acks'), 'north’s')
    const again = await gate(NORTH, { clean: false })
    await again.hears(({ text }) => text === 'north’s')
    expect(again.heard.map(({ text }) => text)).toEqual(['north’s'])
  })

  test('its last will is said when its connection breaks, and kept', async () => {
    const said: string[] = []
    const gone = new Promise<void>(tell => {
      void broker.subscribe('gatehouse/+/+/state', async ({ payload }) => {
        said.push(Buffer.from(payload).toString())
        if (said.length === 2) tell()
      })
    })
    const will = { topic: own(NORTH, 'state'), payload: Buffer.from('{"online":false}'), qos: 1 as const, retain: true }
    const north = await gate(NORTH, { will })
    await north.publish(own(NORTH, 'state'), '{"online":true}', { retain: true })
    north.client.stream.destroy()
    await gone
    expect(said).toEqual(['{"online":true}', '{"online":false}'])
  })

  test('what it said of itself before the cloud listened is heard when it does', async () => {
    await (await gate(NORTH)).publish(own(NORTH, 'state'), '{"online":true}', { retain: true })
    const heard: unknown[] = []
    await broker.subscribe('gatehouse/+/+/state', async ({ payload, retained }) => {
      heard.push([String(payload), retained])
    })
    expect(heard).toEqual([['{"online":true}', true]])
  })

  test('events are not kept for newcomers, whatever their flag says', async () => {
    await (await gate(NORTH)).publish(own(NORTH, 'events'), 'a batch', { retain: true })
    const heard: string[] = []
    await broker.subscribe('gatehouse/+/+/events', async ({ payload }) => void heard.push(String(payload)))
    const again = await gate(NORTH)
    const second = new Promise<void>(tell => {
      void broker.subscribe('gatehouse/+/+/state', async () => tell())
    })
    await again.publish(own(NORTH, 'state'), '{}')
    await second
    expect(heard).toEqual([])
  })

  test('a payload of rubbish does not end the connection', async () => {
    const north = await gate(NORTH)
    for (const rubbish of ['', '{', '\u0000'.repeat(100_000)]) await north.publish(own(NORTH, 'events'), rubbish)
    expect(north.client.connected).toBe(true)
  })
})

describe('what a person may do', () => {
  test('she watches her school over TLS with a key and over WebSocket with a token', async () => {
    const [program, page] = [await peer({ username: 'key', password: 'ghk_good' }), await browser()]
    for (const each of [program, page]) expect(await each.subscribe('feed/hillside/#')).toEqual([1])
    await broker.publish('feed/hillside/access', 'frame', { qos: 0 })
    for (const each of [program, page]) expect((await each.hears(() => true)).text).toBe('frame')
  })

  test('a newcomer sees the gates at once', async () => {
    await broker.publish('feed/hillside/gates', 'gates', { retain: true })
    const late = await watcher()
    await late.subscribe('feed/hillside/gates')
    expect(await late.hears(() => true)).toEqual({ topic: 'feed/hillside/gates', text: 'gates', retain: true })
  })

  for (const filter of [
    '#',
    'feed/#',
    'feed/+/access',
    'feed/elsewhere/#',
    'gatehouse/#',
    'feed/hillside/user/u-other',
  ]) {
    test(`${filter} is refused with 0x80, and the log names the right one`, async () => {
      const her = await watcher()
      expect(await her.subscribe(filter)).toEqual([128])
      expect(await log.said('mqtt.subscription_refused')).toEqual({
        userId: 'u-guard',
        filter,
        right: 'feed/hillside/#',
      })
    })
  }

  test('another person’s topic does not come with feed/<school>/#', async () => {
    const [her, other] = [await watcher(), await peer({ username: 'key', password: 'ghk_other' })]
    for (const each of [her, other]) await each.subscribe('feed/hillside/#')
    await broker.publish('feed/hillside/user/u-other', 'for the other only')
    await broker.publish('feed/hillside/user/u-guard', 'for her only')
    await broker.publish('feed/hillside/access', 'for both')
    for (const each of [her, other]) await each.hears(({ text }) => text === 'for both')
    expect(her.heard.map(({ text }) => text)).toEqual(['for her only', 'for both'])
    expect(other.heard.map(({ text }) => text)).toEqual(['for the other only', 'for both'])
  })

  test('whatever she says ends her connection and reaches nobody', async () => {
    const her = await browser()
    her.publish('feed/hillside/access', 'forged', { qos: 0 }).catch(() => {})
    await her.closed
    expect(await log.said('mqtt.publish_refused')).toEqual({ userId: 'u-guard', topic: 'feed/hillside/access' })
  })

  test('her connection ends with her token', async () => {
    tokenEndsAtMs = Date.now() + 300
    const her = await browser()
    await her.closed
    expect(Date.now()).toBeGreaterThanOrEqual(tokenEndsAtMs)
  })

  test('a key that ends next year does not end now', async () => {
    const program = await peer({ username: 'key', password: 'ghk_good' })
    await program.subscribe('feed/hillside/gates')
    expect(program.client.connected).toBe(true)
  })

  test('her connections end with her session, and nobody else’s', async () => {
    const [page, program] = [await browser(), await peer({ username: 'key', password: 'ghk_good' })]
    broker.end(identity => identity.kind === 'person' && identity.endsWith === 's-guard')
    await page.closed
    expect(program.client.connected).toBe(true)
  })
})

describe('what a connection may cost', () => {
  async function raw(): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port: broker.port, ca })
    socket.on('error', () => {})
    socket.resume()
    await new Promise<void>(resolve => socket.once('secureConnect', resolve))
    return socket
  }
  const closed = (socket: TLSSocket) => new Promise<void>(resolve => socket.once('close', () => resolve()))

  test('200 MB of one that has not connected are never taken in', async () => {
    const socket = await raw()
    const gone = closed(socket)
    const before = process.memoryUsage().rss
    // CONNECT, and a remaining length of 200 MB.
    socket.write(Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]))
    const megabyte = Buffer.alloc(1_000_000)
    let written = 0
    const pour = () => {
      while (written < 200 && !socket.destroyed && socket.write(megabyte)) written++
    }
    socket.on('drain', pour)
    pour()
    await gone
    expect(socket.bytesWritten).toBeLessThan(20_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000)
    expect(await log.said('mqtt.connection_refused')).toMatchObject({ why: 'too_large' })
  })

  test('what is no MQTT is cut off at its first byte', async () => {
    const socket = await raw()
    const gone = closed(socket)
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await gone
    expect(await log.said('mqtt.connection_refused')).toMatchObject({ why: 'not_mqtt' })
  })

  test('one that says nothing is cut off at the deadline', async () => {
    await closed(await raw())
    expect(await log.said('mqtt.connection_refused')).toMatchObject({ why: 'connect_late' })
  })

  test('a packet of more than 256 KB ends the connection of a gate', async () => {
    const north = await gate(NORTH)
    north.publish(own(NORTH, 'events'), Buffer.alloc(300_000), { qos: 0 }).catch(() => {})
    await north.closed
    expect(await log.said('mqtt.connection_refused')).toMatchObject({ why: 'too_large' })
  })

  test('a batch of 240 KB passes', async () => {
    const size = new Promise<number>(tell => {
      void broker.subscribe('gatehouse/+/+/events', async ({ payload }) => tell(payload.length))
    })
    await (await gate(NORTH)).publish(own(NORTH, 'events'), Buffer.alloc(240_000, 'x'))
    expect(await size).toBe(240_000)
  })

  test('an address that opens connections and says nothing is stopped, and a gate that was in goes on', async () => {
    const north = await gate(NORTH)
    const idle = await Promise.all(Array.from({ length: 5 }, raw))
    const sixth = await raw()
    await closed(sixth)
    expect(await log.said('mqtt.too_many_connections')).toEqual({ address: '127.0.0.1' })
    await north.publish(own(NORTH, 'state'), '{}')
    for (const socket of idle) socket.destroy()
  })

  test('packets sent right behind the CONNECT are heard once it is accepted', async () => {
    const said = new Promise<string>(tell => {
      void broker.subscribe('gatehouse/+/+/events', async ({ payload }) => tell(String(Buffer.from(payload))))
    })
    const text = (said: string) => Buffer.concat([Buffer.from([0, said.length]), Buffer.from(said)])
    const connectBody = [
      text('MQTT'),
      Buffer.from([4, 0xc2, 0, 60]), // 3.1.1; name, password and a clean session; 60 s
      ...[NORTH, NORTH, 'secret-north'].map(text),
    ]
    const publishBody = [text(own(NORTH, 'events')), Buffer.from('early')]
    const packet = (type: number, body: Buffer[]) => [Buffer.from([type, Buffer.concat(body).length]), ...body]
    const socket = await raw()
    socket.write(Buffer.concat([...packet(0x10, connectBody), ...packet(0x30, publishBody)]))
    expect(await said).toBe('early')
    socket.destroy()
  })
})

test('a port in use is said in one sentence', async () => {
  const second = openEmbeddedBroker({
    host: '127.0.0.1',
    port: broker.port,
    certificate,
    checkGate: async () => null,
    checkToken: async () => null,
    checkKey: async () => null,
    log,
  })
  await expect(second).rejects.toThrow(`port ${broker.port} for MQTT is in use by another program.`)
})
