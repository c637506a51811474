import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { applicant, handedIn } from '../testing/applicants.ts'
import { type ApplicationStand, applicationStand } from '../testing/application-stand.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('the review of applications', engine => {
  let stand: ApplicationStand
  beforeAll(async () => {
    stand = await applicationStand(await engine.fresh())
  })
  afterAll(() => stand[Symbol.asyncDispose]())

  test('nobody decides their own, whatever the role', async () => {
    // The school's form is there from the first application on.
    await stand.begun(await applicant(stand.it))
    const boss = await applicant(stand.it, { role: 'school_admin' })
    const id = randomUUIDv7()
    await inSchool(stand.it.cloud.database.db, stand.it.school.schoolId, async tx => {
      const at = new Date(stand.it.cloud.clock.nowMs)
      const { version } = await tx
        .selectFrom('application_forms')
        .select('version')
        .orderBy('version')
        .limit(1)
        .executeTakeFirstOrThrow()
      const row = {
        id,
        school_id: stand.it.school.schoolId,
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
    expect((await stand.it.call('PUT', `/applications/${id}/assignee`, { userId: boss.userId })).status).toBe(422)
    for (;;) {
      const taken = (await boss.call('POST', '/applications/next')).body.data.applicationId
      expect(taken).not.toBe(id)
      if (taken === null) break
    }
    expect((await stand.decide(id, 'approve')).body.data.status).toBe('approved')
  })

  test('staff decide only when it was given to them', async () => {
    const id = await stand.submitted(await applicant(stand.it))
    const users = (await stand.it.call('GET', '/users?role=staff')).body.data
    const staff = users.find(({ email }: { email: string }) => email === stand.it.school.users.get('staff'))
    const before = stand.it.as(await stand.it.cloud.signIn(stand.it.school, 'staff'))
    expect((await stand.decide(id, 'approve', null, before)).status).toBe(403)
    expect((await before('POST', `/applications/${id}/comments`, { text: 'Looks right' })).status).toBe(201)
    const given = await stand.it.call('PATCH', `/users/${staff.id}`, { grants: ['application:decide'] })
    expect(given.status).toBe(200)
    const after = stand.it.as(await stand.it.cloud.signIn(stand.it.school, 'staff'))
    expect((await stand.decide(id, 'approve', null, after)).status).toBe(201)
  })

  test('of two who decide at once one does, and one pass is issued', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.submitted(ada)
    const both = await Promise.all([stand.decide(id, 'approve'), stand.decide(id, 'reject', 'No longer needed')])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    const passes = (await stand.it.call('GET', `/passes?studentId=${ada.studentId}`)).body.data
    expect(passes).toHaveLength((await stand.seen(id)).status === 'approved' ? 1 : 0)
    const twice = await applicant(stand.it)
    const other = await stand.submitted(twice)
    const approvals = await Promise.all([stand.decide(other, 'approve'), stand.decide(other, 'approve')])
    expect(approvals.map(({ status }) => status).toSorted()).toEqual([201, 409])
    expect((await stand.it.call('GET', `/passes?studentId=${twice.studentId}`)).body.data).toHaveLength(1)
  })

  test('many are decided each for itself, and once more changes nothing', async () => {
    const [a, b] = [await stand.submitted(await applicant(stand.it)), await stand.submitted(await applicant(stand.it))]
    const gone = randomUUIDv7()
    await stand.decide(a, 'reject', 'Incomplete')
    const body = { decision: 'approve', applicationIds: [a, b, gone] }
    for (let n = 0; n < 2; n++) {
      const { data } = (await stand.it.call('POST', '/applications/decisions', body)).body
      expect(
        data.map((one: { done: boolean; problem: { code: string } | null }) => one.problem?.code ?? one.done),
      ).toEqual(['not_now', true, 'not_found'])
    }
    expect((await stand.decide(a, 'reopen')).body.data).toMatchObject({ status: 'under_review', decidedAt: null })
    const bare = await stand.it.call('POST', '/applications/decisions', { decision: 'reject', applicationIds: [a] })
    expect(bare.body.error.details[0].path).toBe('reason')
  })

  test('the queue is filtered, sorted and paged; drafts and other schools are not in it', async () => {
    const ada = await applicant(stand.it, { lastName: 'Zuckerkandl' })
    const draft = await stand.begun(ada)
    const list = async (query: string, call = stand.it.call) => (await call('GET', `/applications?${query}`)).body
    const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)
    expect(ids(await list('search=zuckerkandl'))).toEqual([])
    expect((await stand.it.call('GET', `/applications/${draft}`)).status).toBe(404)
    await stand.save(ada, draft, await stand.good(ada))
    stand.it.cloud.clock.nowMs += 1_000
    await stand.submit(ada, draft)
    await stand.workers.now()
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
    const other = await enterTestSchool(stand.it.cloud.database, stand.it.cloud.vault)
    const theirs = stand.it.as(await stand.it.cloud.signIn(other, 'school_admin'))
    expect(ids(await list('', theirs))).toEqual([])
    expect((await theirs('GET', `/applications/${draft}`)).status).toBe(404)
    expect((await stand.decide(draft, 'approve', null, theirs)).status).toBe(404)
  })

  test('next gives each who asks another one, and begins its review', async () => {
    while ((await stand.it.call('POST', '/applications/next')).body.data.applicationId !== null);
    const [a, b] = [await stand.submitted(await applicant(stand.it)), await stand.submitted(await applicant(stand.it))]
    const both = await Promise.all([
      stand.it.call('POST', '/applications/next'),
      stand.it.call('POST', '/applications/next'),
    ])
    expect(both.map(({ body }) => body.data.applicationId).toSorted()).toEqual([a, b].toSorted())
    expect(await stand.seen(a)).toMatchObject({ status: 'under_review', assignee: { name: 'school_admin' } })
    expect((await stand.it.call('PUT', `/applications/${a}/assignee`, { userId: null })).body.data.assignee).toBe(null)
  })

  test('what is said inside stays inside; documents are asked for in the reviewer’s words', async () => {
    const ada = await applicant(stand.it)
    const id = await stand.submitted(ada)
    await stand.it.call('POST', `/applications/${id}/comments`, { text: 'Strange stamp' })
    await stand.it.call('POST', `/applications/${id}/comments`, { text: 'We are on it', internal: false })
    expect(
      (await stand.it.call('POST', `/applications/${id}/documents-wanted`, { reason: 'The back page too' })).status,
    ).toBe(201)
    const mine = (await ada.call('GET', `/my/applications/${id}`)).body.data
    expect(JSON.stringify(mine)).not.toContain('Strange stamp')
    expect(mine.entries.map(({ text }: { text: string }) => text)).toContain('We are on it')
    expect(mine.wanted).toEqual([{ field: null, message: 'The back page too' }])
  })

  test('what waits in vain goes to a reviewer: a check for a day, documents for as long as the school gives', async () => {
    const ada = await applicant(stand.it)
    const unanswered = await stand.submitted(ada, {}, await handedIn(stand.it, ada.studentId, { state: 'waiting' }))
    const paperless = await stand.submitted(await applicant(stand.it), { enrolment: null })
    const { clock, jobs, database } = stand.it.cloud
    const began = clock.nowMs
    const keep = () =>
      inSchool(database.db, null, tx =>
        jobs.add(tx, { kind: 'application_upkeep', schoolId: null, body: {}, title: 'Upkeep' }),
      ).then(() => stand.workers.now())
    const status = (id: string) =>
      inSchool(
        database.db,
        stand.it.school.schoolId,
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
