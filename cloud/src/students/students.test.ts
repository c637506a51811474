import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('students', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'Campus']])))
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let numbers = 0
  const call = (method: string, path: string, body?: object) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })
  const create = (fields: object = {}) =>
    call('POST', '/students', { studentNumber: `N-${++numbers}-x`, firstName: 'Ada', lastName: 'Lovelace', ...fields })
  const issue = async (studentId: string) =>
    (
      await call('POST', '/passes', {
        studentId,
        notBefore: '2026-01-01T00:00:00Z',
        expires: '2036-01-01T00:00:00Z',
        groups: [0],
      })
    ).body.data.passId
  const passStatus = async (passId: string) => (await call('GET', `/passes/${passId}`)).body.data.status
  const find = async (search: string) =>
    (await call('GET', `/students?search=${encodeURIComponent(search)}`)).body.data.map(
      ({ firstName }: { firstName: string }) => firstName,
    )

  test('are found by name, number and e-mail, with and without accents, every word', async () => {
    await create({ firstName: 'Zoë', lastName: 'Ångström', studentNumber: '00700', email: 'Z.A@Example.org' })
    await create({ firstName: 'مريم', lastName: 'ميرزاخاني' })
    for (const search of ['zoe', 'ANGSTROM', 'Ångstr', 'zoë angstrom', 'angstrom zoe', '00700', 'z.a@example']) {
      expect([search, await find(search)]).toEqual([search, ['Zoë']])
    }
    expect(await find('zoe lovelace')).toEqual([])
    expect(await find('مريم')).toEqual(['مريم'])
    expect(await find('%')).toEqual([])
  })

  test('zeros of a number are kept, and two living students never share one', async () => {
    const first = await create({ studentNumber: '000123' })
    expect(first.body.data.studentNumber).toBe('000123')
    const second = await create({ studentNumber: '000123' })
    expect(second.status).toBe(409)
    expect(second.body.error).toMatchObject({ code: 'number_taken', details: [{ path: 'studentNumber' }] })
    await call('DELETE', `/students/${first.body.data.id}`)
    expect((await create({ studentNumber: '000123' })).status).toBe(201)
  })

  test('an e-mail is one student’s, whatever its case', async () => {
    await create({ email: 'one@example.org' })
    expect((await create({ email: 'ONE@example.org' })).body.error.code).toBe('email_taken')
    expect((await create({ email: null })).status).toBe(201)
    expect((await create({ email: null })).status).toBe(201)
  })

  test('not everybody has a last name, and a name is stored composed', async () => {
    const made = await create({ firstName: 'Zoe\u0308', lastName: '' })
    expect(made.body.data).toMatchObject({ firstName: 'Zo\u00eb', lastName: '' })
  })

  test('two that are entered with one number at once are one student', async () => {
    const both = await Promise.all([create({ studentNumber: 'RACE-1' }), create({ studentNumber: 'RACE-1' })])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
  })

  test('suspending suspends the passes, and coming back gives back those and no others', async () => {
    const { id } = (await create()).body.data
    const usual = await issue(id)
    const alone = await issue(id)
    await call('POST', `/passes/${alone}/suspension`, { note: 'a new photo is missing' })
    await call('PATCH', `/students/${id}`, { status: 'suspended' })
    expect([await passStatus(usual), await passStatus(alone)]).toEqual(['suspended', 'suspended'])
    expect((await call('DELETE', `/passes/${usual}/suspension`)).body.error.code).toBe('student_suspended')
    await call('PATCH', `/students/${id}`, { status: 'active' })
    expect([await passStatus(usual), await passStatus(alone)]).toEqual(['active', 'suspended'])
  })

  for (const status of ['inactive', 'graduated'] as const) {
    test(`a student who becomes ${status} has no pass any more`, async () => {
      const { id } = (await create()).body.data
      const passId = await issue(id)
      await call('PATCH', `/students/${id}`, { status })
      expect(await passStatus(passId)).toBe('revoked')
      await call('PATCH', `/students/${id}`, { status: 'active' })
      expect(await passStatus(passId)).toBe('revoked')
    })
  }

  test('archiving revokes every pass, says how many, and hides the student', async () => {
    const { id } = (await create({ firstName: 'Gone' })).body.data
    await issue(id)
    await issue(id)
    expect((await call('DELETE', `/students/${id}`)).body.data).toEqual({ passesRevoked: 2 })
    expect((await call('GET', `/students/${id}`)).status).toBe(404)
    expect((await call('DELETE', `/students/${id}`)).status).toBe(404)
    expect(await find('Gone')).toEqual([])
  })

  test('pages follow one another, and filters and sorting hold', async () => {
    for (const lastName of ['Pageb', 'Pagea', 'Pagec']) await create({ lastName })
    const page = async (query: string) => call('GET', `/students?search=page&${query}`)
    const first = await page('limit=2&sort=name')
    expect(first.body.data.map(({ lastName }: { lastName: string }) => lastName)).toEqual(['Pagea', 'Pageb'])
    expect(first.body.metadata.pagination).toEqual({
      page: 1,
      limit: 2,
      total: 3,
      totalPages: 2,
      hasNext: true,
      hasPrevious: false,
    })
    const second = await page('limit=2&page=2&sort=-name')
    expect(second.body.data.map(({ lastName }: { lastName: string }) => lastName)).toEqual(['Pagea'])
    expect((await page('status=graduated')).body.data).toEqual([])
  })

  test('security reads who somebody is, and not how to reach them', async () => {
    const { id } = (await create({ email: 'private@example.org' })).body.data
    const seen = await cloud.call('GET', `/api/v1/students/${id}`, { token: await cloud.signIn(school, 'security') })
    expect(seen.body.data).toMatchObject({ firstName: 'Ada', email: null })
  })
})
