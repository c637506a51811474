import { generateKeyPairSync, type KeyObject, randomUUID, randomUUIDv7 } from 'node:crypto'
import { COMMAND_TYP, Command, type EnrolmentKey } from '@gatehouse/shared/command/command.ts'
import { CARD_TYP, SEALED_CARD_TYP, type SeenCard } from '@gatehouse/shared/command/sealed-card.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { CompactEncrypt, CompactSign, compactVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createGate } from '../gates/gates.repo.ts'
import { noteState } from '../live/gate-states.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type MemoryBroker, memoryBroker } from '../testing/memory-broker.ts'
import { type MemoryLog, memoryLog } from '../testing/memory-log.ts'
import { publicKeys } from '../testing/public-keys.ts'
import { type TakeCards, takeCards } from './take-cards.ts'

onBothEngines('a card that is read at a gate', engine => {
  let database: Database
  let cloud: TestCloud
  let broker: MemoryBroker
  let log: MemoryLog
  let taking: TakeCards
  let school: TestSchool
  let gateId: string
  let key: KeyObject
  let studentId: string
  const tokens = new Map<string, string>()

  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database, { publishToGate: (...said) => published(...said) })
    school = await enterTestSchool(database, cloud.vault)
    await signIn()
    gateId = await enterGate('north')
    const student = { studentNumber: 'S-1', firstName: 'Zoë', lastName: 'Ångström' }
    studentId = (await call('POST', '/students', student)).body.data.id
  })
  beforeEach(async () => {
    await taking?.stop()
    log = memoryLog()
    broker = memoryBroker()
    published = broker.publish
    taking = await takeCards({ db: database.db, vault: cloud.vault, broker, nowMs: () => cloud.clock.nowMs, log })
    cloud.clock.nowMs += 3_600_000
    await signIn()
    await say(online)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  let published: MemoryBroker['publish']

  const online = {
    online: true,
    lanes: [
      {
        lane: 'in',
        readers: [
          { id: 'card', reads: 'card' as const, up: true },
          { id: 'qr', reads: 'code' as const, up: true },
        ],
        door: { up: true, pulse: 'hardware-timed' as const },
      },
    ],
  }
  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)
  const say = (said: Parameters<typeof noteState>[1]['said']) =>
    inOurs(tx => noteState(tx, { schoolId: school.schoolId, gateId, said, at: new Date() }))
  const call = (method: string, path: string, body?: object, role = 'school_admin') =>
    cloud.call(method, `/api/v1${path}`, { token: tokens.get(role)!, ...(body && { body }) })

  async function enterGate(shortName: string): Promise<string> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    key = privateKey
    return inOurs(async tx => {
      await enterGroups(tx, school.schoolId, new Map([[0, 'North']]))
      const actor = { schoolId: school.schoolId, userId: null, nowMs: Date.now() }
      const accessPoints = [{ lane: 'in', name: 'In', direction: 'in' as const, groups: [0] }]
      const made = await createGate(tx, actor, { name: 'North gate', shortName, accessPoints })
      if (!made.ok) throw new Error(made.failure)
      await tx
        .updateTable('gates')
        .set({ public_jwk: JSON.stringify(publicKey.export({ format: 'jwk' })), enrolled_at: new Date() })
        .where('id', '=', made.value)
        .execute()
      return made.value
    })
  }

  async function signIn(): Promise<void> {
    for (const role of ['school_admin', 'staff', 'security'] as const)
      tokens.set(role, await cloud.signIn(school, role))
  }

  const issued = async () => {
    const dates = { notBefore: '2026-01-01T00:00:00Z', expires: '2066-01-01T00:00:00Z', groups: [0] }
    return (await call('POST', '/passes', { studentId, ...dates })).body.data
  }
  const arm = (role = 'school_admin', reader = 'card', lane = 'in', gate = gateId) =>
    call('POST', `/gates/${gate}/readers/${reader}/arming`, { lane }, role)
  const armed = async (role?: string) => {
    const said = await arm(role)
    expect(said.status).toBe(202)
    const { payload } = broker.sent.findLast(({ topic }) => topic === topics.commands(school.tenant, gateId))!
    return { id: said.body.data.armingId as string, jws: payload, command: await opened(payload) }
  }
  const opened = async (jws: string): Promise<Command> => {
    const keys = await inOurs(tx => publicKeys(tx, school.schoolId))
    const { jwk, kid } = keys.find(({ use }) => use === 'command')!
    const { payload, protectedHeader } = await compactVerify(jws, jwk, { algorithms: ['Ed25519'] })
    expect(protectedHeader).toEqual({ alg: 'Ed25519', typ: COMMAND_TYP, kid })
    return Command.parse(JSON.parse(Buffer.from(payload).toString()))
  }
  let cards = 0
  /** A card that was never seen before. */
  const another = () => ({
    technology: 'em4100' as const,
    bitCount: 40,
    bits: (0x1_0000_0000 + ++cards).toString(16).padStart(10, '0'),
  })
  const seenBy = ({ id, order: { lane, reader } }: Command, card = another()): SeenCard => ({
    tenant: school.tenant,
    gate: gateId,
    lane,
    reader,
    command: id,
    ...card,
    atMs: cloud.clock.nowMs,
  })
  type Spoilt = { readonly key?: KeyObject; readonly kid?: string; readonly typ?: string; readonly sealTyp?: string }
  const sealed = async (seen: object, { kid: to, ...jwk }: EnrolmentKey, spoilt: Spoilt = {}) => {
    const signed = await new CompactSign(Buffer.from(JSON.stringify(seen)))
      .setProtectedHeader({ alg: 'Ed25519', typ: spoilt.typ ?? CARD_TYP, kid: gateId })
      .sign(spoilt.key ?? key)
    return new CompactEncrypt(Buffer.from(signed))
      .setProtectedHeader({
        alg: 'ECDH-ES',
        enc: 'A256GCM',
        typ: spoilt.sealTyp ?? SEALED_CARD_TYP,
        kid: spoilt.kid ?? to,
      })
      .encrypt(jwk)
  }
  const offer = async (command: Command, card = another()) => {
    await broker.say(topics.cards(school.tenant, gateId), await sealed(seenBy(command, card), command.order.sealTo))
    return card
  }
  const look = async (id: string, role?: string) => (await call('GET', `/card-offers/${id}`, undefined, role)).body
  const take = (id: string, passId: string, role?: string) =>
    call('POST', `/card-offers/${id}/credential`, { passId }, role)

  test('is armed for by a signed command, offered with its ending only, and taken once', async () => {
    const { passId } = await issued()
    const { id, command } = await armed()
    expect(command).toMatchObject({ id, tenant: school.tenant, gate: gateId, reason: 'enrol a card' })
    expect(command.order).toMatchObject({ do: 'arm_reader', lane: 'in', reader: 'card', forS: 60 })
    expect(command.expiresAtMs - command.issuedAtMs).toBe(5_000)
    expect((await look(id)).data).toMatchObject({ state: 'waiting', card: null, holder: null })

    const card = await offer(command)
    const offered = await look(id)
    expect(offered.data).toMatchObject({
      state: 'offered',
      card: { technology: 'em4100', bitCount: 40, ending: card.bits.slice(-3).toUpperCase() },
      holder: null,
    })
    expect(JSON.stringify(offered).toLowerCase()).not.toContain(card.bits.slice(0, 8))
    const rows = JSON.stringify(await inOurs(tx => tx.selectFrom('card_offers').selectAll().execute()))
    expect(rows).not.toContain(card.bits)

    expect((await take(id, passId)).body.data).toMatchObject({ technology: 'em4100', bitCount: 40 })
    const pass = (await call('GET', `/passes/${passId}`)).body.data
    expect(pass.credentials).toMatchObject([{ ending: card.bits.slice(-3).toUpperCase() }])
    expect((await look(id)).data.state).toBe('taken')
    expect((await take(id, passId)).status).toBe(404)
    expect(
      await inOurs(tx => tx.selectFrom('card_offers').select('sealed_bits').where('id', '=', id).execute()),
    ).toEqual([{ sealed_bits: null }])
    // The very card: typed, it is on that pass already, and the office hears on which.
    const typed = await call('POST', `/passes/${(await issued()).passId}/credentials`, {
      technology: 'em4100',
      bits: card.bits,
    })
    expect(typed.body.error).toMatchObject({
      code: 'card_taken',
      message: `This card is on pass ${pass.serial} of Zoë Ångström already. Take it off there first.`,
    })
  })

  test('is nobody’s but who armed the reader', async () => {
    const { passId } = await issued()
    const { id, command } = await armed('staff')
    await offer(command)
    expect((await look(id, 'school_admin')).error.code).toBe('not_found')
    expect((await take(id, passId, 'school_admin')).status).toBe(404)
    expect((await take(id, passId, 'staff')).status).toBe(201)
  })

  test('a guard arms nothing', async () => {
    expect((await arm('security')).status).toBe(403)
    expect(broker.sent).toEqual([])
  })

  test.each([
    ['a reader of codes', 'qr', 'in', 404, 'not_found'],
    ['a reader that is not there', 'other', 'in', 404, 'not_found'],
    ['another lane', 'card', 'out', 404, 'not_found'],
  ])('%s is not armed', async (_what, reader, lane, status, code) => {
    const said = await arm('school_admin', reader, lane)
    expect([said.status, said.body.error.code]).toEqual([status, code])
    expect(broker.sent).toEqual([])
  })

  test('a gate that is offline is not asked, and one that goes meanwhile is said to be', async () => {
    const { id } = await armed()
    await say({ online: false })
    expect((await look(id)).data.state).toBe('gate_offline')
    expect((await arm()).body.error.code).toBe('gate_offline')
    expect((await arm('school_admin', 'card', 'in', randomUUIDv7())).status).toBe(404)
  })

  test('somebody else waits until the minute is over; the same person begins anew', async () => {
    await armed('staff')
    expect((await arm('school_admin')).body.error.code).toBe('reader_busy')
    const { command } = await armed('staff')
    await offer(command)
    await armed('school_admin')
    cloud.clock.nowMs += 60_000
    await armed('staff')
  })

  test('an arming ends after a minute; a card that was on its way for another is still offered', async () => {
    const first = await armed()
    cloud.clock.nowMs += 60_000
    expect((await look(first.id)).data.state).toBe('expired')
    cloud.clock.nowMs += 65_000
    await offer(first.command)
    expect((await look(first.id)).data.state).toBe('offered')

    const second = await armed()
    cloud.clock.nowMs += 125_001
    await offer(second.command)
    expect(await log.said('cards.refused')).toMatchObject({ why: 'late' })
    expect((await look(second.id)).data.state).toBe('expired')
  })

  test('what nobody takes is gone after ten minutes, and after an hour from the tables', async () => {
    const { passId } = await issued()
    const { id, command } = await armed()
    await offer(command)
    cloud.clock.nowMs += 600_000
    expect((await look(id)).data.state).toBe('expired')
    expect((await take(id, passId)).status).toBe(404)
    cloud.clock.nowMs += 3_000_001
    await signIn()
    await armed()
    expect(await inOurs(tx => tx.selectFrom('card_offers').select('id').where('id', '=', id).execute())).toEqual([])
  })

  test('one that is on a living pass says whose; of a revoked pass it is free', async () => {
    const [before, after] = [await issued(), await issued()]
    const first = await armed()
    const card = await offer(first.command)
    await take(first.id, before.passId)
    const second = await armed()
    await offer(second.command, card)
    const holder = { passId: before.passId, serial: before.serial, name: 'Zoë Ångström' }
    expect((await look(second.id)).data).toMatchObject({ state: 'offered', holder })
    expect((await take(second.id, after.passId)).body.error.message).toContain(`pass ${before.serial} of Zoë Ångström`)

    await call('POST', `/passes/${before.passId}/revocation`, { note: 'left the school' })
    expect((await look(second.id)).data.holder).toBeNull()
    expect((await take(second.id, after.passId)).status).toBe(201)
    expect((await call('GET', `/passes/${before.passId}`)).body.data.credentials).toEqual([])
  })

  test('a known card at the reader, and a refusal, are heard from the gate’s events', async () => {
    const holder = await issued()
    const { id } = await armed()
    let sequence = 0
    const event = (details: object, passId: string | null = null) =>
      inOurs(tx =>
        tx
          .insertInto('access_events')
          .values({
            school_id: school.schoolId,
            gate_id: gateId,
            sequence: ++sequence,
            event_time: new Date(cloud.clock.nowMs),
            kind: 'command',
            lane: 'in',
            pass_id: passId,
            student_id: null,
            technology: null,
            proof: null,
            ground: null,
            refusal: null,
            objection: null,
            list_version: 1,
            previous_hash: '',
            hash: String(sequence),
            record: JSON.stringify({ details }),
          })
          .execute(),
      )
    await event({ command: randomUUID(), refused: 'expired' })
    await event({ command: id, refused: 'replayed' })
    expect((await look(id)).data).toMatchObject({ state: 'waiting', holder: null })
    await event({ command: id, found: 'known_card' }, holder.passId)
    expect((await look(id)).data).toMatchObject({ state: 'waiting', holder: { serial: holder.serial } })
    await event({ command: id, refused: 'clock_in_doubt' })
    expect((await look(id)).data).toMatchObject({ state: 'refused', why: 'clock_in_doubt' })
  })

  describe('what the network brings', () => {
    const stranger = generateKeyPairSync('ed25519').privateKey
    test.each<[string, (command: Command) => Promise<string>, string]>([
      ['signed by another than the gate', c => sealed(seenBy(c), c.order.sealTo, { key: stranger }), 'bad_signature'],
      [
        'signed as another kind of document',
        c => sealed(seenBy(c), c.order.sealTo, { typ: 'gh-events+1' }),
        'bad_signature',
      ],
      ['sealed as another kind', c => sealed(seenBy(c), c.order.sealTo, { sealTyp: 'gh-card+1' }), 'wrong_type'],
      [
        'sealed to a key that we do not have',
        c => sealed(seenBy(c), c.order.sealTo, { kid: 'x/enrolment/9' }),
        'unknown_key',
      ],
      ['of another gate', c => sealed({ ...seenBy(c), gate: randomUUID() }, c.order.sealTo), 'wrong_gate'],
      ['of another school', c => sealed({ ...seenBy(c), tenant: 'elsewhere' }, c.order.sealTo), 'wrong_gate'],
      ['of another reader', c => sealed({ ...seenBy(c), reader: 'other' }, c.order.sealTo), 'no_such_arming'],
      [
        'for a command that nobody gave',
        c => sealed({ ...seenBy(c), command: randomUUID() }, c.order.sealTo),
        'no_such_arming',
      ],
      ['with bits beyond its count', c => sealed({ ...seenBy(c), bitCount: 33 }, c.order.sealTo), 'not_a_card'],
      ['with a word more', c => sealed({ ...seenBy(c), more: 1 }, c.order.sealTo), 'not_a_card'],
      ['that is noise', async () => 'noise', 'wrong_type'],
      ['that is too large', async () => 'x'.repeat(4_097), 'too_large'],
    ])('a card %s is refused, and nothing of it kept', async (_what, make, why) => {
      const { id, command } = await armed()
      await broker.say(topics.cards(school.tenant, gateId), await make(command))
      expect(await log.said('cards.refused')).toMatchObject({ gateId, why })
      expect((await look(id)).data.state).toBe('waiting')
    })

    test('the seal of another key does not open', async () => {
      const { command } = await armed()
      const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
      const other = { ...command.order.sealTo, x: x!, y: y! }
      await broker.say(topics.cards(school.tenant, gateId), await sealed(seenBy(command), other))
      expect(await log.said('cards.refused')).toMatchObject({ why: 'not_for_us' })
    })

    test('a second card for one arming does not take the place of the first', async () => {
      const { id, command } = await armed()
      const first = await offer(command)
      await offer(command)
      expect(await log.said('cards.refused')).toMatchObject({ why: 'second' })
      expect((await look(id)).data.card.ending).toBe(first.bits.slice(-3).toUpperCase())
    })

    test('no card stands in a log or a dead letter', async () => {
      const { command } = await armed()
      const card = await offer(command)
      await offer(command, card)
      expect(JSON.stringify(log.lines)).not.toContain(card.bits)
      expect(await inOurs(tx => tx.selectFrom('event_dead_letters').selectAll().execute())).toEqual([])
    })
  })

  test('where the broker is away the person hears it', async () => {
    published = async () => {
      throw new Error('away')
    }
    await using other = await startCloud(database, { publishToGate: (...said) => published(...said) })
    other.clock.nowMs = cloud.clock.nowMs
    const token = await other.signIn(school, 'school_admin')
    const said = await other.call('POST', `/api/v1/gates/${gateId}/readers/card/arming`, {
      token,
      body: { lane: 'in' },
    })
    expect([said.status, said.body.error.code]).toEqual([503, 'gates_unreachable'])
  })
})
