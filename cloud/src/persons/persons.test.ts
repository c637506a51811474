import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterNewestForm } from '../applications/forms.repo.ts'
import { answerColumns } from '../applications/kept-answers.ts'
import { proveAudit } from '../audit/proof.ts'
import { sealAudit } from '../audit/sealer.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterStudents } from '../students/enter-students.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { allPolicies } from '../testing/layers.ts'
import { HOLDINGS, HOLDS_NOBODY } from './holdings.ts'

const NAME = 'Wilhelmina'
const SECRETS = [
  NAME,
  'van der Zwaluw',
  'P-4711-x',
  '2008-03-04',
  '612345678',
  'mina@home.example',
  'mina@school.example',
  'Kerkstraat',
]

onBothEngines('a person’s own data', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    await inSchool(database.db, school.schoolId, tx =>
      tx.insertInto('groups').values({ school_id: school.schoolId, number: 0, name: 'Campus' }).execute(),
    )
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object, by = token) =>
    cloud.call(method, `/api/v1${path}`, { token: by, ...(body !== undefined && { body }) })
  const inside = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)

  /** Somebody of whom every kind of thing is kept. */
  async function somebody(studentNumber = 'P-4711-x') {
    const made = await call('POST', '/students', {
      studentNumber,
      firstName: NAME,
      lastName: 'van der Zwaluw',
      email: studentNumber === 'P-4711-x' ? 'mina@school.example' : null,
      birthDate: '2008-03-04',
      phone: '+31612345678',
      privateEmail: 'mina@home.example',
      address: { lines: ['Kerkstraat 1'], postalCode: '1234 AB', town: 'Edam', country: 'NL' },
      notes: 'Sits in front.',
    })
    expect(made.status).toBe(201)
    const studentId = made.body.data.id as string
    const pass = await call('POST', '/passes', {
      studentId,
      notBefore: '2026-01-01T00:00:00Z',
      expires: '2036-01-01T00:00:00Z',
      groups: [0],
    })
    expect(pass.status).toBe(201)
    return { studentId, passId: pass.body.data.passId as string }
  }

  async function download(
    path: string,
  ): Promise<{ json: Record<string, { total: number; rows: object[] }>; html: string }> {
    const answer = await fetch(`${cloud.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip'])
    const files = unzipSync(new Uint8Array(await answer.arrayBuffer()))
    return { json: JSON.parse(strFromU8(files['data.json']!)), html: strFromU8(files['data.html']!) }
  }

  /** Every row of every table that the school can see, as text. */
  async function everything(): Promise<string> {
    await allPolicies(database, 'disable')
    const text = await database.asOwner(async owner => {
      const tables = await owner.rows<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
      )
      const texts: string[] = []
      for (const { name } of tables) {
        const rows = await owner.rows<{ row: string }>(`select t::text as row from ${name} as t`)
        texts.push(...rows.map(({ row }) => `${name} ${row}`))
      }
      return texts.join('\n')
    })
    await allPolicies(database, 'enable')
    return text
  }

  test('is given whole: opened, to read and for programs, and that is in the log', async () => {
    const { studentId, passId } = await somebody()
    await call('GET', `/students/${studentId}`)
    const { json, html } = await download(`/students/${studentId}/data-export`)
    expect(json.student!.rows[0]).toMatchObject({
      first_name: NAME,
      birthDate: '2008-03-04',
      phone: '+31612345678',
      notes: 'Sits in front.',
    })
    expect(json.passes!.rows[0]).toMatchObject({ pass_id: passId, status: 'active' })
    expect(json.log!.rows.map(row => (row as { action: string }).action)).toEqual(
      expect.arrayContaining(['student.create', 'pass.create', 'student.read']),
    )
    for (const said of [NAME, '2008-03-04', passId]) expect(html).toContain(said)
    const log = await call('GET', `/audit?action=person.export&studentId=${studentId}`)
    expect(log.body.data).toHaveLength(1)
  })

  test('is given with every answer of an application, also with those that are sealed', async () => {
    const { studentId } = await somebody('P-4799-x')
    await inside(async tx => {
      const [id, school_id] = ['019aa000-0000-7000-8000-0000000000ab', school.schoolId]
      const actor = { schoolId: school_id, userId: null, nowMs: cloud.clock.nowMs }
      const form = await enterNewestForm(tx, actor)
      const answers = { studentNumber: 'P-4799-x', birthDate: '2008-03-04', remarks: 'I walk with a stick' }
      const at = new Date(cloud.clock.nowMs)
      await tx
        .insertInto('applications')
        .values({
          id,
          school_id,
          student_id: studentId,
          form_version: form.version,
          status: 'draft',
          ...(await answerColumns(tx, cloud.vault, { id, schoolId: school_id }, form, answers)),
          begun_at: at,
          updated_at: at,
        } as never)
        .execute()
      const kept = await tx.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      expect(JSON.stringify(kept)).not.toContain('stick')
    })
    const { json } = await download(`/students/${studentId}/data-export`)
    expect(json.applications!.rows).toMatchObject([
      {
        status: 'draft',
        answers: { studentNumber: 'P-4799-x', birthDate: '2008-03-04', remarks: 'I walk with a stick' },
      },
    ])
    expect((await call('POST', `/students/${studentId}/erasure`, { confirm: 'P-4799-x' })).status).toBe(200)
    expect(await everything()).not.toContain('019aa000-0000-7000-8000-0000000000ab')
  })

  test('markup in a name is text in the file', async () => {
    const { body } = await call('POST', '/students', {
      studentNumber: 'P-1-x',
      firstName: '<script>x</script>',
      lastName: '',
    })
    const { html } = await download(`/students/${body.data.id}/data-export`)
    expect(html).not.toContain('<script>')
    expect(html).toContain('&#60;script&#62;')
  })

  test('is erased: passes no longer open, nothing of the person is left in any table, and the log still holds', async () => {
    const found = await call('GET', '/students?search=P-4711-x')
    const { id: studentId } = found.body.data[0]
    const [pass] = (await call('GET', `/passes?studentId=${studentId}`)).body.data
    await inside(async tx => {
      const at = new Date(cloud.clock.nowMs)
      await tx
        .insertInto('mails')
        .values({
          id: '019aa000-0000-7000-8000-0000000000aa',
          school_id: school.schoolId,
          job_id: null,
          template: 'invitation',
          language: 'en',
          to_address: 'Mina@school.example',
          to_name: NAME,
          subject: 'Welcome',
          body: null,
          state: 'sent',
          answer: null,
          made_at: at,
          ended_at: at,
        } as never)
        .execute()
    })
    await sealAudit(database.db)
    expect(await everything()).toContain(NAME)

    const preview = (await call('GET', `/students/${studentId}/erasure`)).body.data
    expect(preview).toMatchObject({ passesRevoked: 1, account: null })
    expect(preview.holdings.map(({ name }: { name: string }) => name)).toEqual([
      'passes',
      'deliveries',
      'notifications',
      'mails',
      'student',
      'log',
    ])
    const slip = await call('POST', `/students/${studentId}/erasure`, { confirm: 'P-4712-x' })
    expect([slip.status, slip.body.error.code]).toEqual([422, 'validation_failed'])
    expect((await call('GET', `/students/${studentId}`)).status).toBe(200)

    const done = await call('POST', `/students/${studentId}/erasure`, { confirm: 'P-4711-x', note: 'letter of 1 May' })
    expect([done.status, done.body.data.passesRevoked]).toEqual([200, 1])
    const left = await everything()
    for (const secret of SECRETS) expect(left.split('\n').filter(row => row.includes(secret))).toEqual([])
    expect((await call('GET', `/students/${studentId}`)).status).toBe(404)
    const row = await inside(tx =>
      tx.selectFrom('passes').selectAll().where('pass_id', '=', pass.passId).executeTakeFirst(),
    )
    expect(row).toMatchObject({ status: 'revoked', note: null })
    await sealAudit(database.db)
    expect(await inside(tx => proveAudit(tx))).toMatchObject({ holds: true })
    const log = await call('GET', `/audit?action=person.erase&studentId=${studentId}`)
    expect(log.body.data[0]).toMatchObject({ note: 'letter of 1 May', after: { passes: 1, student: 1 } })
    expect((await call('POST', `/students/${studentId}/erasure`, { confirm: 'P-4711-x' })).body.error.code).toBe(
      'already_erased',
    )
  })

  test('an import does not bring an erased number back; who is entered by hand is imported again', async () => {
    const entries = [{ studentNumber: 'P-4711-x', firstName: 'Somebody', lastName: 'Else' }]
    const enter = () =>
      inside(tx =>
        enterStudents(tx, cloud.vault, { schoolId: school.schoolId, userId: null, nowMs: cloud.clock.nowMs }, entries),
      )
    expect((await enter()).entered).toEqual([{ outcome: 'refused', why: 'was_erased' }])
    const byHand = { studentNumber: 'P-4711-x', firstName: 'Somebody', lastName: '' }
    expect((await call('POST', '/students', byHand)).status).toBe(201)
    expect((await enter()).entered).toMatchObject([{ outcome: 'changed' }])
  })

  test('an account goes whole, its tokens open nothing, and the last administrator stays', async () => {
    const theirs = await cloud.signIn(school, 'staff')
    const email = school.users.get('staff')!
    const { id: userId } = (await call('GET', '/users?role=staff')).body.data[0]
    const { json } = await download(`/users/${userId}/data-export`)
    expect(json.account!.rows[0]).toMatchObject({ email })
    expect(json.sessions!.total).toBeGreaterThan(0)
    expect((await call('POST', `/users/${userId}/erasure`, { confirm: email.toUpperCase() })).status).toBe(200)
    expect((await call('GET', '/my/language', undefined, theirs)).status).toBe(401)
    expect(await everything()).not.toContain(email)
    const { id: own } = (await call('GET', '/users?role=school_admin')).body.data[0]
    const refused = await call('POST', `/users/${own}/erasure`, { confirm: school.users.get('school_admin')! })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'yourself'])
    expect((await call('GET', '/users?role=school_admin')).body.data[0].active).toBe(true)
  })

  test('only an administrator may', async () => {
    const { studentId } = await somebody('P-4713-x')
    for (const role of ['security', 'facilities', 'student'] as const) {
      const by = await cloud.signIn(school, role)
      expect((await call('POST', `/students/${studentId}/data-export`, undefined, by)).status).toBe(403)
      expect((await call('POST', `/students/${studentId}/erasure`, { confirm: 'P-4713-x' }, by)).status).toBe(403)
    }
  })

  test('every table that names people is known', async () => {
    const named = await database.asOwner(owner =>
      owner.rows<{ name: string }>(
        `select distinct table_name as name from information_schema.columns join pg_class on relname = table_name and not relispartition
          where table_schema = 'public' and column_name ~ '^(student_ids?|user_id|email|to_address|first_name|display_name|.*_by|.*_by_name|by_name)$'
          order by 1`,
      ),
    )
    const known = [...HOLDINGS.map(({ table }) => table), ...Object.keys(HOLDS_NOBODY)]
    expect(named.map(({ name }) => name).filter(name => !known.includes(name as never))).toEqual([])
    expect(new Set(known).size).toBe(known.length)
  })
})
