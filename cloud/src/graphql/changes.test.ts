import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { notify } from '../notifications/notify.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { enterEvent, enterGate } from '../testing/events-entered.ts'
import { ask, codesOf, enterPupils, giveAccount } from '../testing/graphql-stand.ts'

const DAY_MS = 86_400_000

onBothEngines('what is done over GraphQL', engine => {
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

  test('a pass is suspended, given back and revoked once', async () => {
    const [studentId] = await enterPupils(database, cloud, school, 1)
    const passes = await ask(cloud, admin, 'query ($id: ID) { passes(filters: { studentId: $id }) { data { id } } }', {
      id: studentId,
    })
    const { id } = passes.data.passes.data[0]
    const turn = async (field: string, note?: string) => {
      const args = note === undefined ? '(id: $id)' : `(id: $id, note: ${JSON.stringify(note)})`
      const said = await ask(cloud, admin, `mutation ($id: ID!) { ${field}${args} { status note } }`, { id })
      return said.data?.[field]?.status ?? codesOf(said)
    }
    expect([
      await turn('suspendPass', 'lost for now'),
      await turn('suspendPass', 'again'),
      await turn('resumePass'),
      await turn('resumePass'),
      await turn('revokePass', 'no'),
      await turn('revokePass', 'left the school'),
      await turn('revokePass', 'left the school'),
    ]).toEqual([
      'suspended',
      ['not_active'],
      'active',
      ['not_suspended'],
      ['validation_failed'],
      'revoked',
      ['already_revoked'],
    ])
    const guard = await ask(
      cloud,
      await cloud.signIn(school, 'security'),
      'query ($id: ID!) { pass(id: $id) { status note credentials { id } } }',
      { id },
    )
    expect(guard.data.pass).toEqual({ status: 'revoked', note: 'left the school', credentials: [] })
  })

  test('a pass is issued and renewed, by the rules of the school', async () => {
    const [studentId] = await enterPupils(database, cloud, school, 1)
    const expires = new Date(cloud.clock.nowMs + 10 * DAY_MS).toISOString()
    const issue =
      'mutation ($input: IssuePassInput!) { issuePass(input: $input) { id expires groups { number name } student { id } } }'
    const made = await ask(cloud, admin, issue, { input: { studentId, expires, groups: [3] } })
    expect(made.data.issuePass).toMatchObject({
      expires,
      groups: [{ number: 3, name: 'Labs' }],
      student: { id: studentId },
    })
    const renew = 'mutation ($id: ID!, $expires: DateTime) { renewPass(id: $id, expires: $expires) { expires } }'
    const { id } = made.data.issuePass
    const later = new Date(cloud.clock.nowMs + 20 * DAY_MS).toISOString()
    expect((await ask(cloud, admin, renew, { id, expires: later })).data.renewPass).toEqual({ expires: later })
    expect(codesOf(await ask(cloud, admin, renew, { id, expires }))).toEqual(['ends_no_later'])
    const wrong = await ask(cloud, admin, issue, { input: { studentId, groups: [31, -1], levelId: randomUUIDv7() } })
    expect(codesOf(wrong)).toEqual(['validation_failed'])
  })

  test('an applicant begins, withdraws and reopens; nobody decides their own', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const [pupil] = (await enterPupils(database, cloud, own, 1)) as [string]
    await giveAccount(database, own, pupil)
    const student = await cloud.signIn(own, 'student')
    expect(codesOf(await ask(cloud, student, 'mutation { beginApplication { id } }'))).toEqual(['one_is_open'])
    const { data } = await ask(cloud, student, '{ me { student { applications { id version } } } }')
    const [{ id, version }] = data.me.student.applications
    const turn = (field: string, given = version) =>
      ask(
        cloud,
        student,
        `mutation ($id: ID!, $version: Int) { ${field}(id: $id, version: $version) { status version } }`,
        { id, version: given },
      )
    expect((await turn('withdrawApplication')).data.withdrawApplication.status).toBe('withdrawn')
    expect(codesOf(await turn('withdrawApplication'))).toEqual(['changed_meanwhile'])
    expect((await turn('reopenApplication', version + 1)).data.reopenApplication.status).toBe('draft')

    const staff = await cloud.signIn(own, 'school_admin')
    const decide = 'mutation ($id: ID!) { decideApplication(id: $id, decision: reject, reason: "no place") { status } }'
    await inSchool(database.db, own.schoolId, async tx => {
      const admins = tx.selectFrom('users').select('id').where('role', '=', 'school_admin')
      await tx.updateTable('students').set({ user_id: admins }).where('id', '=', pupil).execute()
    })
    expect(codesOf(await ask(cloud, staff, decide, { id }))).toEqual(['own_application'])
    const isTheirs = async (token: string) =>
      (await ask(cloud, token, 'query ($id: ID!) { application(id: $id) { own } }', { id })).data.application
    expect([await isTheirs(staff), await isTheirs(await cloud.signIn(own, 'staff'))]).toEqual([
      { own: true },
      { own: false },
    ])
  })

  test('each field of a mutation is a change of its own', async () => {
    const create = (at: number, number: string) =>
      `s${at}: createStudent(input: { studentId: "${number}", firstName: "Ada", lastName: "" }) { studentId }`
    const said = await ask(cloud, admin, `mutation { ${create(1, 'M-1')} ${create(2, 'M-1')} ${create(3, 'M-2')} }`)
    expect(codesOf(said)).toEqual(['number_taken'])
    const found = await ask(cloud, admin, '{ students(filters: { search: "M-" }) { data { studentId } } }')
    expect(found.data.students.data.map(({ studentId }: { studentId: string }) => studentId)).toContain('M-1')
  })

  test('one’s inbox is read, and that of nobody else', async () => {
    await inSchool(database.db, school.schoolId, async tx => {
      const { id } = await tx.selectFrom('users').select('id').where('role', '=', 'staff').executeTakeFirstOrThrow()
      const facts = { applicant: 'Ada Lovelace' }
      await notify(tx, school.schoolId, {
        kind: 'application_submitted',
        to: { userId: id },
        facts,
        path: '/applications',
      })
    })
    const staff = await cloud.signIn(school, 'staff')
    const read = '{ notifications(unread: true) { data { id kind title readAt } nextCursor } unreadNotifications }'
    const { data } = await ask(cloud, staff, read)
    expect(data).toMatchObject({
      notifications: { data: [{ kind: 'application_submitted', readAt: null }], nextCursor: null },
      unreadNotifications: 1,
    })
    const { id } = data.notifications.data[0]
    const mark = (who: string) => ask(cloud, who, 'mutation ($id: ID) { readNotification(id: $id) }', { id })
    expect(codesOf(await mark(admin))).toEqual(['not_found'])
    expect((await mark(staff)).data.readNotification).toBe(0)
    expect((await ask(cloud, staff, read)).data.notifications.data).toEqual([])
  })

  test('the access log by cursor; a guard sees thirty days of it', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const [studentId] = (await enterPupils(database, cloud, own, 1)) as [string]
    const gateId = await enterGate(database, own.schoolId, 'north')
    const { nowMs } = cloud.clock
    for (const daysAgo of [1, 2, 40]) {
      await enterEvent(database, own.schoolId, { gateId, kind: 'granted', atMs: nowMs - daysAgo * DAY_MS, studentId })
    }
    const query = `query ($cursor: String) { accessLog(pagination: { limit: 2, cursor: $cursor }) {
      data { at kind gate { shortName accessPoints { lane } } student { id } holder { name } } nextCursor } }`
    const staff = await cloud.signIn(own, 'staff')
    const first = (await ask(cloud, staff, query)).data.accessLog
    expect(first.data).toMatchObject([
      { kind: 'granted', gate: { shortName: 'north', accessPoints: [{ lane: 'in' }] }, student: { id: studentId } },
      { at: new Date(nowMs - 2 * DAY_MS).toISOString() },
    ])
    const second = (await ask(cloud, staff, query, { cursor: first.nextCursor })).data.accessLog
    expect([second.data.length, second.nextCursor]).toEqual([1, null])
    const guard = await cloud.signIn(own, 'security')
    expect((await ask(cloud, guard, '{ accessLog { data { at } } }')).data.accessLog.data).toHaveLength(2)
    expect(codesOf(await ask(cloud, staff, query, { cursor: 'none' }))).toEqual(['validation_failed'])
  })

  test('a department is entered, renamed by version, and deleted by saying where its students go', async () => {
    const name = `Physics ${randomUUIDv7()}`
    const done = (mutation: string) => ask(cloud, admin, `mutation { done: ${mutation} }`)
    const create = (what: string) => done(`createDepartment(name: "${what}") { id name version studentCount }`)
    const made = (await create(name)).data.done
    expect(made).toEqual({ id: expect.any(String), name, version: 1, studentCount: 0 })
    expect(codesOf(await create(name.toUpperCase()))).toEqual(['name_taken'])
    expect(codesOf(await create(' '))).toEqual(['validation_failed'])
    const rename = (version: number) =>
      done(`renameDepartment(id: "${made.id}", name: "Optics ${name}", version: ${version}) { name version }`)
    expect((await rename(1)).data.done).toEqual({ name: `Optics ${name}`, version: 2 })
    expect(codesOf(await rename(1))).toEqual(['changed_meanwhile'])

    const input = `{ studentId: "${randomUUIDv7()}", firstName: "Ada", lastName: "", departmentId: "${made.id}" }`
    const { data } = await done(`createStudent(input: ${input}) { id department { name version studentCount } }`)
    expect(data.done.department).toEqual({ name: `Optics ${name}`, version: 2, studentCount: 1 })
    const remove = (more: string) => done(`deleteDepartment(id: "${made.id}"${more})`)
    const inUse = await remove('')
    expect([codesOf(inUse), inUse.errors![0].message]).toEqual([['in_use'], expect.stringContaining('1 student is')])
    expect(codesOf(await remove(`, moveTo: "${randomUUIDv7()}"`))).toEqual(['validation_failed'])
    expect(codesOf(await remove(', moveTo: "none", version: 1'))).toEqual(['changed_meanwhile'])
    expect((await remove(', moveTo: "none", version: 2')).data.done).toBe(1)
    expect(codesOf(await remove(''))).toEqual(['not_found'])
    const student = await ask(cloud, admin, `{ student(id: "${data.done.id}") { department { name } } }`)
    expect(student.data.student.department).toBeNull()
  })

  test('jobs are seen, and a job that is over is not cancelled', async () => {
    const id = randomUUIDv7()
    const at = new Date(cloud.clock.nowMs)
    await inSchool(database.db, school.schoolId, tx =>
      tx
        .insertInto('jobs')
        .values({
          id,
          school_id: school.schoolId,
          kind: 'mail',
          title: 'A job',
          body: '{}',
          state: 'done',
          made_at: at,
          run_after: at,
          ended_at: at,
        })
        .execute(),
    )
    const seen = await ask(
      cloud,
      admin,
      'query ($id: ID!) { job(id: $id) { title state done } jobs { data { id } } }',
      { id },
    )
    expect(seen.data).toMatchObject({ job: { title: 'A job', state: 'done' }, jobs: { data: [{ id }] } })
    expect(codesOf(await ask(cloud, admin, 'mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id }))).toEqual([
      'already_over',
    ])
  })
})
