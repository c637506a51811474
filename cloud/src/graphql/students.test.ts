import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, codesOf, enterPupils, giveAccount } from '../testing/graphql-stand.ts'

onBothEngines('students over GraphQL', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    admin = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const CREATE =
    'mutation ($input: CreateStudentInput!) { createStudent(input: $input) { id studentId version phone } }'
  const made = async (input: object = {}) =>
    (
      await ask(cloud, admin, CREATE, {
        input: { studentId: `S-${crypto.randomUUID()}`, firstName: 'Ada', lastName: '', ...input },
      })
    ).data.createStudent

  test('one is entered, read, changed and archived', async () => {
    const { id, studentId } = await made({ phone: '06 12345678', email: 'ada@school.example' })
    const read = await ask(
      cloud,
      admin,
      'query ($id: ID!) { student(id: $id) { studentId firstName email phone status school { name tenant } department { name } masked createdAt } }',
      { id },
    )
    expect(read).toMatchObject({
      status: 200,
      data: {
        student: {
          studentId,
          email: 'ada@school.example',
          phone: '+31612345678',
          status: 'active',
          school: { tenant: school.tenant },
          department: null,
          masked: [],
        },
      },
    })
    const update =
      'mutation ($id: ID!, $input: UpdateStudentInput!) { updateStudent(id: $id, input: $input) { firstName phone version } }'
    const changed = await ask(cloud, admin, update, { id, input: { firstName: 'Augusta', phone: null, version: 1 } })
    expect(changed.data.updateStudent).toEqual({ firstName: 'Augusta', phone: null, version: 2 })
    const late = await ask(cloud, admin, update, { id, input: { firstName: 'Eve', version: 1 } })
    expect([late.data, codesOf(late)]).toEqual([null, ['changed_meanwhile']])

    const archive = 'mutation ($id: ID!, $version: Int) { deleteStudent(id: $id, version: $version) }'
    expect(codesOf(await ask(cloud, admin, archive, { id, version: 1 }))).toEqual(['changed_meanwhile'])
    expect((await ask(cloud, admin, archive, { id })).data).toEqual({ deleteStudent: true })
    expect((await ask(cloud, admin, 'query ($id: ID!) { student(id: $id) { id } }', { id })).data.student).toBeNull()
    expect(codesOf(await ask(cloud, admin, archive, { id }))).toEqual(['not_found'])
  })

  test('the same refusals as over REST, their fields called as they are here', async () => {
    const { studentId } = await made()
    const again = await ask(cloud, admin, CREATE, { input: { studentId, firstName: 'Eve', lastName: '' } })
    expect(again.errors).toMatchObject([
      {
        message: 'Another student has this number.',
        path: ['createStudent'],
        extensions: { code: 'number_taken', details: [{ path: 'studentId' }], requestId: expect.any(String) },
      },
    ])
    const wrong = await ask(cloud, admin, CREATE, {
      input: { studentId: 'a b', firstName: '', lastName: '', email: 'x' },
    })
    expect(wrong.errors![0].extensions.code).toBe('validation_failed')
    expect(wrong.errors![0].extensions.details.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'email',
      'firstName',
      'studentId',
    ])
  })

  test('a page by filters, its place, and the right words for what is wrong with it', async () => {
    const other = await enterTestSchool(database, cloud.vault)
    await enterPupils(database, cloud, other, 3)
    const token = await cloud.signIn(other, 'staff')
    const query = `query ($pagination: PaginationInput, $filters: StudentFilters) {
      students(pagination: $pagination, filters: $filters, sort: name_desc) {
        data { firstName passes { status student { id } } applications { status student { firstName } } }
        pagination { page limit total totalPages hasNext hasPrevious }
      } }`
    const page = await ask(cloud, token, query, {
      pagination: { page: 2, limit: 2 },
      filters: { hasPass: true, search: null },
    })
    expect(page.data.students).toMatchObject({
      data: [
        {
          firstName: 'Ada 0',
          passes: [{ status: 'active', student: { id: expect.any(String) } }],
          applications: [{ status: 'submitted', student: { firstName: 'Ada 0' } }],
        },
      ],
      pagination: { page: 2, limit: 2, total: 3, totalPages: 2, hasNext: false, hasPrevious: true },
    })
    const wrong = await ask(cloud, token, query, { pagination: { page: 0, limit: 101 } })
    expect(wrong.errors![0].extensions).toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'page' }, { path: 'limit' }],
    })
  })

  test('personal data is masked for who does not read it, and cannot be changed by them; a guard sees less', async () => {
    const { id } = await made({ phone: '06 12345678', birthDate: '2005-05-17', email: 'mask@school.example' })
    const query = 'query ($id: ID!) { student(id: $id) { firstName email phone birthDate masked department { id } } }'
    const seen = async (role: 'staff' | 'security') =>
      (await ask(cloud, await cloud.signIn(school, role), query, { id })).data.student
    expect(await seen('staff')).toMatchObject({ email: 'mask@school.example', phone: '…78', birthDate: '2005' })
    expect(await seen('security')).toMatchObject({ firstName: 'Ada', email: null, phone: null, birthDate: null })
    const change = await ask(
      cloud,
      await cloud.signIn(school, 'staff'),
      'mutation ($id: ID!) { updateStudent(id: $id, input: { phone: "0687654321" }) { id } }',
      { id },
    )
    expect(codesOf(change)).toEqual(['not_allowed'])
  })

  test('a student sees themselves by me, and nobody else', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const [mine, theirs] = (await enterPupils(database, cloud, own, 2)) as [string, string]
    await giveAccount(database, own, mine)
    const token = await cloud.signIn(own, 'student')
    const me = await ask(
      cloud,
      token,
      '{ me { role student { id phone passes { id note student { id } } applications { id assignee { id } attention } } } }',
    )
    expect(me.data.me).toMatchObject({
      role: 'student',
      student: { id: mine, passes: [{ student: { id: mine } }], applications: [{ assignee: null, attention: null }] },
    })
    for (const query of [
      `{ student(id: "${theirs}") { id } }`,
      '{ students { data { id } } }',
      '{ passes { data { id } } }',
    ]) {
      expect(codesOf(await ask(cloud, token, query))).toEqual(['not_allowed'])
    }
    const list = await ask(cloud, await cloud.signIn(own, 'staff'), '{ applications { data { id student { id } } } }')
    const of = (id: string) =>
      list.data.applications.data.find((one: { student: { id: string } }) => one.student.id === id).id
    const read = (id: string) => ask(cloud, token, 'query ($id: ID!) { application(id: $id) { id } }', { id })
    expect((await read(of(mine))).data.application).toEqual({ id: of(mine) })
    expect((await read(of(theirs))).data.application).toBeNull()
  })

  test('the example of docs/integrator.md works', async () => {
    const text = readFileSync(new URL('../../../docs/integrator.md', import.meta.url), 'utf8')
    const [, example] = /```graphql\n([\s\S]*?)```/.exec(text)!
    const said = await ask(cloud, admin, example!, { filters: { status: 'active' }, pagination: { limit: 2 } })
    expect(said.errors).toBeUndefined()
    expect(said.data.students.pagination.total).toBeGreaterThan(0)
  })

  test('whose data was shown is in the audit log, also what stood beside', async () => {
    const other = await enterTestSchool(database, cloud.vault)
    const ids = await enterPupils(database, cloud, other, 2)
    const token = await cloud.signIn(other, 'staff')
    await ask(cloud, token, '{ students { data { id passes { id } applications { id } } } }')
    const rows = await inSchool(database.db, other.schoolId, tx =>
      tx.selectFrom('audit_log').select(['action', 'student_ids']).where('action', 'like', '%.list').execute(),
    )
    expect(rows.map(({ action }) => action).toSorted()).toEqual(['application.list', 'pass.list', 'student.list'])
    for (const row of rows) expect(row.student_ids?.toSorted()).toEqual(ids.toSorted())
  })
})
