import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { freePort } from '../testing/free-port.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { startMosquitto, type TestMosquitto } from '../testing/mosquitto.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { openExternalBroker } from './external-broker.ts'
import { fitsFilter } from './filter.ts'
import { keepMosquittoPassword } from './mosquitto-passwords.ts'
import { type OpenBroker, openBroker } from './open-broker.ts'

describe('a filter', () => {
  for (const [filter, topic, fits] of [
    ['a/+/c', 'a/b/c', true],
    ['a/+/c', 'a/b/d', false],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'b', false],
    ['$share/ingest/a/+/c', 'a/b/c', true],
  ] as const) {
    test(`${filter} ${fits ? 'fits' : 'does not fit'} ${topic}`, () => expect(fitsFilter(filter, topic)).toBe(fits))
  }
})

test('a password is not sent over the network in clear', async () => {
  const broker = openExternalBroker({ url: 'mqtt://cloud:secret@mqtt.example:1883', caFile: null, log: memoryLog() })
  await expect(broker).rejects.toThrow('MQTT_URL goes to mqtt.example:1883 without TLS')
})

test('a broker that is not there is said, with what to check and without the password', async () => {
  const url = `mqtt://cloud:hunter2@127.0.0.1:${await freePort()}`
  const problem = await openExternalBroker({ url, caFile: null, log: memoryLog(), startMsMax: 0 }).catch(String)
  expect(problem).toMatch(/no connection to the broker at 127.0.0.1:\d+ .*Check MQTT_URL/)
  expect(problem).not.toContain('hunter2')
})

