import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { forgetByRetention } from '../audit/retention.repo.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { type Ingest, startIngest } from '../events/ingest.ts'
import { startCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type GateFixture, makeGate } from '../testing/gate-fixture.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'
import { type MemoryBroker, memoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'

const DAY_MS = 86_400_000
/** Noon in Amsterdam, whatever the clock of the machine says. */
const NOON_MS = Date.UTC(2026, 8, 1, 10)

onBothEngines('visitors at the gate', engine => {
  let database: Database
  let campus: Campus
  let broker: MemoryBroker
  let ingest: Ingest
  let gate: GateFixture
  let hostId: string
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    const cloud = await startCloud(database)
    cloud.clock.nowMs = NOON_MS
    campus = await openCampus(database, cloud)
    const level = { name: 'Visitors', class: 'visitor', groups: [0], profile: 0 }
    const levelId = (await campus.call('POST', '/access-levels', level)).body.data.id
    await campus.call('POST', '/access-level-defaults', { class: 'visitor', departmentId: null, levelId })
    hostId = (await campus.call('GET', '/visitor-hosts')).body.data[0].userId
    broker = memoryBroker()
    gate = await makeGate(database.db, { ...campus.school, studentId: '' }, 'west')
    await inOurs(tx =>
      tx
        .insertInto('access_points')
        .values({
          id: crypto.randomUUID(),
          school_id: campus.school.schoolId,
          gate_id: gate.gateId,
          lane: 'out',
          name: 'Way out',
          direction: 'out',
          position: 1,
        })
        .execute(),
    )
    const signAck = async (schoolId: string, ack: object) => JSON.stringify({ schoolId, ...ack })
    ingest = await startIngest({ db: database.db, broker, log: memoryLog(), signAck })
  })
  afterAll(async () => {
    await ingest.stop()
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  beforeEach(() => at(NOON_MS))

  /** Moves the clock, and signs in: a token of another day is not taken. */
  const at = async (ms: number) => {
    campus.cloud.clock.nowMs = ms
    token = await campus.cloud.signIn(campus.school, 'school_admin')
  }
  const call = (method: string, path: string, body?: object) =>
    campus.cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })

  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) =>
    inSchool(database.db, campus.school.schoolId, work)
  const receive = async (firstName: string, more: object = {}) => {
    const made = await call('POST', '/visitors', { firstName, lastName: 'Rubin', hostUserId: hostId, ...more })
    expect(made.status).toBe(201)
    return made.body.data as { id: string; visit: { passId: string } }
  }
  /** What the gate says, in one batch, and the answer that it is stored. */
  const say = async (events: readonly unknown[]) => {
    const before = broker.sent.length
    await broker.say(`gatehouse/${gate.tenant}/${gate.gateId}/events`, await gate.batch(events))
    await broker.sends(sent => broker.sent.indexOf(sent) >= before)
  }
  const event = (passId: string, atMs: number, more: object = {}) =>
    gate.event({ passId, trustedTimeMs: atMs, wallTimeMs: atMs, ...more })
  const told = () =>
    inOurs(tx => tx.selectFrom('notifications').select(['user_id', 'facts', 'path', 'kind']).orderBy('id').execute())
  const toldOf = async (visitorId: string) => (await told()).filter(({ path }) => path.includes(visitorId))
  const stateOf = async (visitorId: string) =>
    (await call('GET', `/visitors/${visitorId}`)).body.data.visit as Record<string, string | null>
  const namesOf = async (state: string) =>
    (await call('GET', `/visitors?state=${state}&limit=100`)).body.data.map(
      ({ firstName }: { firstName: string }) => firstName,
    )

  test('the host is told once a day, in the transaction of the event, and never again by a replay', async () => {
    const { id, visit } = await receive('Vera')
    const [first, second] = [event(visit.passId, NOON_MS), event(visit.passId, NOON_MS + 60_000)]
    await say([first, second])
    await say([first, second])
    const facts = { visitor: 'Vera Rubin', gate: 'Gate west', at: new Date(NOON_MS).toISOString() }
    expect(await toldOf(id)).toEqual([
      { kind: 'visitor_arrived', user_id: hostId, facts, path: `/visitors?open=${id}` },
    ])
    // The next day of a longer visit is another arrival.
    await say([event(visit.passId, NOON_MS + DAY_MS)])
    expect((await toldOf(id)).map(({ facts }) => facts.at)).toEqual([
      new Date(NOON_MS).toISOString(),
      new Date(NOON_MS + DAY_MS).toISOString(),
    ])
  })

  test('a refusal, a claim and a way out tell nobody, and the live feed names the visitor', async () => {
    const { id, visit } = await receive('Claimed', { organisation: 'Carnegie' })
    await say([
      event(visit.passId, NOON_MS, { kind: 'refused', decision: { refusal: 'wrong_gate' } }),
      event(visit.passId, NOON_MS, { credential: { technology: 'qr', proof: 'claimed' } }),
      event(visit.passId, NOON_MS, { lane: 'out' }),
    ])
    expect(await toldOf(id)).toEqual([])
    expect((await stateOf(id)).arrivedAt).toBeNull()
    const holder = { studentId: null, visitorId: id, name: 'Claimed Rubin', department: 'Carnegie' }
    const events = (await call('GET', `/access-events?passId=${visit.passId}`)).body.data
    expect(events.map((line: AccessLine) => line.holder)).toEqual(expect.arrayContaining([holder, null]))
    const byName = (await call('GET', '/access-events?search=claimed')).body.data
    expect(byName).toHaveLength(2)
    const lines = await inOurs(tx =>
      tx.selectFrom('outbox').select('body').where('kind', '=', 'access.lines').execute(),
    )
    const live = lines.flatMap(({ body }) => (body as { lines: AccessLine[] }).lines)
    expect(live.filter(line => line.passId === visit.passId).map(line => line.holder)).toEqual([holder, null, holder])
  })

  test('who is in the house is known: in, out, in again, signed out, and not tomorrow', async () => {
    const { id, visit } = await receive('Inside', { until: new Date(NOON_MS + 3 * DAY_MS).toISOString() })
    const expected = await receive('Awaited')
    await say([event(visit.passId, NOON_MS)])
    expect(await stateOf(id)).toMatchObject({ state: 'inside', arrivedAt: new Date(NOON_MS).toISOString() })
    expect(await namesOf('inside')).toContain('Inside')
    expect(await namesOf('expected')).toContain('Awaited')
    expect(await namesOf('expected')).not.toContain('Inside')

    await say([event(visit.passId, NOON_MS + 1000, { lane: 'out' })])
    expect(await stateOf(id)).toMatchObject({ state: 'expected', leftAt: new Date(NOON_MS + 1000).toISOString() })
    expect(await namesOf('inside')).not.toContain('Inside')
    // What a gate tells late does not bring anybody back.
    await say([event(visit.passId, NOON_MS + 500)])
    expect((await stateOf(id)).state).toBe('expected')
    await say([event(visit.passId, NOON_MS + 2000)])
    expect(await stateOf(id)).toMatchObject({ state: 'inside', leftAt: null })

    await at(NOON_MS + DAY_MS)
    expect((await stateOf(id)).state).toBe('expected')
    expect(await namesOf('inside')).toEqual([])
    await at(NOON_MS)
    await call('POST', `/visitors/${id}/visit-end`, { note: 'signed out at the desk' })
    expect(await namesOf('inside')).not.toContain('Inside')
    expect(await namesOf('over')).toContain('Inside')
    expect((await stateOf(expected.id)).state).toBe('expected')
  })

  test('a visitor is given what is kept, and erased: the pass dies, events and notices name nobody', async () => {
    const { id, visit } = await receive('Erase', { email: 'erase@visit.example' })
    await say([event(visit.passId, NOON_MS)])
    const looked = (await call('GET', `/visitors/${id}/erasure`)).body.data
    const rows = Object.fromEntries(
      looked.holdings.map(({ name, rows }: { name: string; rows: number }) => [name, rows]),
    )
    expect(rows).toMatchObject({ passes: 1, visits: 1, passages: 1, notifications: 1, visitor: 1 })
    expect(looked.passesRevoked).toBe(1)
    const file = await call('POST', `/visitors/${id}/data-export`)
    expect(file.status).toBe(200)
    expect((await call('POST', `/visitors/${id}/erasure`, { confirm: 'Somebody' })).status).toBe(422)
    const erased = await call('POST', `/visitors/${id}/erasure`, { confirm: 'erase rubin' })
    expect([erased.status, erased.body.error]).toEqual([200, null])

    expect((await call('GET', `/visitors/${id}`)).status).toBe(404)
    expect(await toldOf(id)).toEqual([])
    const pass = (await call('GET', `/passes/${visit.passId}`)).body.data
    expect(pass).toMatchObject({ status: 'revoked', note: null, holder: { name: '(erased)' } })
    const [line] = (await call('GET', `/access-events?passId=${visit.passId}`)).body.data
    expect(line.holder).toBeNull()
    const left = await inOurs(async tx =>
      JSON.stringify(
        await tx
          .selectFrom('audit_log')
          .select(['after', 'before', 'note'])
          .where('student_id', '=', id)
          .where('action', '!=', 'person.erase')
          .execute(),
      ),
    )
    expect(left).not.toMatch(/Erase|visit\.example/)
    expect((await call('POST', `/visitors/${id}/erasure`, { confirm: 'erase rubin' })).body.error.code).toBe(
      'already_erased',
    )
    // A gate that was away tells of somebody whom nobody remembers.
    await say([event(visit.passId, NOON_MS + 3000)])
    expect(await toldOf(id)).toEqual([])
  })

  test('visitors are forgotten so many days after their last visit, others are not', async () => {
    const old = await receive('Forgotten', {
      from: new Date(NOON_MS - DAY_MS).toISOString(),
      until: new Date(NOON_MS + DAY_MS).toISOString(),
    })
    await inOurs(tx =>
      tx
        .updateTable('visitors')
        .set({ created_at: new Date(NOON_MS - 100 * DAY_MS) })
        .where('id', '=', old.id)
        .execute(),
    )
    const forget = (days: number) => forgetByRetention(database.db, campus.school.schoolId, NOON_MS + days * DAY_MS)
    await forget(90)
    expect((await call('GET', `/visitors/${old.id}`)).status).toBe(200)
    await call('POST', `/visitors/${old.id}/visit-end`, {})
    await forget(89)
    expect((await call('GET', `/visitors/${old.id}`)).status).toBe(200)
    await forget(90.5)
    expect((await call('GET', `/visitors/${old.id}`)).status).toBe(404)
    expect(await namesOf('expected')).toContain('Awaited')
    const log = (await call('GET', '/audit?action=retention.run')).body.data
    // And the one who was signed out at noon.
    expect(log[0].after.visitors).toBe(2)
  })
})
