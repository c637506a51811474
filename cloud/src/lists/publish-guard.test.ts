import { ListHead, ListPolicy } from '@gatehouse/shared/list/documents.ts'
import { passesIn } from '@gatehouse/shared/list/losses.ts'
import type { LIST_STATUSES } from '@gatehouse/shared/list/rows.ts'
import { DEFAULT_GATE_RULES } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { decodeJwt } from 'jose'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openPasswords } from '../auth/password.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createGate } from '../gates/gates.repo.ts'
import { openVault } from '../keys/vault.ts'
import { createUser } from '../schools/schools.repo.ts'
import {
  enterSuperAdmin,
  enterTestSchool,
  startCloud,
  TEST_PASSWORD,
  type TestCloud,
  type TestSchool,
} from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { findListFile, type PublishedHead } from './list-versions.repo.ts'
import { openPublisher, type Publisher } from './publisher.ts'
import { rowsIn } from './tables.ts'

const vault = openVault(Buffer.alloc(32, 1))
const HOURS = { name: 'Mornings', windows: [{ day: 1, fromMinute: 480, untilMinute: 720 }], onHolidays: [] }

onBothEngines('the publish guard', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let publisher: Publisher
  let maker: string
  let second: string
  let gateId: string
  let passIds: string[]
  const heads: PublishedHead[] = []

  beforeEach(async () => {
    database ??= await engine.fresh()
    cloud ??= await startCloud(database)
    school = await enterTestSchool(database, vault)
    publisher = openPublisher({
      db: database.db,
      vault,
      nowMs: Date.now,
      publishHead: async head => void heads.push(head),
    })
    maker = await cloud.signIn(school, 'school_admin')
    second = await anotherAdmin()
    const { schoolId } = school
    gateId = await inSchool(database.db, schoolId, async tx => {
      const accessPoints = [{ lane: 'in', name: 'In', direction: 'in' as const, groups: [0] }]
      const actor = { schoolId, userId: null, nowMs: Date.now() }
      const made = await createGate(tx, actor, { name: 'North gate', shortName: 'north', accessPoints })
      return made.ok ? made.value : ''
    })
    const student = await call('POST', '/students', { studentNumber: 'S-1', firstName: 'Zoë', lastName: 'Ångström' })
    passIds = []
    for (let at = 0; at < 12; at++) passIds.push(await issue(student.body.data.id))
    await publish()
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object, token = maker) =>
    cloud.call(method, `/api/v1${path}`, {
      token,
      ...(body !== undefined && { body }),
      headers: { 'x-gatehouse-school': school.tenant },
    })
  const anotherAdmin = async () => {
    const email = `second@${school.tenant}.example`
    const passwordHash = await openPasswords().hash(TEST_PASSWORD)
    const { schoolId } = school
    await inSchool(database.db, schoolId, tx =>
      createUser(tx, { schoolId, email, displayName: 'Grace Hopper', role: 'school_admin', passwordHash }),
    )
    return cloud.signIn({ ...school, users: new Map([['school_admin', email]]) }, 'school_admin')
  }
  const issue = async (studentId: string, profile = 0) => {
    const said = await call('POST', '/passes', {
      studentId,
      notBefore: '2026-01-01T00:00:00Z',
      expires: '2036-01-01T00:00:00Z',
      groups: [0],
      profile,
    })
    expect(said.status).toBe(201)
    return said.body.data.passId as string
  }
  const suspend = (some: readonly string[], token = maker) =>
    Promise.all(some.map(passId => call('POST', `/passes/${passId}/suspension`, { note: 'after the alarm' }, token)))
  const publish = () => publisher.changed([school.schoolId])
  const pending = async (token = second) => (await call('GET', '/lists/pending', undefined, token)).body.data
  const approve = (hold: { id: string; contentHash: string }, token = second) =>
    call('POST', `/lists/pending/${hold.id}/approval`, { contentHash: hold.contentHash, note: 'as agreed' }, token)

  /** What gates are told: the newest head, and the rows of passes under it. */
  const published = async () => {
    const head = ListHead.parse(decodeJwt(heads.at(-1)!.headJws))
    const fileOf = (sha256: string) =>
      inSchool(database.db, school.schoolId, tx => findListFile(tx, { scope: 'main', sha256 }))
    const rows = passesIn(await rowsIn((await fileOf(head.snapshot.files.P.sha256))!, 'P'))
    const policy = ListPolicy.parse(decodeJwt(Buffer.from((await fileOf(head.policyHash))!).toString()))
    const withStatus = (status: (typeof LIST_STATUSES)[number]) => rows.filter(row => row.status === status).length
    return {
      head,
      policy,
      suspended: withStatus('suspended'),
      revoked: withStatus('revoked'),
      active: withStatus('active'),
    }
  }

  test('one revocation goes out at once', async () => {
    await call('POST', `/passes/${passIds[0]}/revocation`, { note: 'lost it' })
    await publish()
    expect(await published()).toMatchObject({ revoked: 1, active: 11 })
    expect(await pending()).toEqual([])
  })

  test('a mass suspension waits, its list stays in force, and heads are signed as before', async () => {
    const before = await published()
    await suspend(passIds.slice(0, 8))
    await publish()
    await publisher.heads()
    const after = await published()
    expect(after).toMatchObject({ suspended: 0, active: 12 })
    expect(after.head).toMatchObject({ version: before.head.version, stateRoot: before.head.stateRoot })
    expect(after.head.issuedAtS).toBeGreaterThanOrEqual(before.head.issuedAtS)
    expect(await pending()).toMatchObject([
      {
        scope: 'main',
        makers: ['school_admin'],
        cannot: null,
        numbers: {
          living: 12,
          suspended: 8,
          revoked: 0,
          limit: 3,
          usedToday: 0,
          gates: [{ gateId, name: 'North gate', before: 12, after: 4 }],
        },
      },
    ])
  })

  test('who made it cannot let it go, staff may not, and a second administrator can', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    const [hold] = await pending(maker)
    expect(hold.cannot).toBe('is_maker')
    expect((await approve(hold, maker)).body.error.code).toBe('second_administrator')
    const staff = await cloud.signIn(school, 'staff')
    expect((await pending(staff))[0].cannot).toBe('not_allowed')
    expect((await approve(hold, staff)).status).toBe(403)
    await publish()
    expect(await published()).toMatchObject({ suspended: 0 })

    expect((await approve(hold)).status).toBe(200)
    await publish()
    expect(await published()).toMatchObject({ suspended: 8, active: 4 })
    expect(await pending()).toEqual([])
    expect((await approve(hold)).status).toBe(404)
  })

  test('a super_admin who chose the school can let it go', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    const users = new Map([['super_admin' as const, await enterSuperAdmin(database)]])
    const over = await cloud.signIn({ ...school, users }, 'super_admin')
    expect((await approve((await pending(over))[0], over)).status).toBe(200)
    await publish()
    expect(await published()).toMatchObject({ suspended: 8 })
  })

  test('while it waits a lost card still goes out, also when it is one of those that wait', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    await call('POST', `/passes/${passIds[10]}/revocation`, { note: 'lost it' }, second)
    await call('POST', `/passes/${passIds[2]}/revocation`, { note: 'lost it' }, second)
    await publish()
    expect(await published()).toMatchObject({ suspended: 0, revoked: 2, active: 10 })
    expect((await pending())[0].numbers).toMatchObject({ suspended: 7, revoked: 0 })
    // Having revoked one card makes nobody a maker of what waits.
    expect((await pending())[0].cannot).toBe(null)
  })

  test('what was undone waits no more', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    for (const passId of passIds.slice(0, 8)) await call('DELETE', `/passes/${passId}/suspension`)
    await publish()
    expect(await pending()).toEqual([])
    expect(await published()).toMatchObject({ active: 12 })
  })

  test('an approval of one change is none for another', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    const [seen] = await pending()
    await suspend(passIds.slice(8))
    await publish()
    expect((await approve(seen)).body.error.code).toBe('changed_since')
    const [now] = await pending()
    expect(now.numbers.suspended).toBe(12)
    expect((await approve(now)).status).toBe(200)
    // Between the approval and the list that it lets go, more is taken: that is measured by itself.
    await Promise.all(passIds.map(passId => call('POST', `/passes/${passId}/revocation`, { note: 'all of them' })))
    await publish()
    expect(await published()).toMatchObject({ suspended: 0, revoked: 0, active: 12 })
    expect((await pending())[0].numbers).toMatchObject({ revoked: 12 })
  })

  test('an approval that was committed before a crash lets the list go after it', async () => {
    await suspend(passIds.slice(0, 8))
    await publish()
    await approve((await pending())[0])
    const anew = openPublisher({
      db: database.db,
      vault,
      nowMs: Date.now,
      publishHead: async head => void heads.push(head),
    })
    await Promise.all([anew.all(), publish()])
    await publish()
    expect(await published()).toMatchObject({ suspended: 8 })
    expect(await pending()).toEqual([])
  })

  const rulesNow = async () => (await call('GET', '/settings/gate-rules')).body.data
  const putRules = (version: number, rules: object, token = maker) =>
    call('PUT', '/settings/gate-rules', { version, rules: { ...DEFAULT_GATE_RULES, ...rules } }, token)

  test('the rules of the school are the policy of its lists', async () => {
    expect(await rulesNow()).toMatchObject({ version: 0, rules: DEFAULT_GATE_RULES, changedBy: null })
    const lease = { ...DEFAULT_GATE_RULES.lease, guardPresent: true }
    const rules = {
      profiles: { 3: HOURS },
      holidays: { '2036-12-24': { name: 'Christmas Eve', hours: null } },
      groupSets: { 9: 0b11 },
      lease,
      gates: { [gateId]: { whenClockInDoubt: 'closed' } },
    }
    expect((await putRules(0, rules)).body.data).toMatchObject({ version: 1, changedBy: 'school_admin' })
    await publish()
    const { policy } = await published()
    expect(policy).toMatchObject({ ...rules, issuer: school.tenant, version: 2, staticPasses: 'open' })
    expect(policy).not.toHaveProperty('guard')

    await publish()
    expect((await published()).policy).toEqual(policy)
  })

  test('who was overtaken is told, and a profile that passes name stays', async () => {
    await putRules(0, { profiles: { 3: HOURS } })
    expect((await putRules(0, {}, second)).body.error.code).toBe('overtaken')
    const student = await call('POST', '/students', { studentNumber: 'S-2', firstName: 'Ada', lastName: 'Lovelace' })
    await issue(student.body.data.id, 3)
    const refused = await putRules(1, {})
    expect(refused.status).toBe(409)
    expect(refused.body.error).toMatchObject({ code: 'profile_used', details: [{ path: 'rules.profiles.3' }] })
    expect((await rulesNow()).version).toBe(1)
    const stranger = await putRules(1, { profiles: { 3: HOURS }, gates: { [school.schoolId]: {} } })
    expect(stranger.body.error.code).toBe('no_such_gate')
  })

  test.each([
    [
      'hours that end before they begin',
      { profiles: { 3: { ...HOURS, windows: [{ day: 1, fromMinute: 9, untilMinute: 8 }] } } },
    ],
    ['a profile 0', { profiles: { 0: HOURS } }],
    ['a profile 256', { profiles: { 256: HOURS } }],
    ['a day that is none', { holidays: { Christmas: { name: 'Christmas' } } }],
    ['limits that fall', { lease: { ...DEFAULT_GATE_RULES.lease, oldS: 60 } }],
    ['a share of nothing', { guard: { percent: 0, rows: 100 } }],
    ['a field that is none', { open: 'always' }],
  ])('refused with where it is wrong: %s', async (_what, rules) => {
    const { status, body } = await putRules(0, rules)
    expect(status).toBe(422)
    expect(body.error.details[0].path).toMatch(/^rules/)
    expect((await rulesNow()).version).toBe(0)
  })

  test('rules that shut out more than the limit wait as well, and one revocation beside them does not', async () => {
    await putRules(0, { staticPasses: 'refuse' })
    await call('POST', `/passes/${passIds[0]}/revocation`, { note: 'lost it' }, second)
    await publish()
    expect(await published()).toMatchObject({ revoked: 1, policy: { staticPasses: 'open' } })
    const [hold] = await pending()
    expect(hold).toMatchObject({ makers: ['school_admin'], numbers: { byPolicy: 12, revoked: 0 } })
    expect((await approve(hold)).status).toBe(200)
    await publish()
    expect((await published()).policy.staticPasses).toBe('refuse')
    expect(await pending()).toEqual([])
  })

  test('a school’s own limit', async () => {
    await putRules(0, { guard: { percent: 100, rows: 1 } })
    await suspend(passIds.slice(0, 2))
    await publish()
    expect(await published()).toMatchObject({ suspended: 0 })
    expect((await pending())[0].numbers.limit).toBe(1)
  })

  test('a gate’s list has passes of its scope’s groups only, and nothing of their other groups', async () => {
    const { schoolId } = school
    await inSchool(database.db, schoolId, async tx => {
      await tx.insertInto('groups').values({ school_id: schoolId, number: 5, name: 'Elsewhere' }).execute()
      await tx.updateTable('passes').set({ groups: 0b100001 }).where('pass_id', '=', passIds[0]!).execute()
      await tx.updateTable('passes').set({ groups: 0b100000 }).where('pass_id', '=', passIds[1]!).execute()
    })
    await publish()
    const head = ListHead.parse(decodeJwt(heads.at(-1)!.headJws))
    const file = await inSchool(database.db, schoolId, tx =>
      findListFile(tx, { scope: 'main', sha256: head.snapshot.files.P.sha256 }),
    )
    const rows = passesIn(await rowsIn(file!, 'P'))
    expect(rows).toHaveLength(11)
    expect(rows.every(({ groups }) => groups === 1)).toBe(true)
  })
})
