import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { applicant, handedIn } from '../testing/applicants.ts'
import { type ApplicationStand, applicationStand } from '../testing/application-stand.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { onFileSettled } from './run-check.ts'

onBothEngines('applications', engine => {
  let stand: ApplicationStand
  beforeAll(async () => {
    stand = await applicationStand(await engine.fresh())
  })
  afterAll(() => stand[Symbol.asyncDispose]())

  test('from a draft to a pass: saved, submitted, checked, approved, and told', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.submitted(ada)
    const found = await stand.seen(id)
    expect(found.status).toBe('submitted')
    expect(found.checks.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toEqual([
      ['documents', 'clear'],
      ['duplicates', expect.any(String)],
      ['eligibility', 'clear'],
      ['roster', 'clear'],
    ])
    expect(found.checks.find(({ kind }: { kind: string }) => kind === 'roster').read).toContain('student.status')

    const approved = await stand.decide(id, 'approve', 'Welcome')
    expect([approved.status, approved.body.data.status]).toEqual([201, 'approved'])
    const pass = await stand.it.call('GET', `/passes/${approved.body.data.passId}`)
    expect(pass.body.data).toMatchObject({
      holder: { studentId: ada.studentId },
      status: 'active',
      level: { name: 'Campus' },
    })
    const mine = (await ada.call('GET', `/my/applications/${id}`)).body.data
    expect(mine).toMatchObject({ status: 'approved', reason: 'Welcome', passId: approved.body.data.passId })
    expect(mine.entries.map(({ event, by }: { event: string; by: string | null }) => [event, by])).toEqual([
      ['submit', 'Ada'],
      ['approve', null],
    ])
    const told = (await stand.it.call('GET', `/audit?subjectKind=application&subjectId=${id}`)).body.data
    expect(told.map(({ action }: { action: string }) => action)).toContain('application.approve')
  })

  test('every mistake is named at once, and nothing is submitted', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.begun(ada)
    await stand.save(ada, id, { studentNumber: 'a b!', remarks: 'x'.repeat(2_001) })
    const said = await stand.submit(ada, id)
    expect(said.status).toBe(422)
    expect(said.body.error.details.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'answers.birthDate',
      'answers.remarks',
      'answers.studentNumber',
    ])
    expect((await ada.call('GET', `/my/applications/${id}`)).body.data.status).toBe('draft')
    const born = await stand.save(ada, id, { studentNumber: ada.studentNumber, birthDate: '2999-01-01', remarks: null })
    expect(born.status).toBe(200)
    expect((await stand.submit(ada, id)).body.error.details[0].message).toContain('lies in the future')
  })

  test('answers to nothing, of another kind, to files of others and ten megabytes of them are refused', async () => {
    const ada = await applicant(stand.it)
    const eve = await applicant(stand.it)
    const id = await stand.begun(ada)
    const theirs = await handedIn(stand.it, eve.studentId)
    const photo = await handedIn(stand.it, ada.studentId, { category: 'photo' })
    const elsewhere = await enterTestSchool(stand.it.cloud.database, stand.it.cloud.vault)
    expect(elsewhere.schoolId).not.toBe(stand.it.school.schoolId)
    for (const [answers, path] of [
      [{ other: 'x' }, 'answers.other'],
      [{ studentNumber: 7 }, 'answers.studentNumber'],
      [{ enrolment: 'a file' }, 'answers.enrolment'],
      [{ enrolment: { fileId: theirs } }, 'answers.enrolment'],
      [{ enrolment: { fileId: randomUUIDv7() } }, 'answers.enrolment'],
      [{ enrolment: { fileId: photo } }, 'answers.enrolment'],
    ] as const) {
      const said = await stand.save(ada, id, answers)
      expect([said.status, said.body.error.details[0].path]).toEqual([422, path])
    }
    expect((await stand.save(ada, id, { remarks: 'x'.repeat(10_000_000) })).status).toBe(413)
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['POST', '/submission'],
      ['POST', '/withdrawal'],
    ] as const) {
      const body = method === 'PATCH' ? { answers: {} } : undefined
      expect((await eve.call(method, `/my/applications/${id}${path}`, body)).status).toBe(404)
    }
  })

  test('what is personal is sealed in its row, masked for who may not read it, and an identity number for everybody', async () => {
    const ada = await applicant(stand.it)
    const form = (await stand.it.call('GET', '/application-form')).body.data
    const { version, ...content } = form
    const identity = { id: 'passport', label: 'Passport', kind: 'text', identity: true }
    await stand.it.call(
      'PUT',
      '/application-form',
      { ...content, fields: [...content.fields, identity] },
      { 'if-match': `"${version}"` },
    )
    const id = await stand.submitted(ada, { passport: 'NX1234567', remarks: 'my heart' })
    const row = await inSchool(stand.it.cloud.database.db, stand.it.school.schoolId, tx =>
      tx.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    )
    expect(JSON.stringify(row)).not.toMatch(/NX1234567|my heart|2005-05-17/)
    const staff = stand.it.as(await stand.it.cloud.signIn(stand.it.school, 'staff'))
    const masked = (await staff('GET', `/applications/${id}`)).body.data
    expect(masked.answers).toMatchObject({ passport: '…67' })
    expect(masked.answers.remarks).toBeUndefined()
    expect(masked.masked.toSorted()).toEqual(['birthDate', 'passport', 'remarks'])
    expect((await stand.seen(id)).answers).toMatchObject({ passport: '…67', remarks: 'my heart' })
    expect((await ada.call('GET', `/my/applications/${id}`)).body.data.answers.passport).toBe('…67')
    await stand.it.call('PUT', '/application-form', content)
  })

  test('an application keeps the form it was begun with', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.begun(ada)
    const { version, ...content } = (await stand.it.call('GET', '/application-form')).body.data
    const extra = { id: 'why', label: 'Why', kind: 'text', required: true }
    const put = await stand.it.call(
      'PUT',
      '/application-form',
      { ...content, fields: [...content.fields, extra] },
      { 'if-match': `"${version}"` },
    )
    expect(put.body.data.version).toBe(version + 1)
    expect((await stand.it.call('PUT', '/application-form', content, { 'if-match': `"${version}"` })).status).toBe(409)
    await stand.save(ada, id, await stand.good(ada))
    expect((await stand.submit(ada, id)).status).toBe(200)
    expect((await stand.it.call('PUT', '/application-form', content)).status).toBe(200)
    const wrong = { ...content, eligibility: [{ reason: 'x', when: { of: 'nothing', equals: 1 } }] }
    expect((await stand.it.call('PUT', '/application-form', wrong)).body.error.details).toEqual([
      { path: 'eligibility.0.when.of', message: 'nothing is called nothing' },
    ])
  })

  test('a draft is saved for the one who read it last, and one is open at a time', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.begun(ada)
    expect((await ada.call('POST', '/my/applications')).body.error.code).toBe('one_is_open')
    expect((await stand.save(ada, id, { remarks: 'a' }, { 'if-match': '"1"' })).status).toBe(200)
    expect((await stand.save(ada, id, { remarks: 'b' }, { 'if-match': '"1"' })).status).toBe(409)
    expect((await ada.call('POST', `/my/applications/${id}/withdrawal`)).body.data.status).toBe('withdrawn')
    const second = await stand.begun(ada)
    expect((await ada.call('POST', `/my/applications/${id}/reopening`)).body.error.code).toBe('one_is_open')
    await ada.call('POST', `/my/applications/${second}/withdrawal`)
    expect((await ada.call('POST', `/my/applications/${id}/reopening`)).body.data.status).toBe('draft')
  })

  test('submitted twice at once it is submitted once', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.begun(ada)
    await stand.save(ada, id, await stand.good(ada))
    const both = await Promise.all([stand.submit(ada, id), stand.submit(ada, id)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const jobs = await inSchool(stand.it.cloud.database.db, stand.it.school.schoolId, tx =>
      tx.selectFrom('jobs').select('body').where('kind', '=', 'application_check').execute(),
    )
    expect(jobs.filter(({ body }) => (body as { applicationId: string }).applicationId === id)).toHaveLength(4)
    await stand.workers.now()
  })

  test('only papers send it back: missing, unreadable, infected and expired ones, each named; then they are handed in', async () => {
    for (const [answer, words] of [
      [null, 'is missing'],
      [{ state: 'refused', refusal: 'unreadable' }, 'cannot be read'],
      [{ state: 'refused', refusal: 'infected' }, 'carries a virus'],
      ['expired', 'expired on 2020-01-01'],
    ] as const) {
      const ada = await applicant(stand.it)
      const fileId = await handedIn(
        stand.it,
        ada.studentId,
        typeof answer === 'object' && answer !== null ? answer : {},
      )
      const enrolment =
        answer === null ? null : { fileId, expiresOn: answer === 'expired' ? '2020-01-01' : '2038-01-01' }
      const id = await stand.submitted(ada, { enrolment })
      const mine = (await ada.call('GET', `/my/applications/${id}`)).body.data
      expect(mine.status).toBe('requires_documents')
      expect(mine.wanted).toEqual([{ field: 'enrolment', message: expect.stringContaining(words) }])
      expect((await stand.save(ada, id, { remarks: 'late' })).body.error.details[0].path).toBe('answers.remarks')
      await stand.save(ada, id, { enrolment: (await stand.good(ada)).enrolment })
      expect((await stand.submit(ada, id)).body.data.status).toBe('submitted')
      await stand.workers.now()
      expect([(await stand.seen(id)).status, (await stand.checkOf(id, 'documents')).state]).toEqual([
        'submitted',
        'clear',
      ])
    }
  })

  test('a file that is still looked at is waited for, and the check runs again when it settles', async () => {
    const ada = await applicant(stand.it)
    const fileId = await handedIn(stand.it, ada.studentId, { state: 'waiting' })
    const id = await stand.submitted(ada, {}, fileId)
    expect((await stand.checkOf(id, 'documents')).state).toBe('waiting')
    expect((await stand.decide(id, 'approve')).body.error.code).toBe('checks_waiting')
    const { db } = stand.it.cloud.database
    const { schoolId } = stand.it.school
    await inSchool(db, schoolId, tx =>
      tx
        .updateTable('files')
        .set({ state: 'refused', refusal: 'infected', settled_at: new Date() })
        .where('id', '=', fileId)
        .execute(),
    )
    const settled = onFileSettled({ db, jobs: stand.it.cloud.jobs, nowMs: () => stand.it.cloud.clock.nowMs })
    await settled([{ kind: 'file.settled', schoolId, body: { fileId } }])
    await stand.workers.now()
    expect((await stand.seen(id)).status).toBe('requires_documents')
  })

  test('a wrong number, another birth date, a status, a rule and a twin go to the reviewer with the reason, and decide nothing', async () => {
    const { version: _, ...content } = (await stand.it.call('GET', '/application-form')).body.data
    await stand.it.call('PUT', '/application-form', {
      ...content,
      eligibility: [{ reason: 'Only graduates', when: { of: 'student.status', equals: 'graduated' } }],
    })
    const twin = await applicant(stand.it, { firstName: 'Grace', lastName: 'Höpper' })
    const ada = await applicant(stand.it, { firstName: 'grace', lastName: 'Hopper' })
    await stand.it.pass(ada.studentId)
    const id = await stand.submitted(ada, { studentNumber: twin.studentNumber })
    await stand.it.call('PATCH', `/students/${ada.studentId}`, { status: 'suspended', birthDate: '2004-04-04' })
    expect((await stand.it.call('POST', `/applications/${id}/checks`, { checks: ['roster'] })).status).toBe(202)
    await stand.workers.now()
    const found = await stand.seen(id)
    expect(found.status).toBe('submitted')
    const messages = (kind: string) =>
      found.checks
        .find((check: { kind: string }) => check.kind === kind)
        .findings.map((one: { message: string }) => one.message)
    expect(messages('eligibility')).toEqual(['Only graduates'])
    expect(messages('roster')).toEqual([
      'The student is suspended in the school’s records.',
      'The student number that was typed is another student’s.',
      'Name and date of birth are not those of the school’s records.',
    ])
    const links = (await stand.checkOf(id, 'duplicates')).findings.map(
      ({ link }: { link: { kind: string; id: string } }) => link,
    )
    expect(links.map(({ kind }: { kind: string }) => kind)).toContain('pass')
    expect(links).toContainEqual({ kind: 'student', id: twin.studentId })
    expect((await stand.decide(id, 'approve')).body.error.code).toBe('student_not_active')
    expect((await stand.seen(id)).status).toBe('submitted')
    await stand.it.call('PUT', '/application-form', content)
  })
})
