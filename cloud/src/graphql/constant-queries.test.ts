import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLevel } from '../access-levels/access-levels.repo.ts'
import { newestForm } from '../applications/forms.repo.ts'
import { answerColumns } from '../applications/kept-answers.ts'
import { enterEntry } from '../applications/move.repo.ts'
import type { Database } from '../db/connect.ts'
import { kindOfQuery } from '../db/queries.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, enterPupils } from '../testing/graphql-stand.ts'
import { beginVisit, endVisit, receiveVisitor } from '../visitors/visits.repo.ts'

/** Everything that stands beside a student, and what leads back and forth. */
const PAGE = `{ students(pagination: { limit: 100 }) { data {
  id studentId firstName lastName email phone status createdAt updatedAt
  school { id name } department { id name studentCount }
  passes { id serial status groups { name } student { id firstName } }
  applications { id status submittedAt student { id } pass { id } }
} pagination { total } } }`

/** An application in full, and where its lists say how many they may be: a hundred of them are within the limits. */
const QUEUE = `{ applications(pagination: { limit: 100 }) { data {
  id status student { id firstName } pass { id }
  answers(limit: 10) { field label kind masked value values file { name state } } masked
  files(limit: 10) { field name state } checks { kind state findings(limit: 10) { message } }
  entries { at side by event internal text } wanted(limit: 10) { field message }
} } }`

const VISITORS = `{ visitors(pagination: { limit: 100 }) { data {
  id firstName phone host { name } visit { state pass { id status holder { visitor { id } } history(limit: 5) { action changes { field after } } } }
  visits(limit: 5) { passId state }
} } }`

