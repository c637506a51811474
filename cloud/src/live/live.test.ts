import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccessFeed, GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type OpenBroker, openBroker } from '../broker/open-broker.ts'
import { memoryBus } from '../cache/bus.ts'
import type { Database } from '../db/connect.ts'
import { type Drain, drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { type Ingest, startIngest } from '../events/ingest.ts'
import { freshPglite } from '../testing/database.ts'
import { type GateFixture, makeGate, makeSchool, type SchoolFixture } from '../testing/gate-fixture.ts'
import { type MemoryLog, memoryLog } from '../testing/memory-log.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { type GateStates, watchGateStates } from './gate-states.ts'
import { type Live, startLive } from './live.ts'

/** The whole way: a gate's TLS connection, ingest, the database, the outbox, a watcher's connection. */

let database: Database
let school: SchoolFixture
let gate: GateFixture
let folder: string
let log: MemoryLog
let broker: OpenBroker
let ingest: Ingest
let live: Live
let states: GateStates
let drain: Drain
const peers: MqttPeer[] = []
let schools = 0

beforeAll(async () => {
  database = await freshPglite()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-live-'))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  school = await makeSchool(database.db, `hillside-${++schools}`)
  gate = await makeGate(database.db, school)
  await start()
})
afterEach(stop)

async function start(): Promise<void> {
  const { db } = database
  log = memoryLog()
  const secret = gate.secret
  broker = await openBroker({
    dataFolder: folder,
    host: '127.0.0.1',
    mqttPort: 0,
    publicUrl: 'http://localhost:8080',
    mqttUrl: null,
    mqttCaFile: null,
    onSessionEnded: () => {},
    checkGate: async (_gateId, password) => (password === secret ? { tenant: school.tenant, scope: 'main' } : null),
    checkToken: async () => null,
    checkKey: async () => ({
      userId: 'u-guard',
      tenant: school.tenant,
      role: 'security',
      endsWith: 'k-1',
      expiresAtMs: Date.now() + 60_000,
    }),
    log,
  })
  const bus = memoryBus({ deliver: broker.watchers.publish, log })
  states = await watchGateStates({ db, broker: broker.gates, log, isFresh: broker.isEmbedded })
  live = await startLive({ db, bus, log })
  ingest = await startIngest({ db, broker: broker.gates, log, signAck: async (_school, ack) => JSON.stringify(ack) })
  drain = await drainOutbox({
    database,
    handlers: { ...live.handlers, 'list.changed': () => {}, 'session.ended': () => {} },
    onProblem: problem => log.error({ problem: String(problem) }, 'outbox.problem'),
  })
}

async function stop(): Promise<void> {
  await states.stop()
  for (const peer of peers.splice(0)) await peer.end()
  await ingest.stop()
  await drain.stop()
  await live.stop()
  await broker.close()
}

async function connected(options: Parameters<typeof mqttPeer>[1]): Promise<MqttPeer> {
  const peer = await mqttPeer(`mqtts://localhost:${broker.port}`, { ca: broker.gateAddress.ca, ...options })
  peers.push(peer)
  return peer
}
const state = () => `gatehouse/${school.tenant}/${gate.gateId}/state`
const asGate = () =>
  connected({
    clientId: gate.gateId,
    username: gate.gateId,
    password: gate.secret,
    will: { topic: state(), payload: Buffer.from('{"online":false}'), qos: 1, retain: true },
  })
async function asGuard(...filters: string[]): Promise<MqttPeer> {
  const guard = await connected({ username: 'key', password: 'ghk_x' })
  await guard.subscribe(...filters)
  return guard
}
const gatesOf = (text: string) => GatesFeed.parse(JSON.parse(text)).gates

test('a scan at the gate is a line on the live page, with the name of the one who passed', async () => {
  const guard = await asGuard(`feed/${school.tenant}/access`)
  const north = await asGate()
  await north.subscribe(`gatehouse/${school.tenant}/${gate.gateId}/acks`)
  await north.publish(`gatehouse/${school.tenant}/${gate.gateId}/events`, await gate.batch([gate.event()]))
  expect(JSON.parse((await north.hears(() => true)).text)).toMatchObject({ gate: gate.gateId, sequence: 1 })
  const { lines } = AccessFeed.parse(JSON.parse((await guard.hears(() => true)).text))
  expect(lines).toMatchObject([{ gateName: 'Gate north', kind: 'granted', holder: { name: 'Ada Löwe' } }])
})

test('a newcomer sees at once how the gates are', async () => {
  const guard = await asGuard(`feed/${school.tenant}/#`)
  const { retain, text } = await guard.hears(({ topic }) => topic.endsWith('/gates'))
  expect(retain).toBe(true)
  expect(gatesOf(text)).toMatchObject([{ shortName: 'north', online: false, enrolled: true, since: null }])
})

test('a gate that comes and goes is shown so, with what it last said of itself', async () => {
  const guard = await asGuard(`feed/${school.tenant}/gates`)
  const north = await asGate()
  const said = { online: true, version: '1.0', listVersion: 7, listIssuedAtS: 1_700_000_000, waiting: 3 }
  await north.publish(state(), JSON.stringify(said), { retain: true })
  const online = await guard.hears(({ text }) => gatesOf(text)[0]!.online)
  expect(gatesOf(online.text)).toMatchObject([
    { listVersion: 7, listIssuedAt: '2023-11-14T22:13:20.000Z', waiting: 3, since: expect.any(String) },
  ])
  north.client.stream.destroy()
  const offline = await guard.hears(
    message => guard.heard.indexOf(message) > guard.heard.indexOf(online) && !gatesOf(message.text)[0]!.online,
  )
  expect(gatesOf(offline.text)).toMatchObject([{ online: false, listVersion: 7 }])
})

test('a restart shows a gate that is not connected as offline, and what it said before', async () => {
  const north = await asGate()
  const guard = await asGuard(`feed/${school.tenant}/gates`)
  await north.publish(state(), '{"online":true,"listVersion":7}', { retain: true })
  await guard.hears(({ text }) => gatesOf(text)[0]!.online)
  // The process stops hearing before the gate's connection breaks, so the database says online.
  await stop()
  await start()
  const again = await asGuard(`feed/${school.tenant}/gates`)
  expect(gatesOf((await again.hears(() => true)).text)).toMatchObject([{ online: false, listVersion: 7 }])
})

test('a state that is none is said in the log, and the gate stays connected', async () => {
  const north = await asGate()
  for (const rubbish of ['', '{', '[]', '{"online":"yes"}']) await north.publish(state(), rubbish)
  expect(await log.said('gates.state_malformed')).toMatchObject({ gateId: gate.gateId })
  expect(north.client.connected).toBe(true)
})

test('the same state said again is no news', async () => {
  const north = await asGate()
  const guard = await asGuard(`feed/${school.tenant}/gates`)
  await north.publish(state(), '{"online":true,"waiting":1}')
  await guard.hears(({ text }) => gatesOf(text)[0]!.waiting === 1)
  const before = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('gate_states').selectAll().execute())
  await north.publish(state(), '{"online":true,"waiting":1}')
  await north.publish(state(), '{"online":true,"waiting":2}')
  await guard.hears(({ text }) => gatesOf(text)[0]!.waiting === 2)
  const after = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('gate_states').selectAll().execute())
  expect(after[0]!.since).toEqual(before[0]!.since)
})

test('a school’s watchers hear nothing of another school', async () => {
  const other = await makeSchool(database.db, `elsewhere-${schools}`)
  const guard = await asGuard(`feed/${school.tenant}/#`)
  await guard.hears(() => true)
  const rows = [{ kind: 'gates.changed', schoolId: other.schoolId, body: {} }] as const
  await live.handlers['gates.changed'](rows)
  const north = await asGate()
  await north.publish(state(), '{"online":true}')
  await guard.hears(({ text }) => gatesOf(text)[0]!.online)
  expect(guard.heard.map(({ topic }) => topic).filter(topic => !topic.startsWith(`feed/${school.tenant}/`))).toEqual([])
})
