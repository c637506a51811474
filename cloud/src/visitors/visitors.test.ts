import { createPublicKey } from 'node:crypto'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import type { Attempt } from '@gatehouse/shared/decision/attempt.ts'
import { conditionsOf } from '@gatehouse/shared/decision/conditions.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { passesIn } from '@gatehouse/shared/list/losses.ts'
import { EMPTY_POLICY } from '@gatehouse/shared/list/policy.ts'
import type { ListPass } from '@gatehouse/shared/list/rows.ts'
import { openPass, presentedAs } from '@gatehouse/shared/pass/check.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { keysOf } from '../keys/trust.repo.ts'
import { readListContent } from '../lists/snapshot.repo.ts'
import { onBothEngines } from '../testing/database.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

onBothEngines('visitors', engine => {
  let database: Database
  let campus: Campus
  let levelId: string
  let hostId: string
  const tokens = new Map<string, string>()
  beforeAll(async () => {
    database = await engine.fresh()
    campus = await openCampus(database)
    const level = { name: 'Visitors', class: 'visitor', groups: [0], profile: 0 }
    levelId = (await campus.call('POST', '/access-levels', level)).body.data.id
    await campus.call('POST', '/access-level-defaults', { class: 'visitor', departmentId: null, levelId })
    await campus.call('PATCH', '/settings/school', { country: 'NL' })
    for (const role of ['staff', 'security', 'facilities', 'student'] as const) {
      tokens.set(role, await campus.cloud.signIn(campus.school, role))
    }
    hostId = await userId('staff')
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) =>
    inSchool(database.db, campus.school.schoolId, work)
  const userId = (role: 'staff' | 'security' | 'student') =>
    inOurs(async tx => {
      const email = campus.school.users.get(role)!
      return (await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id
    })
  const as = (role: string, method: string, path: string, body?: object) =>
    campus.cloud.call(method, `/api/v1${path}`, { token: tokens.get(role)!, ...(body !== undefined && { body }) })
  const iso = (ms: number) => new Date(ms).toISOString()
  const now = () => campus.cloud.clock.nowMs
  const receive = async (more: object = {}) => {
    const made = await campus.call('POST', '/visitors', {
      firstName: 'Vera',
      lastName: 'Rubin',
      hostUserId: hostId,
      ...more,
    })
    expect([made.status, made.body.error]).toEqual([201, null])
    return made.body.data
  }
  const counts = () =>
    inOurs(async tx => ({
      visitors: (await tx.selectFrom('visitors').select('id').execute()).length,
      passes: (await tx.selectFrom('passes').select('pass_id').execute()).length,
      last: (
        await tx
          .selectFrom('schools')
          .select('pass_serial_last')
          .where('id', '=', campus.school.schoolId)
          .executeTakeFirstOrThrow()
      ).pass_serial_last,
    }))

  /** The row that gates read, as the list says it now. */
  const listed = async (passId: string): Promise<ListPass | null> => {
    const { schoolId, tenant } = campus.school
    const { rows } = await inOurs(tx => readListContent(tx, campus.vault, { schoolId, tenant, scope: 'main' }, now()))
    return passesIn(rows.P).find(row => row.passId === passId) ?? null
  }

  /** What a gate of group 0 decides of this list at a time, for a card and for the code of a pass. */
  const gateSays = async (passId: string, digits: string | null, atMs: number) => {
    const epochS = Math.floor(atMs / 1000)
    const { tenant, schoolId } = campus.school
    const issuers = new Map((await inOurs(tx => keysOf(tx, schoolId))).map(key => [key.kid, key]))
    const keys = nodePassKeys({
      issuerKey: kid => createPublicKey({ key: issuers.get(`${tenant}/pass/${kid}`)!.public_jwk, format: 'jwk' }),
      totpSecret: null,
    })
    const presented: Attempt['presented'] =
      digits === null
        ? { kind: 'card' }
        : presentedAs(openPass(digits, { tenant, nowS: epochS, clock: 'confirmed', keys }), {
            keys,
            deviceKey: null,
            lastGrantedS: null,
          })
    const attempt: Attempt = {
      presented,
      row: await listed(passId),
      list: { serialMax: 0, ageS: 0, policy: { ...EMPTY_POLICY, newerThanList: 'refuse' } },
      at: { epochS, clock: 'confirmed', dayOfWeek: 3, minuteOfDay: 600, date: iso(atMs).slice(0, 10) },
      lane: { groups: 1, direction: 'in' },
    }
    const decision = decide(attempt)
    return {
      open: decision.open,
      refusal: decision.open ? null : decision.refusal,
      escort: conditionsOf(attempt).escort,
    }
  }

  test('a visitor is entered with a pass, both or neither, and the host is who entered them unless named', async () => {
    const before = await counts()
    const said = await as('staff', 'POST', '/visitors', {
      firstName: 'Cecilia',
      lastName: 'Payne',
      organisation: 'Harvard',
      phone: '020 624 1111',
      email: 'cecilia@harvard.example',
      purpose: 'Spectra',
    })
    expect(said.status).toBe(201)
    expect(said.body.data).toMatchObject({
      firstName: 'Cecilia',
      organisation: 'Harvard',
      phone: '…11',
      email: null,
      masked: ['phone', 'email'],
      host: { userId: hostId, active: true },
      visit: { state: 'expected', status: 'active', escort: false, arrivedAt: null, endedAt: null },
      visits: [{ state: 'expected' }],
      version: 1,
    })
    // To the end of the day, in the school's zone.
    const until = Date.parse(said.body.data.visit.until)
    expect(until - now()).toBeGreaterThan(0)
    expect(until - now()).toBeLessThanOrEqual(25 * HOUR_MS)
    const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Amsterdam', timeStyle: 'short' }).format(until)
    expect(wall).toBe('00:00')
    const inFull = await campus.call('GET', `/visitors/${said.body.data.id}`)
    expect(inFull.body.data).toMatchObject({ phone: '+31206241111', email: 'cecilia@harvard.example', masked: [] })
    const [row] = await inOurs(tx =>
      tx.selectFrom('visitors').selectAll().where('first_name', '=', 'Cecilia').execute(),
    )
    expect(JSON.stringify(row)).not.toMatch(/206241111|harvard\.example/)

    const after = await counts()
    for (const [bad, code] of [
      [{ phone: 'none' }, 'validation_failed'],
      [{ hostUserId: await userId('student') }, 'no_such_host'],
      [{ hostUserId: '019aa000-0000-7000-8000-00000000000c' }, 'no_such_host'],
      [{ until: iso(now() + 400 * DAY_MS) }, 'too_long'],
      [{ from: iso(now() - 2 * DAY_MS), until: iso(now() - DAY_MS) }, 'validation_failed'],
      [{ levelId: '019aa000-0000-7000-8000-00000000000c' }, 'validation_failed'],
    ] as const) {
      const refused = await campus.call('POST', '/visitors', { firstName: 'No', hostUserId: hostId, ...bad })
      expect([bad, refused.status, refused.body.error.code]).toEqual([bad, 422, code])
    }
    expect(await counts()).toEqual(after)
    expect([after.visitors - before.visitors, after.passes - before.passes]).toEqual([1, 1])
  })

  test('the pass opens a gate with card and code, says that an escort is needed, and nothing after its end', async () => {
    const { visit } = await receive({ escort: true, until: iso(now() + 2 * HOUR_MS) })
    const { digits, holderName } = (await campus.call('GET', `/passes/${visit.passId}/code`)).body.data
    expect(holderName).toBe('Vera Rubin')
    for (const shown of [null, digits]) {
      expect(await gateSays(visit.passId, shown, now() + HOUR_MS)).toEqual({ open: true, refusal: null, escort: true })
      expect(await gateSays(visit.passId, shown, now() + 3 * HOUR_MS)).toMatchObject({
        open: false,
        refusal: 'expired',
      })
    }
    const unescorted = await receive({ until: iso(now() + 2 * HOUR_MS) })
    expect(await gateSays(unescorted.visit.passId, null, now())).toEqual({ open: true, refusal: null, escort: false })
    expect((await listed(visit.passId))?.flags.escort).toBe(true)
  })

  test('a guard who asks about the code sees name, host and escort', async () => {
    const { visit } = await receive({ firstName: 'Jocelyn', lastName: 'Bell', escort: true })
    const { digits } = (await campus.call('GET', `/passes/${visit.passId}/code`)).body.data
    const asked = { digits, gateId: campus.gateIds.north, lane: 'in' }
    const seen = await as('security', 'POST', '/passes/verify', asked)
    expect(seen.body.data).toMatchObject({
      open: true,
      holderName: 'Jocelyn Bell',
      class: 'visitor',
      conditions: { escort: true },
    })
    const host = (await campus.call('GET', `/users/${hostId}`)).body.data.displayName
    expect(seen.body.data.hostName).toBe(host)
    const wrong = await as('security', 'POST', '/passes/verify', { ...asked, gateId: campus.gateIds.south })
    expect(wrong.body.data).toMatchObject({ open: false, refusal: 'wrong_gate' })
    const paper = await campus.call('GET', `/passes/${visit.passId}/print.pdf`)
    expect([paper.status, String(paper.body).slice(0, 4)]).toEqual([200, '%PDF'])
  })

  test('passes, search and files name the visitor with the host, and a student’s pass has none', async () => {
    const { id, visit } = await receive({ firstName: 'Henrietta', lastName: 'Leavitt', organisation: 'Obsérvatory' })
    const student = await campus.call('POST', '/passes', { studentId: await campus.student('V-1'), groups: [0] })
    expect(student.body.data.holder).toMatchObject({ visitorId: null, host: null, studentNumber: 'V-1' })
    for (const words of ['leavitt', 'henri observa', String(visit.serial)]) {
      const found = (await campus.call('GET', `/passes?search=${encodeURIComponent(words)}`)).body.data
      expect(found.map(({ passId }: { passId: string }) => passId)).toContain(visit.passId)
    }
    const [pass] = (await campus.call('GET', '/passes?search=leavitt')).body.data
    expect(pass.holder).toMatchObject({ studentId: null, visitorId: id, studentNumber: null, host: { userId: hostId } })
    const { data } = (await campus.call('GET', '/search?q=leavitt')).body
    expect(data.map(({ kind }: { kind: string }) => kind)).toEqual(['visitor', 'pass'])
    const file = await campus.cloud.call('GET', '/api/v1/visitors/export?search=leavitt', { token: campus.token })
    expect(String(file.body).split('\r\n')[1]).toContain('Henrietta,Leavitt,Obsérvatory')
    const passes = await campus.cloud.call('GET', '/api/v1/passes/export?search=leavitt', { token: campus.token })
    expect(String(passes.body)).toContain('Henrietta Leavitt')
    const log = (await campus.call('GET', `/audit?studentId=${id}`)).body.data
    expect(log.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['visitor.create', 'pass.create']),
    )
  })

  test('a visit that is over opens nothing, is over once, and the visitor may come again', async () => {
    const { id, visit } = await receive({ firstName: 'Annie', lastName: 'Cannon' })
    const again = () => campus.call('POST', `/visitors/${id}/visits`, { purpose: 'Stars' })
    expect((await again()).body.error.code).toBe('visit_open')
    const ended = await as('security', 'POST', `/visitors/${id}/visit-end`, {})
    expect([ended.status, ended.body.data.visit]).toMatchObject([201, { state: 'over', status: 'revoked' }])
    expect(ended.body.data.visit.endedAt).toBe(iso(now()))
    expect((await campus.call('GET', `/passes/${visit.passId}`)).body.data.note).toBe('The visit is over.')
    expect(await gateSays(visit.passId, null, now())).toMatchObject({ open: false, refusal: 'revoked' })
    expect((await campus.call('POST', `/visitors/${id}/visit-end`, {})).body.error.code).toBe('no_open_visit')
    const second = await again()
    expect(second.status).toBe(201)
    expect(second.body.data).toMatchObject({ purpose: 'Stars', version: 2, visit: { state: 'expected' } })
    expect(second.body.data.visits).toHaveLength(2)
  })

  test('who changes a visitor says which version they saw', async () => {
    const { id } = await receive({ firstName: 'Williamina' })
    const path = `/visitors/${id}`
    const changed = await campus.call('PATCH', path, { lastName: 'Fleming', phone: '+31206241112' }, 1)
    expect(changed.body.data).toMatchObject({ lastName: 'Fleming', phone: '+31206241112', version: 2 })
    expect((await campus.call('PATCH', path, { lastName: 'Else' }, 1)).body.error.code).toBe('changed_meanwhile')
    expect((await campus.call('PATCH', path, { lastName: 'Fleming' }, 2)).body.data.version).toBe(2)
    expect((await as('staff', 'PATCH', path, { phone: null })).status).toBe(403)
    expect((await as('staff', 'PATCH', path, { purpose: 'Nebulae' })).body.data.purpose).toBe('Nebulae')
    const told = (await campus.audited('visitor')).filter(({ action }) => action === 'visitor.update')
    expect(JSON.stringify(told)).not.toContain('6241112')
  })

  test('staff invite and end, guards see and end, and nobody else sees anything', async () => {
    const { id } = await receive({ firstName: 'Maria', phone: '+31206241113' })
    const asks = {
      list: ['GET', '/visitors'],
      make: ['POST', '/visitors', { firstName: 'Caroline', hostUserId: hostId }],
      hosts: ['GET', '/visitor-hosts?search='],
      change: ['PATCH', `/visitors/${id}`, { purpose: 'Comets' }],
      end: ['POST', `/visitors/${id}/visit-end`, {}],
    } as const
    const statuses = async (role: string) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(asks).map(async ([name, [method, path, body]]) => [
            name,
            (await as(role, method, path, body)).status === 403 ? 'no' : 'yes',
          ]),
        ),
      )
    const none = { list: 'no', make: 'no', hosts: 'no', change: 'no', end: 'no' }
    expect(await statuses('facilities')).toEqual(none)
    expect(await statuses('student')).toEqual(none)
    expect((await as('security', 'GET', `/visitors/${id}`)).body.data).toMatchObject({
      firstName: 'Maria',
      phone: null,
    })
    expect(await statuses('security')).toEqual({ ...none, list: 'yes', end: 'yes' })
    expect(await statuses('staff')).toEqual({ list: 'yes', make: 'yes', hosts: 'yes', change: 'yes', end: 'yes' })
    const hosts = (await as('staff', 'GET', '/visitor-hosts')).body.data.map(({ userId }: { userId: string }) => userId)
    expect(hosts).toContain(hostId)
    expect(hosts).not.toContain(await userId('student'))
  })

  test('a visitor’s pass is renewed no further than the school’s rule, and not for a host who is gone', async () => {
    await campus.call('PUT', '/pass-validity/visitor', {
      ends: 'days',
      lastDay: null,
      days: 2,
      renewalDays: 2,
      reminderDays: [],
    })
    const guardId = await userId('security')
    const turn = (active: boolean) =>
      inOurs(tx => tx.updateTable('users').set({ active }).where('id', '=', guardId).execute())
    const { visit } = await receive({ firstName: 'Nancy', hostUserId: guardId })
    const renew = (body: object) => campus.call('POST', `/passes/${visit.passId}/renewal`, body)
    expect((await renew({ expires: iso(now() + 9 * DAY_MS) })).body.error.code).toBe('too_long')
    const renewed = await renew({})
    expect(renewed.status).toBe(201)
    await turn(false)
    expect((await renew({})).body.error.code).toBe('host_not_active')
    await turn(true)
    const long = { firstName: 'Nancy', hostUserId: hostId, until: iso(now() + 4 * DAY_MS) }
    expect((await campus.call('POST', '/visitors', long)).body.error.code).toBe('too_long')
  })
})