onBothEngines('a page with everything beside its rows', engine => {
  let database: Database
  let cloud: TestCloud
  const statements: string[] = []
  beforeAll(async () => {
    database = await engine.fresh(({ sql }) => void statements.push(sql))
    cloud = await startCloud(database)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  async function statementsOf(token: string, query: string) {
    await ask(cloud, token, '{ school { id } }')
    statements.length = 0
    const { data, errors } = await ask(cloud, token, query)
    expect(errors).toBeUndefined()
    return { data, statements: statements.map(sql => Object.values(kindOfQuery(sql)).join(' ')) }
  }

  /** Answers, a check, two entries and what is wanted for the application of each of these. */
  async function enterAnswers({ schoolId }: TestSchool, studentIds: readonly string[]): Promise<void> {
    const actor = { schoolId, userId: null, nowMs: cloud.clock.nowMs }
    const at = new Date(actor.nowMs)
    await inSchool(database.db, schoolId, async tx => {
      const form = await newestForm(tx)
      const rows = await tx.selectFrom('applications').select('id').where('student_id', 'in', studentIds).execute()
      for (const { id } of rows) {
        const answers = { studentNumber: 'S-1', birthDate: '2005-05-17' }
        const columns = await answerColumns(tx, cloud.vault, { id, schoolId }, form, answers)
        const set = { ...columns, status: 'requires_documents' as const }
        await tx.updateTable('applications').set(set).where('id', '=', id).execute()
        const check = { school_id: schoolId, application_id: id, kind: 'documents' as const, asked_at: at }
        await tx.insertInto('application_checks').values(check).execute()
        await enterEntry(tx, actor, id, { side: 'applicant', event: 'submit', to_status: 'submitted', text: null })
        const wanted = { event: 'ask_documents', to_status: 'requires_documents', text: 'the letter, please' } as const
        await enterEntry(tx, actor, id, { side: 'reviewer', ...wanted })
      }
    })
  }

  /** Each was here once, and comes again. */
  async function enterVisitors({ schoolId, users }: TestSchool, count: number): Promise<void> {
    const actor = { schoolId, userId: null, nowMs: cloud.clock.nowMs }
    await inSchool(database.db, schoolId, async tx => {
      await enterGroups(tx, schoolId, new Map([[3, 'Labs']]))
      const level = await createLevel(tx, actor, { name: 'Visitors', class: 'visitor', groups: [3], profile: 0 })
      if (!level.ok) throw new Error(level.failure)
      const host = tx.selectFrom('users').select('id').where('email', '=', users.get('staff')!)
      const { id: hostUserId } = await host.executeTakeFirstOrThrow()
      const visit = { levelId: level.value.id, escort: false }
      const person = { firstName: 'Vera', lastName: 'Rubin', organisation: null, email: null, purpose: null }
      for (let at = 0; at < count; at++) {
        const made = await receiveVisitor(tx, cloud.vault, actor, {
          person: { ...person, phone: '+31612345678', hostUserId },
          visit,
        })
        if (!made.ok) throw new Error(made.failure)
        await endVisit(tx, actor, { visitorId: made.value, note: 'over' })
        await beginVisit(tx, actor, { ...visit, visitorId: made.value })
      }
    })
  }

  /** What one page of so many students asks of the database. */
  async function statementsFor(count: number): Promise<string[]> {
    const school = await enterTestSchool(database, cloud.vault)
    await enterPupils(database, cloud, school, count)
    const token = await cloud.signIn(school, 'staff')
    const page = await statementsOf(token, PAGE)
    expect(page.data.students.data).toHaveLength(count)
    for (const student of page.data.students.data) {
      expect([student.passes.length, student.applications.length]).toEqual([1, 1])
      expect(student.passes[0].student.id).toBe(student.id)
    }
    return page.statements
  }

  test('students take the same statements for ten and for a hundred', async () => {
    const [ten, hundred] = [await statementsFor(10), await statementsFor(100)]
    expect(hundred).toEqual(ten)
    expect(hundred.length).toBeLessThan(30)
  }, 60_000)

  test('passes with what their groups and levels open are too', async () => {
    const passesFor = async (count: number) => {
      const school = await enterTestSchool(database, cloud.vault)
      await enterPupils(database, cloud, school, count)
      const query = `{ passes(pagination: { limit: 100 }) { data {
        level { class groups { name } } groups { name accessPoints passCount } } } }`
      const asked = await statementsOf(await cloud.signIn(school, 'staff'), query)
      expect(asked.data.passes.data).toHaveLength(count)
      expect(asked.data.passes.data[0].groups).toEqual([{ name: 'Labs', accessPoints: [], passCount: count }])
      return asked.statements
    }
    const [ten, hundred] = [await passesFor(10), await passesFor(100)]
    expect(hundred).toEqual(ten)
    expect(hundred.length).toBeLessThan(25)
  }, 60_000)

  test('applications with answers, files, checks and history are the same statements for ten and for a hundred', async () => {
    const queueFor = async (count: number) => {
      const school = await enterTestSchool(database, cloud.vault)
      const pupils = await enterPupils(database, cloud, school, count)
      await enterAnswers(school, pupils)
      const asked = await statementsOf(await cloud.signIn(school, 'school_admin'), QUEUE)
      for (const application of asked.data.applications.data) {
        expect(application.answers[0]).toMatchObject({ field: 'studentNumber', value: 'S-1', masked: false })
        expect(application.answers[1]).toMatchObject({ field: 'birthDate', value: '2005-05-17' })
        expect([application.checks.length, application.entries.length, application.wanted.length]).toEqual([1, 2, 1])
      }
      expect(asked.data.applications.data).toHaveLength(count)
      return asked.statements
    }
    const [ten, hundred] = [await queueFor(10), await queueFor(100)]
    expect(hundred).toEqual(ten)
    // The list, the students, and once that the applications were read in full.
    expect(hundred.filter(kind => kind.includes('audit_log'))).toHaveLength(3)
    expect(hundred.length).toBeLessThan(40)
  }, 120_000)

  test('visitors with their visits, passes and what was done to them are too', async () => {
    const visitorsFor = async (count: number) => {
      const school = await enterTestSchool(database, cloud.vault)
      await enterVisitors(school, count)
      const asked = await statementsOf(await cloud.signIn(school, 'school_admin'), VISITORS)
      for (const visitor of asked.data.visitors.data) {
        expect(visitor).toMatchObject({ phone: '+31612345678', visits: [{ state: 'expected' }, { state: 'over' }] })
        expect(visitor.visit.pass).toMatchObject({
          holder: { visitor: { id: visitor.id } },
          history: [{ action: 'pass.create' }],
        })
      }
      expect(asked.data.visitors.data).toHaveLength(count)
      return asked.statements
    }
    const [ten, hundred] = [await visitorsFor(10), await visitorsFor(100)]
    expect(hundred).toEqual(ten)
    expect(hundred.length).toBeLessThan(40)
  }, 120_000)

  test('other names with other limits are one statement too', async () => {
    const school = await enterTestSchool(database, cloud.vault)
    await enterPupils(database, cloud, school, 5)
    const token = await cloud.signIn(school, 'staff')
    const aliases = Array.from({ length: 40 }, (_, at) => `p${at}: passes(limit: ${at + 1}) { id }`).join(' ')
    const passesRead = async (fields: string) => {
      statements.length = 0
      expect((await ask(cloud, token, `{ students { data { ${fields} } } }`)).errors).toBeUndefined()
      return statements.filter(sql => /from "passes" left join/.test(sql)).length
    }
    expect([await passesRead('passes(limit: 1) { id }'), await passesRead(aliases)]).toEqual([1, 1])
  })
})
