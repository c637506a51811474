import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ack } from '@gatehouse/shared/events/batch.ts'
import { expect, test } from 'vitest'
import { openBroker } from '../broker/open-broker.ts'
import { inSchool } from '../db/school.ts'
import { freshPglite } from '../testing/database.ts'
import { makeGate, makeSchool } from '../testing/gate-fixture.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { mqttPeer } from '../testing/mqtt-peer.ts'
import { startIngest } from './ingest.ts'

const GATES = 5
const BATCHES = 80

test('gates that do not wait for acks fill the queue and the broker, and everything is stored and acknowledged', {
  timeout: 60_000,
}, async () => {
  const database = await freshPglite()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pressure-'))
  const { db } = database
  const school = await makeSchool(db)
  const gates = []
  for (let at = 0; at < GATES; at++) gates.push(await makeGate(db, school, `gate-${at}`))
  const log = memoryLog()
  const broker = await openBroker({
    dataFolder: folder,
    host: '127.0.0.1',
    mqttPort: 0,
    publicUrl: 'http://localhost:8080',
    mqttUrl: null,
    mqttCaFile: null,
    onSessionEnded: () => {},
    checkGate: async () => ({ tenant: school.tenant, scope: 'main' }),
    checkToken: async () => null,
    checkKey: async () => null,
    log,
  })
  const ingest = await startIngest({
    db,
    broker: broker.gates,
    log,
    signAck: async (_schoolId, ack) => JSON.stringify(ack),
  })

  await Promise.all(
    gates.map(async gate => {
      const peer = await mqttPeer(`mqtts://localhost:${broker.port}`, {
        ca: broker.gateAddress.ca,
        clientId: gate.gateId,
        username: gate.gateId,
        password: gate.secret,
      })
      const topic = (what: string) => `gatehouse/${school.tenant}/${gate.gateId}/${what}`
      await peer.subscribe(topic('acks'))
      const batches = []
      for (let at = 0; at < BATCHES; at++) batches.push(await gate.batch([gate.event()]))
      await Promise.all(batches.map(batch => peer.publish(topic('events'), batch)))
      await peer.hears(({ text }) => (JSON.parse(text) as Ack).sequence === BATCHES)
      await peer.end()
    }),
  )
  await ingest.stop()
  const { count } = await inSchool(db, school.schoolId, tx =>
    tx.selectFrom('access_events').select(tx.fn.countAll<string>().as('count')).executeTakeFirstOrThrow(),
  )
  expect(Number(count)).toBe(GATES * BATCHES)
  expect(log.lines.filter(({ event }) => event === 'events.gap')).toEqual([])
  await broker.close()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
