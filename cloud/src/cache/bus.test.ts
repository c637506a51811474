import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { type OpenBroker, openBroker } from '../broker/open-broker.ts'
import { freePort } from '../testing/free-port.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { plainRedis, startRedis, type TestRedis } from '../testing/redis.ts'
import { type Bus, memoryBus, redisBus } from './bus.ts'
import { openRedis } from './redis.ts'

test('in one process what is said is delivered', async () => {
  const delivered: string[] = []
  const bus = memoryBus({
    deliver: async (topic, payload) => void delivered.push(`${topic} ${payload}`),
    log: memoryLog(),
  })
  bus.say('feed/hillside/access', 'frame', { qos: 0 })
  expect(delivered).toEqual(['feed/hillside/access frame'])
})

needs('redis-server')('over Redis', () => {
  let url: string
  let folder: string
  let redis: TestRedis
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'))
    redis = await startRedis(folder)
    url = redis.url
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(async () => {
    await redis.stop()
    rmSync(folder, { recursive: true })
  })

  /** A cloud process as far as its watchers see it. */
  async function process(name: string): Promise<{ broker: OpenBroker; bus: Bus }> {
    const log = memoryLog()
    const broker = await openBroker({
      dataFolder: join(folder, name),
      host: '127.0.0.1',
      mqttPort: 0,
      publicUrl: 'http://localhost:8080',
      mqttUrl: null,
      mqttCaFile: null,
      onSessionEnded: () => {},
      checkGate: async () => null,
      checkToken: async () => null,
      checkKey: async () => ({
        userId: 'u',
        tenant: 'hillside',
        role: 'security',
        endsWith: 'k',
        expiresAtMs: Date.now() + 60_000,
      }),
      log,
    })
    closing.push(() => broker.close())
    const bus = await redisBus({
      open: name => openRedis(plainRedis(url), name, log),
      deliver: broker.watchers.publish,
      log,
    })
    closing.push(() => bus.close())
    return { broker, bus }
  }
  async function watching({ broker }: { broker: OpenBroker }): Promise<MqttPeer> {
    const peer = await mqttPeer(`mqtts://localhost:${broker.port}`, {
      ca: broker.gateAddress.ca,
      username: 'key',
      password: 'ghk_x',
    })
    closing.push(() => peer.end())
    return peer
  }

  test('a frame said at one process reaches those who watch at another, once each', async () => {
    const [one, two] = [await process('one'), await process('two')]
    const [here, there] = [await watching(one), await watching(two)]
    for (const peer of [here, there]) await peer.subscribe('feed/hillside/#')
    one.bus.say('feed/hillside/access', 'frame 1', { qos: 0 })
    one.bus.say('feed/hillside/access', 'frame 2', { qos: 0 })
    for (const peer of [here, there]) {
      await peer.hears(({ text }) => text === 'frame 2')
      expect(peer.heard.map(({ text }) => text)).toEqual(['frame 1', 'frame 2'])
    }
  })

  test('what is retained is found by a newcomer at the other process', async () => {
    const [one, two] = [await process('three'), await process('four')]
    const early = await watching(two)
    await early.subscribe('feed/hillside/gates')
    one.bus.say('feed/hillside/gates', 'gates', { retain: true })
    await early.hears(({ text }) => text === 'gates')
    const late = await watching(two)
    await late.subscribe('feed/hillside/gates')
    expect(await late.hears(() => true)).toMatchObject({ text: 'gates', retain: true })
  })

  test('no Redis at that address is said at start', async () => {
    const nowhere = plainRedis(`redis://127.0.0.1:${await freePort()}`)
    const log = memoryLog()
    const bus = redisBus({ open: name => openRedis(nowhere, name, log), deliver: async () => {}, log })
    await expect(bus).rejects.toThrow(/no connection to Redis at 127.0.0.1:\d+ .* Check REDIS_URL/)
  })
})
