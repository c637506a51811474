import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chain, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import { jcs } from '@gatehouse/shared/events/jcs.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { CompactSign } from 'jose'
import { sql } from 'kysely'
import mqtt from 'mqtt'
import { openBroker } from '../../cloud/src/broker/open-broker.ts'
import type { Database } from '../../cloud/src/db/connect.ts'
import { openPglite } from '../../cloud/src/db/pglite.ts'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { inSchool } from '../../cloud/src/db/school.ts'
import { startIngest } from '../../cloud/src/events/ingest.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { find } from '../checks/programs.ts'
import { show } from './figures.ts'

const GATES = 4
const EVENTS_PER_GATE = 5_000
const BATCH = 250
const UNDER_WAY = 2
/** One INSERT each waits for a commit each: enough to measure, and over within a minute on a slow disk. */
const FLOOR_EVENTS = 2_000

type Gate = { readonly id: string; readonly events: readonly ChainedEvent[]; readonly batches: readonly string[] }

/** Events a second from a gate's broker connection to committed and acknowledged, against one INSERT each on the same database. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const server = find('postgres') === null ? null : await startPostgres({ asInSchools: true })
  try {
    const database = server === null ? await openPglite({ folder }) : await openPostgres(await createDatabase(server))
    try {
      await measure(database, folder)
    } finally {
      await database[Symbol.asyncDispose]()
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(database: Database, folder: string): Promise<void> {
  const schoolId = randomUUID()
  await makeSchool(database, schoolId)
  const gates: Gate[] = []
  for (let at = 0; at < GATES; at++) gates.push(await makeGate(database, schoolId, `gate-${at}`, EVENTS_PER_GATE))
  const floorGate = await makeGate(database, schoolId, 'floor', FLOOR_EVENTS)

  // The floor runs before and after, because a machine that others use is not the same all the time.
  const half = FLOOR_EVENTS / 2
  const before = await oneInsertEach(database, schoolId, floorGate.events.slice(0, half))
  const ours = await throughBroker(database, folder, gates)
  const after = await oneInsertEach(database, schoolId, floorGate.events.slice(half))
  const floor = FLOOR_EVENTS / (before + after)
  const events = GATES * EVENTS_PER_GATE
  show([
    { name: `floor: one INSERT each (${database.engine})`, figures: `${Math.round(floor)} events/s`, ratio: 1 },
    {
      name: `${GATES} gates over TLS, stored and acknowledged`,
      figures: `${Math.round(events / ours)} events/s, ${events} in ${ours.toFixed(1)} s`,
      ratio: events / ours / floor,
    },
  ])
}

/** Seconds for these events, each in a transaction of its own, as the application's role. */
async function oneInsertEach(database: Database, schoolId: string, events: readonly ChainedEvent[]): Promise<number> {
  const startMs = performance.now()
  for (const { previous, hash, record } of events) {
    await inSchool(database.db, schoolId, tx =>
      tx
        .insertInto('access_events')
        .values({
          school_id: schoolId,
          gate_id: record.gate,
          sequence: record.sequence,
          event_time: new Date(record.trustedTimeMs),
          kind: record.kind,
          list_version: record.listVersion,
          previous_hash: previous,
          hash,
          record: jcs(record),
        })
        .execute(),
    )
  }
  return (performance.now() - startMs) / 1000
}