needs('mosquitto')('beside Debian’s Mosquitto, with the files of docker/mosquitto', () => {
  const NORTH = 'gate-north'
  const SOUTH = 'gate-south'
  let folder: string
  let port: number
  let mosquitto: TestMosquitto
  let broker: OpenBroker
  const peers: MqttPeer[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-'))
    mosquitto = await startMosquitto(folder)
    port = mosquitto.port
    broker = await openBroker({
      dataFolder: folder,
      host: '127.0.0.1',
      mqttPort: 0,
      publicUrl: 'http://localhost:8080',
      mqttUrl: `mqtts://gatehouse-cloud:a%20secret@127.0.0.1:${port}`,
      mqttCaFile: join(folder, 'mqtt', 'ca.pem'),
      onSessionEnded: () => {},
      checkGate: async () => ({ tenant: 'hillside', scope: 'main' }),
      checkToken: async () => null,
      checkKey: async () => null,
      log: memoryLog(),
    })
    for (const gateId of [NORTH, SOUTH]) {
      await broker.keepGatePassword(gateId, 'an old secret')
      await broker.keepGatePassword(gateId, `secret of ${gateId}`)
    }
  }, 60_000)
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.end()
  })
  afterAll(async () => {
    await broker.close()
    await mosquitto.stop()
    await rm(folder, { recursive: true })
  })

  /** A password that was just written is known a moment later. */
  async function gate(gateId: string, options: Parameters<typeof mqttPeer>[1] = {}): Promise<MqttPeer> {
    for (let tries = 0; ; tries++) {
      try {
        const peer = await mqttPeer(`mqtts://127.0.0.1:${port}`, {
          ca: broker.gateAddress.ca,
          clientId: gateId,
          username: gateId,
          password: `secret of ${gateId}`,
          ...options,
        })
        peers.push(peer)
        return peer
      } catch (error) {
        if (tries === 20) throw error
        await new Promise(resolve => setTimeout(resolve, 250))
      }
    }
  }

  test('what a gate says reaches the cloud, and the cloud’s answer the gate', async () => {
    const said = new Promise<string>(tell => {
      void broker.gates.subscribe('gatehouse/+/+/events', async ({ topic, payload }) =>
        tell(`${topic} ${String(payload)}`),
      )
    })
    const north = await gate(NORTH)
    await north.subscribe(`gatehouse/hillside/${NORTH}/acks`)
    await north.publish(`gatehouse/hillside/${NORTH}/events`, 'a batch')
    expect(await said).toBe(`gatehouse/hillside/${NORTH}/events a batch`)
    await broker.gates.publish(`gatehouse/hillside/${NORTH}/acks`, 'an ack')
    expect((await north.hears(() => true)).text).toBe('an ack')
  })

  test('a gate is told the broker’s own address and authority', async () => {
    expect(broker.gateAddress).toMatchObject({ host: '127.0.0.1', port })
  })

  test('a head is retained: a gate that comes later finds it', async () => {
    await broker.gates.publish('gatehouse/hillside/lists/main', 'the head', { retain: true })
    const late = await gate(NORTH)
    await late.subscribe('gatehouse/hillside/lists/main')
    expect(await late.hears(() => true)).toMatchObject({ text: 'the head', retain: true })
  })

  test('what a gate says on another’s topic reaches nobody', async () => {
    const heard: string[] = []
    const own = new Promise<void>(tell => {
      void broker.gates.subscribe('gatehouse/+/+/state', async ({ topic, payload }) => {
        heard.push(`${topic} ${String(payload)}`)
        if (String(payload) === 'own') tell()
      })
    })
    const south = await gate(SOUTH)
    await south.publish(`gatehouse/hillside/${NORTH}/state`, 'forged')
    await south.publish(`gatehouse/hillside/${SOUTH}/state`, 'own')
    await own
    expect(heard).toEqual([`gatehouse/hillside/${SOUTH}/state own`])
  })

  test('another gate’s acks do not come, whatever is subscribed to', async () => {
    const [north, south] = [await gate(NORTH), await gate(SOUTH)]
    await south.subscribe(`gatehouse/hillside/${NORTH}/acks`, 'gatehouse/#', `gatehouse/hillside/${SOUTH}/acks`)
    await north.subscribe(`gatehouse/hillside/${NORTH}/acks`)
    await broker.gates.publish(`gatehouse/hillside/${NORTH}/acks`, 'for north')
    await north.hears(({ text }) => text === 'for north')
    await broker.gates.publish(`gatehouse/hillside/${SOUTH}/acks`, 'for south')
    await south.hears(({ text }) => text === 'for south')
    expect(south.heard.map(({ text }) => text)).not.toContain('for north')
  })

  test('a gate with another’s client id does not end the other’s connection', async () => {
    const north = await gate(NORTH)
    await gate(SOUTH, { clientId: NORTH })
    await north.subscribe(`gatehouse/hillside/${NORTH}/acks`)
    await broker.gates.publish(`gatehouse/hillside/${NORTH}/acks`, 'still here')
    expect((await north.hears(() => true)).text).toBe('still here')
  })

  test('an old password, a wrong one and none are refused', async () => {
    await gate(NORTH)
    for (const password of ['an old secret', 'secret of gate-south', '']) {
      const asked = mqttPeer(`mqtts://127.0.0.1:${port}`, {
        ca: broker.gateAddress.ca,
        clientId: NORTH,
        username: NORTH,
        password,
      })
      await expect(asked).rejects.toThrow(/Connection refused/)
    }
  })

  test('gates do not get into the cloud’s own listener then', async () => {
    const asked = mqttPeer(`mqtts://127.0.0.1:${broker.port}`, {
      ca: broker.gateAddress.ca,
      clientId: NORTH,
      username: NORTH,
      password: `secret of ${NORTH}`,
    })
    await expect(asked).rejects.toThrow(/Connection refused/)
  })

  test('two ingest processes of one name share what the gates say, each message once', async () => {
    const heard: string[] = []
    const all = Promise.withResolvers<void>()
    const hear =
      (who: string) =>
      async ({ payload }: { payload: Uint8Array }) => {
        heard.push(`${who} ${String(payload)}`)
        if (heard.length === 20) all.resolve()
      }
    const caFile = join(folder, 'mqtt', 'ca.pem')
    const [first, second] = await Promise.all(
      ['gatehouse-cloud-2', 'gatehouse-cloud-3'].map(async name => {
        await keepMosquittoPassword(join(folder, 'mqtt', 'passwords'), name, 'another')
        return openExternalBroker({ url: `mqtts://${name}:another@127.0.0.1:${port}`, caFile, log: memoryLog() })
      }),
    )
    await first!.subscribe('$share/ingest/gatehouse/shared/+/events', hear('one'))
    await second!.subscribe('$share/ingest/gatehouse/shared/+/events', hear('two'))
    const north = await gate(NORTH)
    for (let at = 0; at < 20; at++) await north.publish(`gatehouse/shared/${NORTH}/events`, `${at}`)
    await all.promise
    expect(new Set(heard.map(line => line.split(' ')[1])).size).toBe(20)
    expect(new Set(heard.map(line => line.split(' ')[0])).size).toBe(2)
    await Promise.all([first!.close(), second!.close()])
  })
})
