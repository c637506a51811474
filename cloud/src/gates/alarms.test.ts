import { randomUUIDv7 } from 'node:crypto'
import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { type Ingest, startIngest } from '../events/ingest.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type GateFixture, makeGate } from '../testing/gate-fixture.ts'
import { type MemoryBroker, memoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { alarmOf, tellOfAlarms } from './alarms.repo.ts'

test.each<[Pick<EventRecord, 'kind' | 'details'>, string | null]>([
  [{ kind: 'forced' }, 'forced'],
  [{ kind: 'held' }, 'held'],
  [{ kind: 'tamper', details: { problem: 'reader' } }, 'tamper'],
  [{ kind: 'alarm', details: { problem: 'fire_alarm' } }, 'fire_alarm'],
  [{ kind: 'alarm', details: { problem: 'door', failure: 'no_answer' } }, 'door'],
  [{ kind: 'alarm', details: { refused: 'equivocation' } }, 'equivocation'],
  // It is over, or nothing to run for.
  [{ kind: 'alarm', details: { problem: 'fire_alarm_over' } }, null],
  [{ kind: 'alarm', details: { problem: 'passage_unknown' } }, null],
  [{ kind: 'alarm' }, null],
  [{ kind: 'list', details: { refused: 'equivocation' } }, null],
  [{ kind: 'granted' }, null],
])('%j wakes people as %s', (record, alarm) => expect(alarmOf(record)).toBe(alarm))

onBothEngines('an alarm at a gate', engine => {
  let database: Database
  let school: TestSchool
  let gate: GateFixture
  let broker: MemoryBroker
  let ingest: Ingest
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    gate = await makeGate(database.db, { ...school, studentId: '' }, 'south')
    broker = memoryBroker()
    const signAck = async (schoolId: string, ack: object) => JSON.stringify({ schoolId, ...ack })
    ingest = await startIngest({ db: database.db, broker, log: memoryLog(), signAck })
  })
  afterAll(async () => {
    await ingest.stop()
    await database[Symbol.asyncDispose]()
  })

  const inIt = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(database.db, school.schoolId, work)
  const told = () =>
    inIt(tx =>
      tx
        .selectFrom('notifications')
        .innerJoin('users', 'users.id', 'notifications.user_id')
        .select(['users.role', 'facts'])
        .where('kind', '=', 'gate_alarm')
        .orderBy('notifications.id')
        .execute(),
    )

  test('is told with the events that are stored, to who looks after gates and who stands at them', async () => {
    const now = Date.now()
    const at = { trustedTimeMs: now, wallTimeMs: now }
    const events = [
      gate.event({ kind: 'forced', lane: 'in', ...at }),
      gate.event({ kind: 'forced', lane: 'in', ...at }),
      gate.event({ kind: 'alarm', details: { problem: 'fire_alarm' }, ...at }),
    ]
    await broker.say(`gatehouse/${gate.tenant}/${gate.gateId}/events`, await gate.batch(events))
    await broker.sends(({ payload }) => JSON.parse(payload).sequence === 3)
    const people = ['facilities', 'school_admin', 'security']
    const found = await told()
    expect(found.map(({ role, facts }) => `${facts.alarm} ${role}`).toSorted()).toEqual([
      ...people.map(role => `fire_alarm ${role}`),
      ...people.map(role => `forced ${role}`),
    ])
    expect(found[0]!.facts).toMatchObject({ gate: 'Gate south', at: new Date(now).toISOString() })
  })

  test('is told again after ten minutes, and not of what a gate tells late', async () => {
    const seen = (atMs: number, gateId = gate.gateId) => {
      const record = { kind: 'forced' } as EventRecord
      const line = { gateId, gateName: 'Gate south', at: new Date(atMs), receivedAt: new Date() }
      return { record, line: JSON.parse(JSON.stringify(line)) as AccessLine }
    }
    const tell = (atMs: number, gateId?: string) => inIt(tx => tellOfAlarms(tx, school.schoolId, [seen(atMs, gateId)]))
    const before = (await told()).length
    await tell(Date.now())
    expect(await told()).toHaveLength(before)
    await inIt(tx =>
      sql`update notifications set made_at = made_at - interval '11 minutes'
      where school_id = ${school.schoolId}`.execute(tx),
    )
    await tell(Date.now() - 3_600_000)
    expect(await told()).toHaveLength(before)
    // A minute on the way is not late.
    await tell(Date.now() - 60_000)
    expect(await told()).toHaveLength(before + 3)
    // The same at another gate is another door.
    await tell(Date.now(), randomUUIDv7())
    expect(await told()).toHaveLength(before + 6)
  })
})
