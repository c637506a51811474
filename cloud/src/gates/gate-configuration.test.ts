import { randomUUIDv7 } from 'node:crypto'
import { GATE_CONFIGURATION_TYP, GateConfiguration } from '@gatehouse/shared/command/gate-configuration.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { compactVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { noteState } from '../live/gate-states.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { publicKeys } from '../testing/public-keys.ts'
import { createGate } from './gates.repo.ts'
import { publishConfigurations } from './publish-configurations.ts'

const BOARDS = [{ family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }]
const lane = (name: string, channel: number, pulseMs = 700) => ({
  lane: name,
  readers: [{ family: 'rdm6300', id: 'card', port: { kind: 'tcp', host: '10.0.0.5', port: 4000 + channel } }],
  door: { output: { board: 'relays', channel }, pulseMs },
})
const described = (pulseMs = 700) => ({ boards: BOARDS, lanes: [lane('in', 1, pulseMs), lane('out', 2)] })

onBothEngines('what hangs on a gate', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let other: TestSchool
  const tokens = new Map<string, string>()
  const sent: { tenant: string; gateId: string; jws: string }[] = []

  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    other = await enterTestSchool(database, cloud.vault)
    for (const role of ['facilities', 'security'] as const) tokens.set(role, await cloud.signIn(school, role))
    tokens.set('stranger', await cloud.signIn(other, 'facilities'))
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const publishing = () => ({
    db: database.db,
    vault: cloud.vault,
    async publish(tenant: string, gateId: string, jws: string) {
      sent.push({ tenant, gateId, jws })
    },
  })
  const call = (method: string, path: string, body?: object, as = 'facilities') =>
    cloud.call(method, `/api/v1${path}`, { token: tokens.get(as)!, ...(body && { body }) })
  const enterGate = () =>
    inSchool(database.db, school.schoolId, async tx => {
      const made = await createGate(
        tx,
        { schoolId: school.schoolId, userId: null, nowMs: Date.now() },
        {
          name: 'North gate',
          shortName: `north-${randomUUIDv7().slice(-8)}`,
          accessPoints: [
            { lane: 'in', name: 'Way in', direction: 'in', groups: [0, 3] },
            { lane: 'out', name: 'Way out', direction: 'out', groups: [0] },
          ],
        },
      )
      if (!made.ok) throw new Error(made.failure)
      return made.value
    })
  const put = (gateId: string, basedOn: number, body: object = described()) =>
    call('PUT', `/gates/${gateId}/configuration`, { basedOn, ...body })
  const opened = async (jws: string) => {
    const keys = await inSchool(database.db, school.schoolId, tx => publicKeys(tx, school.schoolId))
    const { jwk, kid } = keys.find(({ use }) => use === 'command')!
    const { payload, protectedHeader } = await compactVerify(jws, jwk, { algorithms: ['Ed25519'] })
    expect(protectedHeader).toEqual({ alg: 'Ed25519', typ: GATE_CONFIGURATION_TYP, kid })
    return GateConfiguration.parse(JSON.parse(Buffer.from(payload).toString()))
  }

  test('is nothing before the first description', async () => {
    const answer = await call('GET', `/gates/${await enterGate()}/configuration`)
    expect(answer.body.data).toEqual({ newest: null, reported: null, history: [] })
  })

  test('is described by facilities staff, completed by the access points, signed after the commit and sent to that gate', async () => {
    const gateId = await enterGate()
    const answer = await put(gateId, 0)
    expect(answer.status).toBe(200)
    expect(answer.body.data.newest).toMatchObject({
      version: 1,
      lanes: [{ lane: 'in', name: 'Way in' }, { lane: 'out' }],
    })
    expect(answer.body.data.history).toMatchObject([{ version: 1, sentBy: 'facilities' }])

    sent.length = 0
    const drain = await drainOutbox({
      database,
      handlers: {
        'configuration.changed': rows =>
          publishConfigurations(publishing(), { gateIds: rows.map(({ body }) => body.gateId) }),
      },
      onProblem: problem => {
        throw problem
      },
    })
    await drain.now()
    await drain.stop()
    const { jws } = sent.find(one => one.gateId === gateId)!
    expect(await opened(jws)).toMatchObject({
      tenant: school.tenant,
      gate: gateId,
      version: 1,
      boards: [{ id: 'relays', port: { path: '/dev/ttyUSB1', baudRate: 9600 } }],
      lanes: [
        { lane: 'in', name: 'Way in', direction: 'in', groups: [0, 3], door: { pulseMs: 700 } },
        { lane: 'out', direction: 'out', groups: [0] },
      ],
    })
    expect(topics.config(school.tenant, gateId)).toBe(`gatehouse/${school.tenant}/${gateId}/config`)
  })

  test('is said of all gates at start, and the newest of each alone', async () => {
    const [one, two, bare] = [await enterGate(), await enterGate(), await enterGate()]
    await put(one, 0)
    await put(one, 1, described(900))
    await put(two, 0)
    sent.length = 0
    await publishConfigurations(publishing(), 'all')
    const versions = new Map(
      await Promise.all(sent.map(async ({ gateId, jws }) => [gateId, (await opened(jws)).version] as const)),
    )
    expect([versions.get(one), versions.get(two), versions.has(bare)]).toEqual([2, 1, false])
    sent.length = 0
    await publishConfigurations(publishing(), { schoolIds: [other.schoolId] })
    expect(sent).toEqual([])
  })

  test('is checked without being kept: every mistake with its place, or what would change', async () => {
    const gateId = await enterGate()
    const check = async (body: object) => (await call('POST', `/gates/${gateId}/configuration/check`, body)).body.data
    expect(await check(described())).toEqual({
      mistakes: [],
      changes: [
        { place: 'board relays', what: 'new: LCUS USB relay' },
        { place: 'Way in: reader card', what: 'new: RDM6300, ID-12 or ID-20' },
        { place: 'Way in: door', what: 'new: relay 1 of relays, pulse 700 ms' },
        { place: 'Way out: reader card', what: 'new: RDM6300, ID-12 or ID-20' },
        { place: 'Way out: door', what: 'new: relay 2 of relays, pulse 700 ms' },
      ],
    })
    const wrong = {
      boards: [{ family: 'lcu', id: 'relays' }],
      lanes: [{ lane: 'out', readers: [] }, lane('in', 1, 50)],
    }
    const { mistakes } = await check(wrong)
    expect(mistakes.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'boards.0.family',
      'lanes.0.door',
      'lanes.0.readers',
      'lanes.1.door.pulseMs',
    ])
    expect((await call('GET', `/gates/${gateId}/configuration`)).body.data.newest).toBeNull()
  })

  test.each<[string, object, RegExp]>([
    [
      'a lane that the gate does not have',
      { boards: BOARDS, lanes: [...described().lanes, lane('side', 3)] },
      /lanes\.2\.lane/,
    ],
    ['a lane left out', { boards: BOARDS, lanes: [lane('in', 1)] }, /lane out is not described/],
    ['a lane said twice', { boards: BOARDS, lanes: [...described().lanes, lane('in', 3)] }, /lanes\.2\.lane/],
    ['two doors on one relay', { boards: BOARDS, lanes: [lane('in', 1), lane('out', 1)] }, /same relay/],
    [
      'a path without a folder',
      { ...described(), boards: [{ ...BOARDS[0], port: { kind: 'serial', path: 'ttyUSB0' } }] },
      /must begin with \//,
    ],
    [
      'names of its own',
      { ...described(), lanes: [{ ...lane('in', 1), readers: 7 }, lane('out', 2)] },
      /lanes\.0\.readers/,
    ],
  ])('with %s is not sent, and it is said why', async (_what, body, why) => {
    const gateId = await enterGate()
    const answer = await put(gateId, 0, body)
    expect([answer.status, answer.body.error.code]).toEqual([422, 'validation_failed'])
    expect(JSON.stringify(answer.body.error)).toMatch(why)
    expect((await call('GET', `/gates/${gateId}/configuration`)).body.data.history).toEqual([])
  })

  test('of two that were typed at once the second hears that it was overtaken', async () => {
    const gateId = await enterGate()
    const answers = await Promise.all([put(gateId, 0), put(gateId, 0, described(800))])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect((await put(gateId, 0)).body.error.code).toBe('overtaken')
    expect((await put(gateId, 2)).body.error.code).toBe('overtaken')
    expect((await put(gateId, 1)).body.data.newest.version).toBe(2)
  })

  test('is undone by sending an earlier one again as the newest', async () => {
    const gateId = await enterGate()
    await put(gateId, 0, described(700))
    await put(gateId, 1, described(1_500))
    const restore = (version: number, basedOn: number) =>
      call('POST', `/gates/${gateId}/configuration/${version}/restore`, { basedOn })
    expect((await restore(1, 1)).body.error.code).toBe('overtaken')
    expect((await restore(9, 2)).status).toBe(404)
    const { data } = (await restore(1, 2)).body
    expect(data.newest).toMatchObject({ version: 3, lanes: [{ door: { pulseMs: 700 } }, {}] })
    expect(
      data.history.map(({ version, changes }: { version: number; changes: object[] }) => [version, changes]),
    ).toEqual([
      [3, [{ place: 'Way in: door', what: 'Pulse, ms: 1500 → 700' }]],
      [2, [{ place: 'Way in: door', what: 'Pulse, ms: 700 → 1500' }]],
      [1, expect.any(Array)],
    ])
  })

  describe('what the gate says of it', () => {
    test('is shown beside it, and stays while the gate is away', async () => {
      const gateId = await enterGate()
      const reported = {
        source: 'cloud' as const,
        version: 1,
        sha256: 'a'.repeat(64),
        refusedVersion: 2,
        problem: 'not up',
      }
      const note = (said: Parameters<typeof noteState>[1]['said']) =>
        inSchool(database.db, school.schoolId, tx =>
          noteState(tx, { schoolId: school.schoolId, gateId, said, at: new Date() }),
        )
      await note({ online: true, config: reported })
      await note({ online: false })
      expect((await call('GET', `/gates/${gateId}/configuration`)).body.data.reported).toEqual(reported)
    })
  })

  test('is read by guards and changed by facilities staff of that school alone', async () => {
    const gateId = await enterGate()
    expect((await call('GET', `/gates/${gateId}/configuration`, undefined, 'security')).status).toBe(200)
    expect(
      (await call('PUT', `/gates/${gateId}/configuration`, { basedOn: 0, ...described() }, 'security')).status,
    ).toBe(403)
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PUT', '', { basedOn: 0, ...described() }],
      ['POST', '/check', described()],
      ['POST', '/1/restore', { basedOn: 0 }],
    ] as const)
      expect((await call(method, `/gates/${gateId}/configuration${path}`, body, 'stranger')).status).toBe(404)
  })
})
