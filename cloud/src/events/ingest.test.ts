import type { Ack } from '@gatehouse/shared/events/batch.ts'
import { chain, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import {
  ADA_PASS,
  type GateFixture,
  makeGate,
  makeSchool,
  type SchoolFixture,
  sha256,
} from '../testing/gate-fixture.ts'
import { type MemoryBroker, memoryBroker } from '../testing/memory-broker.ts'
import { type MemoryLog, memoryLog } from '../testing/memory-log.ts'
import { GAP_PATIENCE_MS } from './gap-watch.ts'
import { type Ingest, startIngest } from './ingest.ts'

onBothEngines('ingest', engine => {
  let database: Database
  let broker: MemoryBroker
  let log: MemoryLog
  let ingest: Ingest
  let school: SchoolFixture
  let gate: GateFixture
  let nowMs: number
  let lagsMs: number[]

  let schools = 0

  beforeAll(async () => {
    database = await engine.fresh()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  beforeEach(async () => {
    broker = memoryBroker()
    log = memoryLog()
    nowMs = 0
    lagsMs = []
    school = await makeSchool(database.db, `hillside-${++schools}`)
    gate = await makeGate(database.db, school)
    ingest = await startIngest({
      db: database.db,
      broker,
      log,
      nowMs: () => nowMs,
      onStored: more => lagsMs.push(...more),
      signAck: async (schoolId, ack) => JSON.stringify({ schoolId, ...ack }),
    })
  })
  afterEach(() => ingest.stop())

  const say = async (events: readonly unknown[], from = gate) =>
    broker.say(`gatehouse/${from.tenant}/${from.gateId}/events`, await from.batch(events))
  const acks = (from = gate): Ack[] =>
    broker.sent
      .filter(({ topic }) => topic === `gatehouse/${from.tenant}/${from.gateId}/acks`)
      .map(({ payload }) => JSON.parse(payload) as Ack)
  const acked = (sequence: number, from = gate) =>
    broker.sends(({ topic, payload }) => topic.includes(from.gateId) && JSON.parse(payload).sequence === sequence)
  /** The next ack for a sequence, which may have been acknowledged before. */
  const ackedAgain = async (work: () => Promise<void>) => {
    const before = broker.sent.length
    await work()
    await broker.sends(sent => broker.sent.indexOf(sent) >= before)
  }
  const rows = (schoolId = school.schoolId) =>
    inSchool(database.db, schoolId, tx => tx.selectFrom('access_events').selectAll().orderBy('sequence').execute())
  const letters = () =>
    inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('event_dead_letters').selectAll().orderBy('sequence').execute(),
    )
  const lines = async () => {
    const left = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('outbox').select('body').where('kind', '=', 'access.lines').orderBy('id').execute(),
    )
    return left.flatMap(({ body }) => (body as { lines: AccessLine[] }).lines.map(line => AccessLine.parse(line)))
  }
  const sequences = (events: readonly { sequence: string }[]) => events.map(({ sequence }) => Number(sequence))
  const event = () => gate.event()

  test('events are stored whole and acknowledged with the hash of the last', async () => {
    const [first, second] = [event(), gate.event({ kind: 'refused', decision: { refusal: 'expired' } })]
    await say([first, second])
    await acked(2)
    expect(acks()).toEqual([{ schoolId: school.schoolId, gate: gate.gateId, sequence: 2, hash: second.hash }])
    const stored = await rows()
    expect(stored).toMatchObject([
      { sequence: '1', kind: 'granted', hash: first.hash, previous_hash: '0'.repeat(64), student_id: school.studentId },
      { sequence: '2', kind: 'refused', refusal: 'expired', previous_hash: first.hash, pass_id: ADA_PASS },
    ])
    expect(stored[0]!.record).toEqual(first.record)
    expect(stored[0]!.event_time.getTime()).toBe(first.record.trustedTimeMs)
  })

  test('an acknowledged event is in a committed row', async () => {
    const first = event()
    const seen = broker.sends(() => true).then(() => rows())
    await say([first])
    expect(sequences(await seen)).toEqual([1])
  })

  test('a batch said again is acknowledged again, and nothing is stored twice', async () => {
    const events = [event(), event()]
    await say(events)
    await acked(2)
    await ackedAgain(() => say(events))
    expect(acks().map(({ sequence }) => sequence)).toEqual([2, 2])
    // The meters count what was stored, and how long after it happened.
    const stored = await rows()
    expect(lagsMs).toEqual(stored.map(({ received_at, event_time }) => received_at.getTime() - event_time.getTime()))
    expect(sequences(await rows())).toEqual([1, 2])
    expect(await lines()).toHaveLength(2)
  })

  test('what is behind a gap is stored once the gap is filled', async () => {
    const [first, second, third] = [event(), event(), event()] as const
    await ackedAgain(() => say([first, third]))
    expect(acks().at(-1)).toMatchObject({ sequence: 1, hash: first.hash })
    expect(await log.said('events.gap')).toEqual({ gateId: gate.gateId, sequence: 2 })
    await say([second, third])
    await acked(3)
    expect(sequences(await rows())).toEqual([1, 2, 3])
  })

  test('a gap that nothing fills is given up after a minute, and kept as missing', async () => {
    const [first, , , fourth] = [event(), event(), event(), event()] as const
    await ackedAgain(() => say([first, fourth]))
    nowMs = GAP_PATIENCE_MS - 1
    await ackedAgain(() => say([fourth]))
    expect(sequences(await rows())).toEqual([1])
    nowMs = GAP_PATIENCE_MS
    await say([fourth])
    await acked(4)
    expect(sequences(await rows())).toEqual([1, 4])
    expect(await letters()).toMatchObject([{ sequence: '2', reason: 'missing', raw: '2-3' }])
  })

  test('a poison event among good ones is kept with the reason, and the others are acknowledged', async () => {
    const [first, second, third] = [event(), event(), event()] as const
    await say([first, { ...second, record: { ...second.record, kind: 'party' } }, third])
    await acked(3)
    expect(sequences(await rows())).toEqual([1, 3])
    const [letter] = await letters()
    expect(letter).toMatchObject({ sequence: '2', reason: 'malformed' })
    expect(letter!.detail).toContain('record.kind')
    expect(JSON.parse(letter!.raw)).toMatchObject({ hash: second.hash })
    // Said again, nothing is kept twice.
    await ackedAgain(() => say([first, { ...second, record: { ...second.record, kind: 'party' } }, third]))
    expect(await letters()).toHaveLength(1)
  })

  test('a fork is kept, and what was stored first stands', async () => {
    const first = event()
    await say([first])
    await acked(1)
    const twin = chain(sha256, FIRST_PREVIOUS, { ...first.record, kind: 'alarm' })
    await ackedAgain(() => say([twin]))
    expect(await rows()).toMatchObject([{ kind: 'granted', hash: first.hash }])
    expect(await letters()).toMatchObject([{ sequence: '1', reason: 'fork' }])
    expect(acks().at(-1)).toMatchObject({ sequence: 1, hash: first.hash })
  })

  for (const [why, header] of [
    ['wrong_type', { typ: 'gh-ack+1' }],
    ['wrong_key', { kid: 'another' }],
  ] as const) {
    test(`a batch that is ${why} is kept as a dead letter and not acknowledged`, async () => {
      await broker.say(`gatehouse/${school.tenant}/${gate.gateId}/events`, await gate.batch([event()], header))
      expect(await log.said('events.batch_refused')).toEqual({ gateId: gate.gateId, why })
      expect(await letters()).toMatchObject([{ sequence: null, reason: why }])
      expect(broker.sent).toEqual([])
    })
  }

  test('another gate’s signature is refused, though its events are well made', async () => {
    const other = await makeGate(database.db, school, 'south')
    await broker.say(`gatehouse/${school.tenant}/${gate.gateId}/events`, await other.batch([other.event()]))
    expect(await letters()).toMatchObject([{ reason: 'bad_signature', gate_id: gate.gateId }])
    expect(await rows()).toEqual([])
  })

  test('a batch signed with a shared secret is refused: the algorithm is ours', async () => {
    const { SignJWT } = await import('jose')
    const forged = await new SignJWT({ gate: gate.gateId, tenant: gate.tenant, events: [event()] })
      .setProtectedHeader({ alg: 'HS256', typ: 'gh-events+1', kid: gate.gateId })
      .sign(Buffer.alloc(32))
    await broker.say(`gatehouse/${school.tenant}/${gate.gateId}/events`, forged)
    expect(await log.said('events.batch_refused')).toMatchObject({ why: 'bad_signature' })
  })

  for (const rubbish of ['', 'x', '{}', 'a.b.c', '\u0000'.repeat(1000), `${'e'.repeat(100_000)}`]) {
    test(`rubbish of ${rubbish.length} characters that begins with ${JSON.stringify(rubbish.slice(0, 3))} stops nothing`, async () => {
      await broker.say(`gatehouse/${school.tenant}/${gate.gateId}/events`, rubbish)
      await say([event()])
      await acked(1)
      expect(await letters()).toHaveLength(1)
    })
  }

  test('a gate of another school on this school’s topic is not heard', async () => {
    const elsewhere = await makeSchool(database.db, `elsewhere-${schools}`)
    const other = await makeGate(database.db, elsewhere, 'north')
    await broker.say(`gatehouse/${school.tenant}/${other.gateId}/events`, await other.batch([other.event()]))
    expect(await log.said('events.unknown_gate')).toMatchObject({ gateId: other.gateId })
    expect(await rows(elsewhere.schoolId)).toEqual([])
  })

  test('lines name the holder of a proven credential, and nobody for a claimed one', async () => {
    const claimed = { technology: 'ghp1', proof: 'claimed' } as const
    await say([event(), gate.event({ kind: 'refused', credential: claimed, decision: { refusal: 'bad_signature' } })])
    await acked(2)
    expect(await lines()).toMatchObject([
      {
        gateName: 'Gate north',
        laneName: 'Way in',
        direction: 'in',
        holder: { studentId: school.studentId, name: 'Ada Löwe', department: 'Physics' },
        refusal: null,
      },
      { holder: null, passId: ADA_PASS, refusal: 'bad_signature' },
    ])
    expect((await rows()).map(row => row.student_id)).toEqual([school.studentId, null])
  })

  test('batches of one gate said at once are stored in order', async () => {
    const batches = Array.from({ length: 12 }, (_, at) => Array.from({ length: at % 2 ? 1 : 40 }, event))
    const last = batches.flat().at(-1) as ChainedEvent
    const signed = await Promise.all(batches.map(events => gate.batch(events)))
    await Promise.all(signed.map(batch => broker.say(`gatehouse/${gate.tenant}/${gate.gateId}/events`, batch)))
    await acked(last.record.sequence)
    expect(sequences(await rows())).toEqual(batches.flat().map(({ record }) => record.sequence))
    expect(log.lines.filter(({ event: said }) => said === 'events.gap')).toEqual([])
  })

  test('two processes that hear the same batches store each event once', async () => {
    const second = await startIngest({
      db: database.db,
      broker,
      log,
      signAck: async (schoolId, ack) => JSON.stringify({ schoolId, ...ack }),
    })
    const events = Array.from({ length: 200 }, event)
    for (let at = 0; at < events.length; at += 50) await say(events.slice(at, at + 50))
    await second.stop()
    await ingest.stop()
    expect(sequences(await rows())).toEqual(events.map(({ record }) => record.sequence))
    expect(await lines()).toHaveLength(200)
  })

  test('an event without a partition of its month goes to the default one', async () => {
    await say([gate.event({ trustedTimeMs: Date.UTC(1999, 0, 1) })])
    await acked(1)
    expect((await rows())[0]!.event_time.toISOString()).toBe('1999-01-01T00:00:00.000Z')
  })

  test('the gate’s last event is noted', async () => {
    const first = event()
    await say([first])
    await acked(1)
    const state = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('gate_states').selectAll().executeTakeFirstOrThrow(),
    )
    expect(state.last_event_at?.getTime()).toBe(first.record.trustedTimeMs)
  })

  test('a gate whose mini-PC was replaced begins again, and what the old one said stays', async () => {
    await say([event(), event()])
    await acked(2)
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('gates').set({ enrolled_at: sql`clock_timestamp()` }).where('id', '=', gate.gateId).execute(),
    )
    const first = chain(sha256, FIRST_PREVIOUS, { ...gate.event().record, sequence: 1, kind: 'boot' })
    await say([first])
    await acked(1)
    expect(acks().at(-1)).toMatchObject({ sequence: 1, hash: first.hash })
    expect((await rows()).map(({ sequence, kind }) => `${sequence} ${kind}`).sort()).toEqual([
      '1 boot',
      '1 granted',
      '2 granted',
    ])
    expect(await letters()).toEqual([])
  })
})
