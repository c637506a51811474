import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import type { Workers } from '../jobs/workers.ts'
import { type Applicant, applicant, checkers, handedIn } from '../testing/applicants.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'
import { onFileSettled } from './run-check.ts'

onBothEngines('applications', engine => {
  let it: People
  let workers: Workers
  beforeAll(async () => {
    it = await people(await engine.fresh())
    workers = await checkers(it)
    await it.call('POST', '/terms', { name: 'Year', kind: 'term', firstDay: '2020-01-01', lastDay: '2039-12-31' })
    const level = await it.call('POST', '/access-levels', { name: 'Campus', groups: [0] })
    await it.call('POST', '/access-level-defaults', { levelId: level.body.data.id })
  })
  afterAll(async () => {
    await workers.stop()
    await it[Symbol.asyncDispose]()
  })

  const begun = async (who: Applicant): Promise<string> => (await who.call('POST', '/my/applications')).body.data.id
  const good = async (who: Applicant, file?: string) => ({
    studentNumber: who.studentNumber,
    birthDate: '2005-05-17',
    enrolment: { fileId: file ?? (await handedIn(it, who.studentId)), expiresOn: '2038-01-01' },
  })
  const save = (who: Applicant, id: string, answers: object, headers = {}) =>
    who.call('PATCH', `/my/applications/${id}`, { answers }, headers)
  const submit = (who: Applicant, id: string) => who.call('POST', `/my/applications/${id}/submission`)
  /** An application that was submitted and whose checks have answered. */
  const submitted = async (who: Applicant, answers: object = {}, file?: string): Promise<string> => {
    const id = await begun(who)
    const saved = await save(who, id, { ...(await good(who, file)), ...answers })
    if (saved.status !== 200) throw new Error(JSON.stringify(saved.body))
    const said = await submit(who, id)
    if (said.status !== 200) throw new Error(JSON.stringify(said.body))
    await workers.now()
    return id
  }
  const seen = async (id: string) => (await it.call('GET', `/applications/${id}`)).body.data
  const checkOf = async (id: string, kind: string) =>
    (await seen(id)).checks.find((check: { kind: string }) => check.kind === kind)
  const decide = (id: string, decision: string, reason: string | null = null, call = it.call) =>
    call('POST', `/applications/${id}/decision`, { decision, reason })

  test('from a draft to a pass: saved, submitted, checked, approved, and told', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    const found = await seen(id)
    expect(found.status).toBe('submitted')
    expect(found.checks.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toEqual([
      ['documents', 'clear'],
      ['duplicates', expect.any(String)],
      ['eligibility', 'clear'],
      ['roster', 'clear'],
    ])
    expect(found.checks.find(({ kind }: { kind: string }) => kind === 'roster').read).toContain('student.status')

    const approved = await decide(id, 'approve', 'Welcome')
    expect([approved.status, approved.body.data.status]).toEqual([201, 'approved'])
    const pass = await it.call('GET', `/passes/${approved.body.data.passId}`)
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
    const told = (await it.call('GET', `/audit?subjectKind=application&subjectId=${id}`)).body.data
    expect(told.map(({ action }: { action: string }) => action)).toContain('application.approve')
  })

  test('every mistake is named at once, and nothing is submitted', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    await save(ada, id, { studentNumber: 'a b!', remarks: 'x'.repeat(2_001) })
    const said = await submit(ada, id)
    expect(said.status).toBe(422)
    expect(said.body.error.details.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'answers.birthDate',
      'answers.remarks',
      'answers.studentNumber',
    ])
    expect((await ada.call('GET', `/my/applications/${id}`)).body.data.status).toBe('draft')
    const born = await save(ada, id, { studentNumber: ada.studentNumber, birthDate: '2999-01-01', remarks: null })
    expect(born.status).toBe(200)
    expect((await submit(ada, id)).body.error.details[0].message).toContain('lies in the future')
  })

  test('answers to nothing, of another kind, to files of others and ten megabytes of them are refused', async () => {
    const ada = await applicant(it)
    const eve = await applicant(it)
    const id = await begun(ada)
    const theirs = await handedIn(it, eve.studentId)
    const photo = await handedIn(it, ada.studentId, { category: 'photo' })
    const elsewhere = await enterTestSchool(it.cloud.database, it.cloud.vault)
    expect(elsewhere.schoolId).not.toBe(it.school.schoolId)
    for (const [answers, path] of [
      [{ other: 'x' }, 'answers.other'],
      [{ studentNumber: 7 }, 'answers.studentNumber'],
      [{ enrolment: 'a file' }, 'answers.enrolment'],
      [{ enrolment: { fileId: theirs } }, 'answers.enrolment'],
      [{ enrolment: { fileId: randomUUIDv7() } }, 'answers.enrolment'],
      [{ enrolment: { fileId: photo } }, 'answers.enrolment'],
    ] as const) {
      const said = await save(ada, id, answers)
      expect([said.status, said.body.error.details[0].path]).toEqual([422, path])
    }
    expect((await save(ada, id, { remarks: 'x'.repeat(10_000_000) })).status).toBe(413)
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
    const ada = await applicant(it)
    const form = (await it.call('GET', '/application-form')).body.data
    const { version, ...content } = form
    const identity = { id: 'passport', label: 'Passport', kind: 'text', identity: true }
    await it.call(
      'PUT',
      '/application-form',
      { ...content, fields: [...content.fields, identity] },
      { 'if-match': `"${version}"` },
    )
    const id = await submitted(ada, { passport: 'NX1234567', remarks: 'my heart' })
    const row = await inSchool(it.cloud.database.db, it.school.schoolId, tx =>
      tx.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    )
    expect(JSON.stringify(row)).not.toMatch(/NX1234567|my heart|2005-05-17/)
    const staff = it.as(await it.cloud.signIn(it.school, 'staff'))
    const masked = (await staff('GET', `/applications/${id}`)).body.data
    expect(masked.answers).toMatchObject({ passport: '…67' })
    expect(masked.answers.remarks).toBeUndefined()
    expect(masked.masked.toSorted()).toEqual(['birthDate', 'passport', 'remarks'])
    expect((await seen(id)).answers).toMatchObject({ passport: '…67', remarks: 'my heart' })
    expect((await ada.call('GET', `/my/applications/${id}`)).body.data.answers.passport).toBe('…67')
    await it.call('PUT', '/application-form', content)
  })

  test('an application keeps the form it was begun with', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    const { version, ...content } = (await it.call('GET', '/application-form')).body.data
    const extra = { id: 'why', label: 'Why', kind: 'text', required: true }
    const put = await it.call(
      'PUT',
      '/application-form',
      { ...content, fields: [...content.fields, extra] },
      { 'if-match': `"${version}"` },
    )
    expect(put.body.data.version).toBe(version + 1)
    expect((await it.call('PUT', '/application-form', content, { 'if-match': `"${version}"` })).status).toBe(409)
    await save(ada, id, await good(ada))
    expect((await submit(ada, id)).status).toBe(200)
    expect((await it.call('PUT', '/application-form', content)).status).toBe(200)
    const wrong = { ...content, eligibility: [{ reason: 'x', when: { of: 'nothing', equals: 1 } }] }
    expect((await it.call('PUT', '/application-form', wrong)).body.error.details).toEqual([
      { path: 'eligibility.0.when.of', message: 'nothing is called nothing' },
    ])
  })

  test('a draft is saved for the one who read it last, and one is open at a time', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    expect((await ada.call('POST', '/my/applications')).body.error.code).toBe('one_is_open')
    expect((await save(ada, id, { remarks: 'a' }, { 'if-match': '"1"' })).status).toBe(200)
    expect((await save(ada, id, { remarks: 'b' }, { 'if-match': '"1"' })).status).toBe(409)
    expect((await ada.call('POST', `/my/applications/${id}/withdrawal`)).body.data.status).toBe('withdrawn')
    const second = await begun(ada)
    expect((await ada.call('POST', `/my/applications/${id}/reopening`)).body.error.code).toBe('one_is_open')
    await ada.call('POST', `/my/applications/${second}/withdrawal`)
    expect((await ada.call('POST', `/my/applications/${id}/reopening`)).body.data.status).toBe('draft')
  })

  test('submitted twice at once it is submitted once', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    await save(ada, id, await good(ada))
    const both = await Promise.all([submit(ada, id), submit(ada, id)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const jobs = await inSchool(it.cloud.database.db, it.school.schoolId, tx =>
      tx.selectFrom('jobs').select('body').where('kind', '=', 'application_check').execute(),
    )
    expect(jobs.filter(({ body }) => (body as { applicationId: string }).applicationId === id)).toHaveLength(4)
    await workers.now()
  })

  test('only papers send it back: missing, unreadable, infected and expired ones, each named; then they are handed in', async () => {
    for (const [answer, words] of [
      [null, 'is missing'],
      [{ state: 'refused', refusal: 'unreadable' }, 'cannot be read'],
      [{ state: 'refused', refusal: 'infected' }, 'carries a virus'],
      ['expired', 'expired on 2020-01-01'],
    ] as const) {
      const ada = await applicant(it)
      const fileId = await handedIn(it, ada.studentId, typeof answer === 'object' && answer !== null ? answer : {})
      const enrolment =
        answer === null ? null : { fileId, expiresOn: answer === 'expired' ? '2020-01-01' : '2038-01-01' }
      const id = await submitted(ada, { enrolment })
      const mine = (await ada.call('GET', `/my/applications/${id}`)).body.data
      expect(mine.status).toBe('requires_documents')
      expect(mine.wanted).toEqual([{ field: 'enrolment', message: expect.stringContaining(words) }])
      expect((await save(ada, id, { remarks: 'late' })).body.error.details[0].path).toBe('answers.remarks')
      await save(ada, id, { enrolment: (await good(ada)).enrolment })
      expect((await submit(ada, id)).body.data.status).toBe('submitted')
      await workers.now()
      expect([(await seen(id)).status, (await checkOf(id, 'documents')).state]).toEqual(['submitted', 'clear'])
    }
  })

  test('a file that is still looked at is waited for, and the check runs again when it settles', async () => {
    const ada = await applicant(it)
    const fileId = await handedIn(it, ada.studentId, { state: 'waiting' })
    const id = await submitted(ada, {}, fileId)
    expect((await checkOf(id, 'documents')).state).toBe('waiting')
    expect((await decide(id, 'approve')).body.error.code).toBe('checks_waiting')
    const { db } = it.cloud.database
    const { schoolId } = it.school
    await inSchool(db, schoolId, tx =>
      tx
        .updateTable('files')
        .set({ state: 'refused', refusal: 'infected', settled_at: new Date() })
        .where('id', '=', fileId)
        .execute(),
    )
    const settled = onFileSettled({ db, jobs: it.cloud.jobs, nowMs: () => it.cloud.clock.nowMs })
    await settled([{ kind: 'file.settled', schoolId, body: { fileId } }])
    await workers.now()
    expect((await seen(id)).status).toBe('requires_documents')
  })

  test('a wrong number, another birth date, a status, a rule and a twin go to the reviewer with the reason, and decide nothing', async () => {
    const { version: _, ...content } = (await it.call('GET', '/application-form')).body.data
    await it.call('PUT', '/application-form', {
      ...content,
      eligibility: [{ reason: 'Only graduates', when: { of: 'student.status', equals: 'graduated' } }],
    })
    const twin = await applicant(it, { firstName: 'Grace', lastName: 'Höpper' })
    const ada = await applicant(it, { firstName: 'grace', lastName: 'Hopper' })
    await it.pass(ada.studentId)
    const id = await submitted(ada, { studentNumber: twin.studentNumber })
    await it.call('PATCH', `/students/${ada.studentId}`, { status: 'suspended', birthDate: '2004-04-04' })
    expect((await it.call('POST', `/applications/${id}/checks`, { checks: ['roster'] })).status).toBe(202)
    await workers.now()
    const found = await seen(id)
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
    const links = (await checkOf(id, 'duplicates')).findings.map(
      ({ link }: { link: { kind: string; id: string } }) => link,
    )
    expect(links.map(({ kind }: { kind: string }) => kind)).toContain('pass')
    expect(links).toContainEqual({ kind: 'student', id: twin.studentId })
    expect((await decide(id, 'approve')).body.error.code).toBe('student_not_active')
    expect((await seen(id)).status).toBe('submitted')
    await it.call('PUT', '/application-form', content)
  })

  test('nobody decides their own, whatever the role', async () => {
    const boss = await applicant(it, { role: 'school_admin' })
    const id = randomUUIDv7()
    await inSchool(it.cloud.database.db, it.school.schoolId, async tx => {
      const at = new Date(it.cloud.clock.nowMs)
      const { version } = await tx
        .selectFrom('application_forms')
        .select('version')
        .orderBy('version')
        .limit(1)
        .executeTakeFirstOrThrow()
      const row = {
        id,
        school_id: it.school.schoolId,
        student_id: boss.studentId,
        form_version: version,
        begun_at: at,
        updated_at: at,
      }
      await tx
        .insertInto('applications')
        .values({ ...row, status: 'submitted', submitted_at: at })
        .execute()
    })
    expect((await boss.call('GET', `/applications/${id}`)).body.data.own).toBe(true)
    for (const [path, body] of [
      ['decision', { decision: 'approve' }],
      ['decision', { decision: 'reject', reason: 'because' }],
      ['documents-wanted', { reason: 'because' }],
      ['comments', { text: 'mine' }],
    ] as const) {
      const said = await boss.call('POST', `/applications/${id}/${path}`, body)
      expect([path, said.status, said.body.error?.code]).toEqual([path, 403, 'own_application'])
    }
    const many = await boss.call('POST', '/applications/decisions', { decision: 'approve', applicationIds: [id] })
    expect(many.body.data[0]).toMatchObject({ done: false, problem: { code: 'own_application' } })
    expect((await boss.call('PUT', `/applications/${id}/assignee`, { userId: boss.userId })).status).toBe(403)
    expect((await it.call('PUT', `/applications/${id}/assignee`, { userId: boss.userId })).status).toBe(422)
    for (;;) {
      const taken = (await boss.call('POST', '/applications/next')).body.data.applicationId
      expect(taken).not.toBe(id)
      if (taken === null) break
    }
    expect((await decide(id, 'approve')).body.data.status).toBe('approved')
  })

  test('staff decide only when it was given to them', async () => {
    const id = await submitted(await applicant(it))
    const users = (await it.call('GET', '/users?role=staff')).body.data
    const staff = users.find(({ email }: { email: string }) => email === it.school.users.get('staff'))
    const before = it.as(await it.cloud.signIn(it.school, 'staff'))
    expect((await decide(id, 'approve', null, before)).status).toBe(403)
    expect((await before('POST', `/applications/${id}/comments`, { text: 'Looks right' })).status).toBe(201)
    const given = await it.call('PATCH', `/users/${staff.id}`, { grants: ['application:decide'] })
    expect(given.status).toBe(200)
    const after = it.as(await it.cloud.signIn(it.school, 'staff'))
    expect((await decide(id, 'approve', null, after)).status).toBe(201)
  })

  test('of two who decide at once one does, and one pass is issued', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    const both = await Promise.all([decide(id, 'approve'), decide(id, 'reject', 'No longer needed')])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    const passes = (await it.call('GET', `/passes?studentId=${ada.studentId}`)).body.data
    expect(passes).toHaveLength((await seen(id)).status === 'approved' ? 1 : 0)
    const twice = await applicant(it)
    const other = await submitted(twice)
    const approvals = await Promise.all([decide(other, 'approve'), decide(other, 'approve')])
    expect(approvals.map(({ status }) => status).toSorted()).toEqual([201, 409])
    expect((await it.call('GET', `/passes?studentId=${twice.studentId}`)).body.data).toHaveLength(1)
  })

  test('many are decided each for itself, and once more changes nothing', async () => {
    const [a, b] = [await submitted(await applicant(it)), await submitted(await applicant(it))]
    const gone = randomUUIDv7()
    await decide(a, 'reject', 'Incomplete')
    const body = { decision: 'approve', applicationIds: [a, b, gone] }
    for (let n = 0; n < 2; n++) {
      const { data } = (await it.call('POST', '/applications/decisions', body)).body
      expect(
        data.map((one: { done: boolean; problem: { code: string } | null }) => one.problem?.code ?? one.done),
      ).toEqual(['not_now', true, 'not_found'])
    }
    expect((await decide(a, 'reopen')).body.data).toMatchObject({ status: 'under_review', decidedAt: null })
    const bare = await it.call('POST', '/applications/decisions', { decision: 'reject', applicationIds: [a] })
    expect(bare.body.error.details[0].path).toBe('reason')
  })

  test('the queue is filtered, sorted and paged; drafts and other schools are not in it', async () => {
    const ada = await applicant(it, { lastName: 'Zuckerkandl' })
    const draft = await begun(ada)
    const list = async (query: string, call = it.call) => (await call('GET', `/applications?${query}`)).body
    const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)
    expect(ids(await list('search=zuckerkandl'))).toEqual([])
    expect((await it.call('GET', `/applications/${draft}`)).status).toBe(404)
    await save(ada, draft, await good(ada))
    it.cloud.clock.nowMs += 1_000
    await submit(ada, draft)
    await workers.now()
    for (const [query, there] of [
      ['search=zuckerkandl', true],
      ['search=zuckerkandl&open=true&status=submitted&overdue=false&assigned=none', true],
      ['search=zuckerkandl&open=false', false],
      ['search=zuckerkandl&assigned=me', false],
      ['search=zuckerkandl&overdue=true', false],
      ['search=zuckerkandl&status=approved', false],
    ] as const) {
      expect([query, ids(await list(query))]).toEqual([query, there ? [draft] : []])
    }
    const first = await list('limit=2&sort=-submittedAt')
    expect(first.metadata.pagination).toMatchObject({ limit: 2, hasNext: true })
    expect(ids(first)[0]).toBe(draft)
    const other = await enterTestSchool(it.cloud.database, it.cloud.vault)
    const theirs = it.as(await it.cloud.signIn(other, 'school_admin'))
    expect(ids(await list('', theirs))).toEqual([])
    expect((await theirs('GET', `/applications/${draft}`)).status).toBe(404)
    expect((await decide(draft, 'approve', null, theirs)).status).toBe(404)
  })

  test('next gives each who asks another one, and begins its review', async () => {
    while ((await it.call('POST', '/applications/next')).body.data.applicationId !== null);
    const [a, b] = [await submitted(await applicant(it)), await submitted(await applicant(it))]
    const both = await Promise.all([it.call('POST', '/applications/next'), it.call('POST', '/applications/next')])
    expect(both.map(({ body }) => body.data.applicationId).toSorted()).toEqual([a, b].toSorted())
    expect(await seen(a)).toMatchObject({ status: 'under_review', assignee: { name: 'school_admin' } })
    expect((await it.call('PUT', `/applications/${a}/assignee`, { userId: null })).body.data.assignee).toBe(null)
  })

  test('what is said inside stays inside; documents are asked for in the reviewer’s words', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    await it.call('POST', `/applications/${id}/comments`, { text: 'Strange stamp' })
    await it.call('POST', `/applications/${id}/comments`, { text: 'We are on it', internal: false })
    expect(
      (await it.call('POST', `/applications/${id}/documents-wanted`, { reason: 'The back page too' })).status,
    ).toBe(201)
    const mine = (await ada.call('GET', `/my/applications/${id}`)).body.data
    expect(JSON.stringify(mine)).not.toContain('Strange stamp')
    expect(mine.entries.map(({ text }: { text: string }) => text)).toContain('We are on it')
    expect(mine.wanted).toEqual([{ field: null, message: 'The back page too' }])
  })

  test('what waits in vain goes to a reviewer: a check for a day, documents for as long as the school gives', async () => {
    const ada = await applicant(it)
    const unanswered = await submitted(ada, {}, await handedIn(it, ada.studentId, { state: 'waiting' }))
    const paperless = await submitted(await applicant(it), { enrolment: null })
    const { clock, jobs, database } = it.cloud
    const began = clock.nowMs
    const keep = () =>
      inSchool(database.db, null, tx =>
        jobs.add(tx, { kind: 'application_upkeep', schoolId: null, body: {}, title: 'Upkeep' }),
      ).then(() => workers.now())
    const status = (id: string) =>
      inSchool(
        database.db,
        it.school.schoolId,
        async tx =>
          (await tx.selectFrom('applications').select('status').where('id', '=', id).executeTakeFirstOrThrow()).status,
      )
    await keep()
    expect([await status(unanswered), await status(paperless)]).toEqual(['submitted', 'requires_documents'])
    clock.nowMs = began + 24 * 3_600_000 + 1
    await keep()
    expect([await status(unanswered), await status(paperless)]).toEqual(['under_review', 'requires_documents'])
    clock.nowMs = began + 14 * 86_400_000 + 1
    await keep()
    expect(await status(paperless)).toBe('under_review')
    clock.nowMs = began
  })
})
