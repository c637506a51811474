import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { enterTerms, type ImportedTerm } from './terms.repo.ts'

const vault = openVault(Buffer.alloc(32, 1))
const YEAR = { name: 'Year 2026', kind: 'school_year', firstDay: '2026-09-01', lastDay: '2027-07-16' }
const AUTUMN = { name: 'Autumn', kind: 'term', firstDay: '2026-09-01', lastDay: '2026-12-18' }

onBothEngines('terms', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  beforeEach(async () => {
    database ??= await engine.fresh()
    cloud ??= await startCloud(database)
    school = await enterTestSchool(database, vault)
    admin = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object, ifMatch?: number) =>
    cloud.call(method, `/api/v1${path}`, {
      token: admin,
      ...(body !== undefined && { body }),
      ...(ifMatch !== undefined && { headers: { 'if-match': `"${ifMatch}"` } }),
    })
  const names = async () => (await call('GET', '/terms')).body.data.map(({ name }: { name: string }) => name)
  const audited = () =>
    inSchool(database.db, school.schoolId, tx =>
      tx
        .selectFrom('audit_log')
        .select(['action', 'before', 'after'])
        .where('action', 'like', '%erm%')
        .orderBy('id')
        .execute(),
    )

  test('a term is entered, changed and taken away, and each is told', async () => {
    const { body } = await call('POST', '/terms', AUTUMN)
    expect(body.data).toMatchObject({ ...AUTUMN, imported: false, version: 1 })
    const changed = await call('PATCH', `/terms/${body.data.id}`, { lastDay: '2026-12-23' }, 1)
    expect(changed.body.data).toMatchObject({ ...AUTUMN, lastDay: '2026-12-23', version: 2 })
    expect(changed.headers.get('etag')).toBe('"2"')
    expect((await call('DELETE', `/terms/${body.data.id}`)).status).toBe(200)
    expect(await names()).toEqual([])
    const told = await audited()
    expect(told.map(({ action }) => action)).toEqual(['term.create', 'term.update', 'term.delete'])
    expect(told[1]).toMatchObject({ before: { lastDay: '2026-12-18' }, after: { lastDay: '2026-12-23' } })
  })

  test.each([
    [
      'two of a kind share a day',
      [AUTUMN],
      { ...AUTUMN, name: 'X', firstDay: '2026-12-18', lastDay: '2027-01-08' },
      'overlaps',
    ],
    ['a term ends outside its school year', [YEAR], { ...AUTUMN, lastDay: '2027-07-17' }, 'crosses_year'],
    ['a school year cuts a term', [AUTUMN], { ...YEAR, firstDay: '2026-09-02' }, 'crosses_year'],
    ['it ends before it begins', [], { ...AUTUMN, lastDay: '2026-08-31' }, 'validation_failed'],
    ['a day that does not exist', [], { ...AUTUMN, lastDay: '2027-02-29' }, 'validation_failed'],
  ])('refused, and nothing changed: %s', async (_, there, asked, code) => {
    for (const term of there) expect((await call('POST', '/terms', term)).status).toBe(201)
    const before = await names()
    const said = await call('POST', '/terms', asked)
    expect(said.body.error.code).toBe(code)
    expect(said.body.error.details.length).toBeGreaterThan(0)
    expect(await names()).toEqual(before)
  })

  test('a term lies in its school year, and the next may begin the day after', async () => {
    for (const term of [YEAR, AUTUMN, { ...AUTUMN, name: 'Spring', firstDay: '2026-12-19', lastDay: '2027-07-16' }])
      expect((await call('POST', '/terms', term)).status).toBe(201)
    expect(await names()).toEqual(['Spring', 'Year 2026', 'Autumn'])
  })

  test('who was overtaken is told, and nothing is changed', async () => {
    const { id } = (await call('POST', '/terms', AUTUMN)).body.data
    await call('PATCH', `/terms/${id}`, { name: 'Fall' }, 1)
    for (const said of [
      await call('PATCH', `/terms/${id}`, { name: 'Herfst' }, 1),
      await call('DELETE', `/terms/${id}`, undefined, 1),
    ])
      expect([said.status, said.body.error.code]).toEqual([409, 'changed_meanwhile'])
    expect(await names()).toEqual(['Fall'])
  })

  const enter = (rows: readonly ImportedTerm[]) =>
    inSchool(database.db, school.schoolId, tx =>
      enterTerms(tx, { schoolId: school.schoolId, userId: null, nowMs: Date.now() }, rows),
    )
  const year = { ...YEAR, kind: 'school_year', externalId: 'y' } as const
  const term = { ...AUTUMN, kind: 'term', externalId: 't' } as const

  test('an import enters terms once, and changes them the next time', async () => {
    expect(await enter([term, year])).toEqual({ created: 2, changed: 0, same: 0, refused: [] })
    expect(await enter([term, year])).toEqual({ created: 0, changed: 0, same: 2, refused: [] })
    // Both move by a week: each would share days with what the other was.
    const later = [
      { ...term, firstDay: '2026-09-08', lastDay: '2026-12-25' },
      { ...year, firstDay: '2026-09-08', lastDay: '2027-07-23' },
    ]
    expect(await enter(later)).toEqual({ created: 0, changed: 2, same: 0, refused: [] })
    expect((await call('GET', '/terms')).body.data[0]).toMatchObject({
      firstDay: '2026-09-08',
      imported: true,
      version: 2,
    })
  })

  test('what an import cannot enter is said, and the rest is entered', async () => {
    await call('POST', '/terms', { ...AUTUMN, name: 'By hand' })
    expect(await enter([year, term])).toEqual({
      created: 1,
      changed: 0,
      same: 0,
      refused: [{ externalId: 't', refused: { why: 'overlaps', name: 'By hand' } }],
    })
  })

  test('each kind of pass has its end, and before anybody says so it is a year', async () => {
    const first = await call('GET', '/pass-validity')
    expect(first.body.data[3]).toEqual({
      class: 'visitor',
      ends: 'days',
      lastDay: null,
      days: 365,
      renewalDays: 30,
      reminderDays: [30, 7, 1],
      version: 0,
    })
    const kept = await call('PUT', '/pass-validity/visitor', { ends: 'days', days: 1, reminderDays: [1, 7, 7] }, 0)
    expect(kept.body.data).toMatchObject({ days: 1, reminderDays: [7, 1], version: 1 })
    expect((await call('PUT', '/pass-validity/visitor', { ends: 'days', days: 2 }, 0)).status).toBe(409)
    for (const wrong of [
      { ends: 'days' },
      { ends: 'date', days: 3 },
      { ends: 'term', lastDay: '2027-01-01' },
      { ends: 'days', days: 0 },
    ])
      expect([wrong, (await call('PUT', '/pass-validity/visitor', wrong)).status]).toEqual([wrong, 422])
    expect((await call('GET', '/pass-validity')).body.data[3]).toMatchObject({ days: 1 })
  })
})
