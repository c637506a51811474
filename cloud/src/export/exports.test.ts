import { createRequire } from 'node:module'
import { parse } from 'csv-parse/sync'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterStudents } from '../students/enter-students.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { harmless } from './cell.ts'

const NAUGHTY: readonly string[] = createRequire(import.meta.url)('big-list-of-naughty-strings')

onBothEngines('exports', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    admin = await cloud.signIn(school, 'school_admin')
    await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'Campus']])))
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const enterAll = (fields: readonly object[]) =>
    inSchool(database.db, school.schoolId, tx =>
      enterStudents(
        tx,
        cloud.vault,
        { schoolId: school.schoolId, userId: null, nowMs: Date.now() },
        fields.map((one, at) => ({
          studentNumber: `N-${String(at).padStart(5, '0')}`,
          firstName: 'Ada',
          lastName: '',
          ...one,
        })),
      ),
    )
  const fetched = async (path: string, token = admin) => {
    const answer = await fetch(`${cloud.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  const table = async (path: string, token = admin): Promise<Record<string, string>[]> =>
    parse((await fetched(path, token)).bytes, { bom: true, columns: true })
  const audited = () =>
    inSchool(database.db, school.schoolId, tx =>
      tx
        .selectFrom('audit_log')
        .select(['action', 'subject_id', 'after'])
        .where('action', 'like', 'list.%')
        .orderBy('id')
        .execute(),
    )

  test('a list of more pages than one leaves whole, each row once, with its filters, and is in the audit log', async () => {
    await enterAll(Array.from({ length: 1_203 }, (_, at) => ({ status: at % 3 === 0 ? 'graduated' : 'active' })))
    const rows = await table('/students/export?status=active')
    expect(rows.map(row => row['Student number']).toSorted()).toEqual(
      Array.from({ length: 1_203 }, (_, at) => at)
        .filter(at => at % 3 !== 0)
        .map(at => `N-${String(at).padStart(5, '0')}`),
    )
    expect(await audited()).toEqual([
      { action: 'list.export', subject_id: 'students', after: { format: 'csv', status: 'active' } },
      { action: 'list.export_end', subject_id: 'students', after: { rows: 802, whole: true } },
    ])
  })

  test('has a plain name, its type, and what each program likes', async () => {
    const csv = await fetched('/students/export')
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="students-\d{4}-\d\d-\d\d\.csv"$/)
    expect(csv.bytes.subarray(0, 3)).toEqual(Buffer.from('\ufeff'))
    const plain = (await fetched('/students/export?mark=no&separator=semicolon')).bytes.toString()
    expect(plain.split('\r\n')[0]).toMatch(/^Student number;First name;/)
    const xlsx = await fetched('/students/export?format=xlsx')
    expect(xlsx.headers.get('content-disposition')).toMatch(/\.xlsx"$/)
    const sheet = strFromU8(unzipSync(xlsx.bytes)['xl/worksheets/sheet1.xml']!)
    expect(sheet.match(/<row /g)).toHaveLength(1_204)
    expect((await fetched('/students/export?format=pdf')).status).toBe(422)
  })

  test('a naughty name leaves as it is kept, and none runs in a spreadsheet', async () => {
    const { entered } = await enterAll(
      NAUGHTY.map((lastName, at) => ({ studentNumber: `X-${at + 1000}`, lastName: lastName.slice(0, 90) })),
    )
    expect(entered.filter(({ outcome }) => outcome === 'created').length).toBeGreaterThan(400)
    const kept = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('students').select('last_name').where('student_number', 'like', 'X-%').orderBy('id').execute(),
    )
    const rows = (await table('/students/export')).filter(row => row['Student number']!.startsWith('X-'))
    expect(rows.map(row => row['Last name'])).toEqual(kept.map(row => harmless(row.last_name)))
  })

  test('shows each role what the list shows it, and nobody who may not see the list', async () => {
    await enterAll([
      {
        studentNumber: 'P-1234',
        birthDate: '2008-05-17',
        phone: '+31612345678',
        privateEmail: 'me@home.example',
        email: 'p@school.example',
      },
    ])
    const of = async (role: 'school_admin' | 'staff' | 'security') =>
      (await table('/students/export?search=P-1234', await cloud.signIn(school, role)))[0]!
    expect(await of('school_admin')).toMatchObject({
      'Date of birth': '2008-05-17',
      Phone: "'+31612345678",
      'Private e-mail': 'me@home.example',
    })
    expect(await of('staff')).toMatchObject({
      'Date of birth': '2008',
      Phone: '…78',
      'Private e-mail': '',
      'E-mail': 'p@school.example',
    })
    expect(await of('security')).toMatchObject({ 'Date of birth': '', Phone: '', 'E-mail': '', 'First name': 'Ada' })
    expect((await fetched('/students/export', await cloud.signIn(school, 'facilities'))).status).toBe(403)
    expect((await fetched('/passes/export', await cloud.signIn(school, 'facilities'))).status).toBe(403)
  })

  test('passes leave with holder, groups and status as seen', async () => {
    const [row] = (await cloud.call('GET', '/api/v1/students?search=P-1234', { token: admin })).body.data
    const body = { studentId: row.id, notBefore: '2020-01-01T00:00:00Z', expires: '2021-01-01T00:00:00Z', groups: [0] }
    const { passId } = (await cloud.call('POST', '/api/v1/passes', { token: admin, body })).body.data
    expect(await table('/passes/export?status=expired')).toEqual([
      expect.objectContaining({
        Pass: passId,
        Holder: 'Ada',
        'Student number': 'P-1234',
        Status: 'expired',
        Groups: 'Campus',
      }),
    ])
    expect(await table('/access-events/export')).toEqual([])
  })

  test('another school’s list is another file', async () => {
    const other = await enterTestSchool(database, cloud.vault)
    expect(await table('/students/export', await cloud.signIn(other, 'school_admin'))).toEqual([])
  })

  test('a reader who goes away in the middle is in the log as such', async () => {
    const gone = new AbortController()
    const answer = await fetch(`${cloud.url}/api/v1/students/export?format=csv`, {
      headers: { authorization: `Bearer ${admin}` },
      signal: gone.signal,
    })
    expect(answer.status).toBe(200)
    gone.abort()
    await expect
      .poll(async () => (await audited()).filter(({ action }) => action === 'list.export_end').length)
      .toBe((await audited()).filter(({ action }) => action === 'list.export').length)
  })

  test('people who can sign in and jobs leave too, with the filters of their lists, and to who may read those lists', async () => {
    const call = (method: string, path: string, body: object) =>
      cloud.call(method, `/api/v1${path}`, { token: admin, body })
    const entered = { email: 'zoe@corp.example', displayName: '=HYPERLINK("x")', role: 'staff', grants: ['pii:read'] }
    expect((await call('POST', '/users', entered)).status).toBe(201)
    expect(await table('/users/export?search=zoe')).toEqual([
      {
        Name: `'=HYPERLINK("x")`,
        'E-mail': 'zoe@corp.example',
        Role: 'staff',
        'Rights beside it': 'pii:read',
        Active: 'yes',
        Entered: expect.any(String),
        Changed: expect.any(String),
      },
    ])
    const all = (await cloud.call('GET', '/api/v1/users?limit=100', { token: admin })).body.metadata.pagination.total
    expect(await table('/users/export')).toHaveLength(all)
    expect((await call('POST', '/settings/data-keys/rotation', {})).status).toBe(202)
    expect(await table('/jobs/export?kind=rotate_data_key&state=waiting')).toMatchObject([
      { Kind: 'rotate_data_key', State: 'waiting', Tries: '0', 'Asked by': 'school_admin' },
    ])
    expect(await table('/jobs/export?kind=rotate_data_key&state=failed')).toEqual([])
    expect(
      strFromU8(unzipSync((await fetched('/jobs/export?format=xlsx')).bytes)['xl/worksheets/sheet1.xml']!),
    ).toContain('Asked by')
    const staff = await cloud.signIn(school, 'staff')
    for (const path of ['/users/export', '/jobs/export']) expect((await fetched(path, staff)).status).toBe(403)
  })

  test('departments, gates and the log leave as files; nothing in them is a formula, and the log has that it left', async () => {
    const call = (method: string, path: string, body: object) =>
      cloud.call(method, `/api/v1${path}`, { token: admin, body })
    expect((await call('POST', '/departments', { name: '=1+1' })).status).toBe(201)
    const accessPoints = [{ lane: 'main', name: 'Main', direction: 'in', groups: [0] }]
    const gate = { name: 'North', shortName: 'north-1', accessPoints }
    const facilities = await cloud.signIn(school, 'facilities')
    expect((await cloud.call('POST', '/api/v1/gates', { token: facilities, body: gate })).status).toBe(201)
    expect(await table('/departments/export')).toMatchObject([{ Department: `'=1+1`, Students: '0' }])
    expect(await table('/gates/export')).toMatchObject([{ Gate: 'North', 'Short name': 'north-1', Online: 'no' }])
    expect(await table('/invitations/export?state=open')).toEqual([])
    const made = await table('/audit/export?action=department.create')
    expect(made).toMatchObject([{ What: 'department.create', By: 'school_admin', After: '{"name":"=1+1"}' }])
    const whole = await table('/audit/export')
    expect(whole.map(row => row.What)).toEqual(expect.arrayContaining(['list.export', 'gate.create', 'user.create']))
    expect(new Set(whole.map(row => `${row.At} ${row.What} ${row.Request} ${row.Of}`)).size).toBeGreaterThan(10)
    const taken = (await audited()).filter(row => row.subject_id === 'audit' && row.action === 'list.export')
    expect(taken.map(({ after }) => after)).toEqual([{ format: 'csv', action: 'department.create' }, { format: 'csv' }])
    const staff = await cloud.signIn(school, 'staff')
    for (const path of ['/audit/export', '/invitations/export']) expect((await fetched(path, staff)).status).toBe(403)
  })
})
