import { verify } from 'node:crypto'
import { readPass } from '@gatehouse/shared/pass/read-pass.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { publicKeys } from '../testing/public-keys.ts'
import { enterGroups } from './groups.repo.ts'

onBothEngines('passes', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  let studentId: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    await inSchool(database.db, school.schoolId, tx =>
      enterGroups(
        tx,
        school.schoolId,
        new Map([
          [0, 'North'],
          [30, 'Labs'],
        ]),
      ),
    )
    studentId = (await call('POST', '/students', { studentNumber: 'S-1', firstName: 'Zoë', lastName: 'Ångström' })).body
      .data.id
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })
  const issue = (changed: object = {}) =>
    call('POST', '/passes', {
      studentId,
      notBefore: '2026-01-01T00:00:00Z',
      expires: '2036-01-01T00:00:00Z',
      groups: [0, 30],
      ...changed,
    })
  const issued = async () => (await issue()).body.data
  const revoke = (passId: string, note: string) => call('POST', `/passes/${passId}/revocation`, { note })
  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)

  test('serials are 1, 2, 3 without a hole, however many are issued at once and however many fail', async () => {
    const before = Number((await issued()).serial)
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => issue(n % 3 === 0 ? { groups: [7] } : {})))
    const serials = all.flatMap(({ body }) => (body.success ? [body.data.serial] : []))
    expect(serials.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, n) => before + 1 + n))
  })

  test('a pass is for groups of the school, for an active student, and ends after it begins', async () => {
    expect((await issue({ groups: [5] })).body.error.details[0].path).toBe('groups')
    expect((await issue({ profile: 3 })).body.error.details[0].path).toBe('profile')
    expect((await issue({ expires: '2025-01-01T00:00:00Z' })).body.error.details[0].path).toBe('expires')
    const { id } = (
      await call('POST', '/students', { studentNumber: 'S-2', firstName: 'X', lastName: '', status: 'inactive' })
    ).body.data
    expect((await issue({ studentId: id })).body.error.code).toBe('student_not_active')
  })

  test('the first revocation stands', async () => {
    const { passId } = await issued()
    const first = await revoke(passId, 'lost on the bus')
    expect(first.status).toBe(201)
    cloud.clock.nowMs += 60_000
    const second = await revoke(passId, 'another reason')
    expect(second.status).toBe(409)
    expect(second.body.error.code).toBe('already_revoked')
    expect((await call('GET', `/passes/${passId}`)).body.data).toMatchObject({
      status: 'revoked',
      revokedAt: first.body.data.revokedAt,
      note: 'lost on the bus',
    })
  })

  test('of two who revoke at once one is told it is late', async () => {
    const { passId } = await issued()
    const both = await Promise.all([revoke(passId, 'first one'), revoke(passId, 'other one')])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
  })

  test('a revoked pass is neither resumed, suspended, printed nor given a card', async () => {
    const { passId } = await issued()
    await revoke(passId, 'lost on the bus')
    expect((await call('DELETE', `/passes/${passId}/suspension`)).status).toBe(409)
    expect((await call('POST', `/passes/${passId}/suspension`, { note: 'why not' })).status).toBe(409)
    expect((await call('GET', `/passes/${passId}/code`)).status).toBe(409)
    expect(
      (await call('POST', `/passes/${passId}/credentials`, { technology: 'em4100', bits: '0102030405' })).status,
    ).toBe(409)
  })

  test('suspended and given back', async () => {
    const { passId } = await issued()
    expect((await call('POST', `/passes/${passId}/suspension`, { note: 'photo missing' })).body.data.status).toBe(
      'suspended',
    )
    expect((await call('POST', `/passes/${passId}/suspension`, { note: 'photo missing' })).status).toBe(409)
    expect((await call('DELETE', `/passes/${passId}/suspension`)).body.data).toMatchObject({
      status: 'active',
      note: null,
    })
  })

  test('what was done to a pass is told to the lists in the same transaction', async () => {
    const { passId } = await issued()
    await inOurs(tx => tx.deleteFrom('outbox').execute())
    await revoke(passId, 'lost on the bus')
    expect(await inOurs(tx => tx.selectFrom('outbox').select('kind').execute())).toEqual([{ kind: 'list.changed' }])
    await revoke(passId, 'once more')
    expect(await inOurs(tx => tx.selectFrom('outbox').select('kind').execute())).toHaveLength(1)
  })

  test('a card’s number is kept sealed, shown by its ending, and on one pass only', async () => {
    const { passId } = await issued()
    const added = await call('POST', `/passes/${passId}/credentials`, { technology: 'em4100', bits: '01000734e0' })
    expect(added.body.data.credentials).toMatchObject([{ technology: 'em4100', bitCount: 40, ending: '4E0' }])
    const rows = JSON.stringify(await inOurs(tx => tx.selectFrom('credentials').selectAll().execute()))
    expect(rows.toLowerCase()).not.toContain('01000734')
    const again = await call('POST', `/passes/${(await issued()).passId}/credentials`, {
      technology: 'em4100',
      bits: '01000734E0',
    })
    expect(again.body.error.code).toBe('card_taken')

    const { id } = added.body.data.credentials[0]
    expect((await call('DELETE', `/passes/${passId}/credentials/${id}`)).body.data.credentials).toEqual([])
    expect((await call('DELETE', `/passes/${passId}/credentials/${id}`)).status).toBe(404)
  })

  for (const [wrong, card] of Object.entries({
    'four bytes are no EM4100': { technology: 'em4100', bits: '01020304' },
    'a bit beyond the count is another card': { technology: 'raw', bits: '01', bitCount: 7 },
    'a count that needs more bytes': { technology: 'raw', bits: '01', bitCount: 9 },
    'no hexadecimal': { technology: 'raw', bits: '0x' },
  })) {
    test(`${wrong}: refused`, async () => {
      const { passId } = await issued()
      expect((await call('POST', `/passes/${passId}/credentials`, card)).status).toBe(422)
    })
  }

  test('zeros of a card count: 0001 and 01 are two', async () => {
    const { passId } = await issued()
    await call('POST', `/passes/${passId}/credentials`, { technology: 'raw', bits: '0001' })
    const added = await call('POST', `/passes/${passId}/credentials`, { technology: 'raw', bits: '01' })
    expect(added.body.data.credentials.map(({ bitCount }: { bitCount: number }) => bitCount)).toEqual([16, 8])
  })

  test('the code of a pass says what its row says, and its signature is the school’s', async () => {
    const pass = await issued()
    const { digits, holderName } = (await call('GET', `/passes/${pass.passId}/code`)).body.data
    expect(digits).toMatch(/^[1-9]\d{225}$/)
    expect(holderName).toBe('Zoë Ångström')
    const read = readPass(digits, school.tenant)
    if (!read.ok || read.value.type !== 'static') throw new Error('not a static pass')
    const { certificate } = read.value
    expect(certificate.body).toMatchObject({
      passId: pass.passId,
      serial: pass.serial,
      groups: 2 ** 30 + 1,
      class: 'student',
      kid: 1,
    })
    const keys = await inOurs(tx => publicKeys(tx, school.schoolId))
    const { jwk } = keys.find(({ kid }) => kid === `${school.tenant}/pass/1`)!
    const good = (input: Uint8Array) => verify(null, input, { key: jwk, format: 'jwk' } as never, certificate.signature)
    expect(good(certificate.signingInput)).toBe(true)
    expect(good(Uint8Array.of(0, ...certificate.signingInput.subarray(1)))).toBe(false)
  })

  test('digits are answered as a gate would answer them, and only a proven pass names its holder', async () => {
    const pass = await issued()
    const { digits } = (await call('GET', `/passes/${pass.passId}/code`)).body.data
    const verify = async (asked: object) => (await call('POST', '/passes/verify', asked)).body
    expect((await verify({ digits })).data).toMatchObject({
      open: true,
      passId: pass.passId,
      holderName: 'Zoë Ångström',
      refusal: null,
    })
    expect((await verify({ digits: '12345' })).data).toMatchObject({ open: false, passId: null, refusal: 'malformed' })
    const last = String((Number(digits.at(-1)) + 1) % 10)
    expect((await verify({ digits: digits.slice(0, -1) + last })).data).toMatchObject({
      open: false,
      refusal: 'bad_signature',
      holderName: null,
    })
    await revoke(pass.passId, 'lost on the bus')
    expect((await verify({ digits })).data).toMatchObject({
      open: false,
      refusal: 'revoked',
      holderName: 'Zoë Ångström',
    })
    const nowhere = '00000000-0000-7000-8000-000000000000'
    expect((await verify({ digits, gateId: nowhere })).error.code).toBe('not_found')
  })

  test('expired is seen, not stored', async () => {
    const { body } = await issue({ notBefore: '2020-01-01T00:00:00Z', expires: '2021-01-01T00:00:00Z' })
    expect(body.data).toMatchObject({ status: 'active', expired: true })
    const ids = async (status: string) =>
      (await call('GET', `/passes?limit=100&status=${status}`)).body.data.map(
        ({ passId }: { passId: string }) => passId,
      )
    expect(await ids('expired')).toEqual([body.data.passId])
    expect(await ids('active')).not.toContain(body.data.passId)
  })

  test('passes are found by holder and by serial', async () => {
    const { serial, passId } = await issued()
    const found = async (search: string) =>
      (await call('GET', `/passes?limit=100&search=${search}`)).body.data.map((pass: { passId: string }) => pass.passId)
    expect(await found('angstrom')).toContain(passId)
    expect(await found(String(serial))).toEqual([passId])
    expect((await call('GET', `/passes?studentId=${studentId}&limit=1`)).body.data[0].passId).toBe(passId)
  })

  test('groups say what they open', async () => {
    const made = await cloud.call('POST', '/api/v1/gates', {
      token: await cloud.signIn(school, 'facilities'),
      body: {
        name: 'North gate',
        shortName: 'north',
        accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0, 4] }],
      },
    })
    expect(made.status).toBe(201)
    expect((await call('GET', '/groups')).body.data).toMatchObject([
      { number: 0, name: 'North', accessPoints: ['North gate, In'] },
      { number: 4, name: 'Group 4', accessPoints: ['North gate, In'] },
      { number: 30, name: 'Labs', accessPoints: [] },
    ])
  })
})
