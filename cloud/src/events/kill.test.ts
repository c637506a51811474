import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ack } from '@gatehouse/shared/events/batch.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { openPglite } from '../db/pglite.ts'
import { openPostgres } from '../db/postgres.ts'
import { inSchool } from '../db/school.ts'
import { type GateFixture, makeGate, makeSchool, type SchoolFixture } from '../testing/gate-fixture.ts'
import type { IngestProcessOptions } from '../testing/ingest-process.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'

const EVENTS = 2_000
const BATCH = 40
const KILLS = 2

type Running = { readonly child: ChildProcess; readonly port: number; readonly ca: string }

/** A gate that says what is not acknowledged, as the gate's uplink does: two batches under way, again from the ack. */
function killingIngest(open: (folder: string) => Promise<{ database: Database; databaseUrl: string | null }>): void {
  let folder: string
  let databaseUrl: string | null
  let school: SchoolFixture
  let gate: GateFixture
  let running: Running | null = null

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'))
    const opened = await open(folder)
    databaseUrl = opened.databaseUrl
    school = await makeSchool(opened.database.db)
    gate = await makeGate(opened.database.db, school)
    await opened.database[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(): Promise<Running> {
    const options: IngestProcessOptions = { dataFolder: folder, databaseUrl, mqttPort: 0 }
    const child = fork(new URL('../testing/ingest-process.ts', import.meta.url), [JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ready = await new Promise<{ port: number; ca: string }>((resolve, reject) => {
      child.once('message', message => resolve(message as { port: number; ca: string }))
      child.once('exit', code => reject(new Error(`the ingest process ended with ${code}`)))
    })
    running = { child, ...ready }
    return running
  }
  async function kill(): Promise<void> {
    if (running === null) return
    const { child } = running
    running = null
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Says events from `acked` on until `until` is acknowledged, or the process is killed at `killAt`. */
  async function say(events: readonly ChainedEvent[], acked: number, killAt: number | null): Promise<number> {
    const { port, ca } = running!
    const peer: MqttPeer = await mqttPeer(`mqtts://localhost:${port}`, {
      ca,
      clientId: gate.gateId,
      username: gate.gateId,
      password: gate.secret,
    })
    const topic = (what: string) => `gatehouse/${gate.tenant}/${gate.gateId}/${what}`
    await peer.subscribe(topic('acks'))
    let [said, known] = [acked, acked]
    while (known < events.length) {
      while (said < events.length && said - known < BATCH * 2) {
        const batch = events.slice(said, said + BATCH)
        peer.publish(topic('events'), await gate.batch(batch)).catch(() => {})
        said += batch.length
      }
      if (killAt !== null && known >= killAt) {
        // Two batches are on their way: on the wire, in the queue, in the transaction, or committed and not said.
        await kill()
        break
      }
      const next = await peer.hears(({ text }) => (JSON.parse(text) as Ack).sequence > known)
      known = (JSON.parse(next.text) as Ack).sequence
    }
    await peer.end()
    return known
  }

  async function stored(): Promise<{ sequence: string; hash: string }[]> {
    const database =
      databaseUrl === null ? await openPglite({ folder }) : await openPostgres({ url: databaseUrl, ownerUrl: null })
    try {
      return await inSchool(database.db, school.schoolId, tx =>
        tx.selectFrom('access_events').select(['sequence', 'hash']).orderBy('sequence').execute(),
      )
    } finally {
      await database[Symbol.asyncDispose]()
    }
  }

  test('what was acknowledged is there, and after the replay none is lost and none is there twice', {
    timeout: 180_000,
  }, async () => {
    const events = Array.from({ length: EVENTS }, () => gate.event())
    let acked = 0
    for (let killed = 1; killed <= KILLS; killed++) {
      await start()
      acked = await say(events, acked, Math.floor((EVENTS * killed) / (KILLS + 1)))
      const rows = await stored()
      expect(rows.length).toBeGreaterThanOrEqual(acked)
      expect(rows.map(({ hash }) => hash)).toEqual(events.slice(0, rows.length).map(({ hash }) => hash))
    }
    await start()
    await say(events, acked, null)
    await kill()
    expect((await stored()).map(({ hash }) => hash)).toEqual(events.map(({ hash }) => hash))
  })
}

describe('kill -9 of the ingest process on PGlite', () => {
  killingIngest(async folder => ({ database: await openPglite({ folder }), databaseUrl: null }))
})

needs('postgres')('kill -9 of the ingest process on PostgreSQL', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  killingIngest(async () => {
    const { url, ownerUrl } = await createDatabase(server)
    return { database: await openPostgres({ url, ownerUrl }), databaseUrl: url }
  })
})