/** Seconds until the last event of every gate is acknowledged. */
async function throughBroker(database: Database, folder: string, gates: readonly Gate[]): Promise<number> {
  const problems: string[] = []
  const note = (fields: object, event: string) => void problems.push(`${event} ${JSON.stringify(fields)}`)
  const log = { info: () => {}, warn: note, error: note }
  const broker = await openBroker({
    dataFolder: folder,
    host: '127.0.0.1',
    mqttPort: 0,
    publicUrl: 'http://localhost:8080',
    mqttUrl: null,
    mqttCaFile: null,
    onSessionEnded: () => {},
    checkGate: async () => ({ tenant: 'bench', scope: 'main' }),
    checkToken: async () => null,
    checkKey: async () => null,
    log,
  })
  const signing = generateKeyPairSync('ed25519').privateKey
  const ingest = await startIngest({
    db: database.db,
    broker: broker.gates,
    signAck: (_schoolId, ack) =>
      new CompactSign(Buffer.from(JSON.stringify(ack))).setProtectedHeader({ alg: 'Ed25519' }).sign(signing),
    log,
  })
  const clients = await Promise.all(
    gates.map(({ id }) =>
      mqtt.connectAsync(`mqtts://localhost:${broker.port}`, {
        protocolVersion: 4,
        clientId: id,
        username: id,
        password: 'bench',
        ca: broker.gateAddress.ca,
      }),
    ),
  )
  await Promise.all(clients.map((client, at) => client.subscribeAsync(`gatehouse/bench/${gates[at]!.id}/acks`)))

  const startMs = performance.now()
  await Promise.all(clients.map((client, at) => sayAll(client, gates[at]!)))
  const seconds = (performance.now() - startMs) / 1000

  await Promise.all(clients.map(client => client.endAsync(true)))
  await ingest.stop()
  await broker.close()
  const stored = await database.db.transaction().execute(async tx => {
    await sql`select set_config('app.school', (select id::text from find_schools() limit 1), true)`.execute(tx)
    return sql<{
      count: string
    }>`select count(*) from access_events where gate_id = any(${gates.map(({ id }) => id)}::uuid[])`.execute(tx)
  })
  const expected = gates.length * EVENTS_PER_GATE
  if (Number(stored.rows[0]?.count) !== expected || problems.length > 0) {
    throw new Error(`${stored.rows[0]?.count} of ${expected} events were stored. ${problems.slice(0, 3).join('; ')}`)
  }
  return seconds
}

/** As a gate's uplink does it: some batches under way, the next when one is acknowledged. */
function sayAll(client: mqtt.MqttClient, { id, events, batches }: Gate): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = 0
    const say = (acked: number) => {
      while (said < batches.length && said * BATCH - acked < UNDER_WAY * BATCH) {
        client.publish(`gatehouse/bench/${id}/events`, batches[said++]!, { qos: 1 })
      }
    }
    client.on('error', reject)
    client.on('message', (_topic, payload) => {
      const [, body] = payload.toString().split('.')
      const { sequence } = JSON.parse(Buffer.from(body!, 'base64url').toString()) as { sequence: number }
      if (sequence === events.length) resolve()
      else say(sequence)
    })
    say(0)
  })
}

async function makeSchool(database: Database, schoolId: string): Promise<void> {
  await inSchool(database.db, schoolId, async tx => {
    await tx.insertInto('schools').values({ id: schoolId, name: 'Bench', tenant: 'bench', time_zone: 'UTC' }).execute()
    await tx.insertInto('scopes').values({ school_id: schoolId, scope: 'main', sealed_card_secret: '' }).execute()
  })
}

async function makeGate(database: Database, schoolId: string, shortName: string, count: number): Promise<Gate> {
  const id = randomUUID()
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const public_jwk = JSON.stringify(publicKey.export({ format: 'jwk' }))
  await inSchool(database.db, schoolId, async tx => {
    await tx
      .insertInto('gates')
      .values({ id, school_id: schoolId, short_name: shortName, name: shortName, scope: 'main', public_jwk })
      .execute()
    await tx.insertInto('gate_chains').values({ gate_id: id, school_id: schoolId }).execute()
    await tx.insertInto('gate_states').values({ gate_id: id, school_id: schoolId }).execute()
  })

  const events: ChainedEvent[] = []
  const bootId = randomUUID()
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
  for (let sequence = 1; sequence <= count; sequence++) {
    const timeMs = Date.now()
    events.push(
      chain(sha256, events.at(-1)?.hash ?? FIRST_PREVIOUS, {
        gate: id,
        sequence,
        kind: 'refused',
        lane: 'in',
        credential: { technology: 'em4100', fingerprint: '0'.repeat(24), proof: 'claimed' },
        decision: { refusal: 'unknown_pass' },
        listVersion: 1,
        policyHash: '0'.repeat(64),
        trustedTimeMs: timeMs,
        wallTimeMs: timeMs,
        monotonicMs: sequence,
        bootId,
        clockQuality: 'confirmed',
      }),
    )
  }
  const batches: string[] = []
  for (let at = 0; at < events.length; at += BATCH) {
    const batch = { gate: id, tenant: 'bench', events: events.slice(at, at + BATCH) }
    const header = { alg: 'Ed25519', typ: 'gh-events+1', kid: id }
    batches.push(await new CompactSign(Buffer.from(JSON.stringify(batch))).setProtectedHeader(header).sign(privateKey))
  }
  return { id, events, batches }
}
