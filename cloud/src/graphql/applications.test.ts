import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import type { Workers } from '../jobs/workers.ts'
import { type Applicant, applicant, checkers, handedIn } from '../testing/applicants.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, codesOf } from '../testing/graphql-stand.ts'
import { type People, people } from '../testing/people.ts'

const IN_FULL = `answers { field label kind required choices masked value values file { fileId name state expiresOn } } masked
  files { field fileId state } checks { kind state findings { message field link { kind id } } }
  entries { side by event toStatus internal text } wanted { field message }`

onBothEngines('applications over GraphQL', engine => {
  let it: People
  let workers: Workers
  let staff: string
  beforeAll(async () => {
    it = await people(await engine.fresh())
    workers = await checkers(it)
    await it.call('POST', '/terms', { name: 'Year', kind: 'term', firstDay: '2020-01-01', lastDay: '2039-12-31' })
    const level = await it.call('POST', '/access-levels', { name: 'Campus', groups: [0] })
    await it.call('POST', '/access-level-defaults', { levelId: level.body.data.id })
    const { version: _, ...content } = (await it.call('GET', '/application-form')).body.data
    const more = [
      { id: 'passport', label: 'Passport', kind: 'text', identity: true },
      { id: 'cars', label: 'Cars', kind: 'number' },
      { id: 'bicycle', label: 'Bicycle', kind: 'yes_no' },
      { id: 'days', label: 'Days', kind: 'many', choices: ['Monday', 'Friday'] },
    ]
    await it.call('PUT', '/application-form', { ...content, fields: [...content.fields, ...more] })
    staff = await it.cloud.signIn(it.school, 'staff')
  })
  afterAll(async () => {
    await workers.stop()
    await it[Symbol.asyncDispose]()
  })

  const SAVE = `mutation ($id: ID!, $answers: [AnswerInput!]!, $version: Int) {
    saveApplication(id: $id, answers: $answers, version: $version) { version ${IN_FULL} } }`
  const save = (who: Applicant, id: string, answers: readonly object[], version?: number) =>
    ask(it.cloud, who.token, SAVE, { id, answers, version })
  const begun = async (who: Applicant): Promise<string> =>
    (await ask(it.cloud, who.token, 'mutation { beginApplication { id } }')).data.beginApplication.id
  const good = async (who: Applicant, fileId?: string) => [
    { field: 'studentNumber', value: who.studentNumber },
    { field: 'birthDate', value: '2005-05-17' },
    { field: 'enrolment', fileId: fileId ?? (await handedIn(it, who.studentId)), expiresOn: '2038-01-01' },
    { field: 'remarks', value: 'my heart' },
    { field: 'passport', value: 'NX1234567' },
    { field: 'cars', value: '2' },
    { field: 'bicycle', value: 'true' },
    { field: 'days', values: ['Friday'] },
  ]
  const submitted = async (who: Applicant, fileId?: string): Promise<string> => {
    const id = await begun(who)
    expect((await save(who, id, await good(who, fileId))).errors).toBeUndefined()
    const said = await ask(it.cloud, who.token, 'mutation ($id: ID!) { submitApplication(id: $id) { status } }', { id })
    expect(said.data?.submitApplication).toEqual({ status: 'submitted' })
    await workers.now()
    return id
  }
  const seen = async (token: string, id: string) => {
    const said = await ask(it.cloud, token, `query ($id: ID!) { application(id: $id) { ${IN_FULL} } }`, { id })
    expect(said.errors).toBeUndefined()
    return said.data.application
  }
  const answered = (answers: readonly { field: string; value: string | null; values: unknown; masked: boolean }[]) =>
    Object.fromEntries(
      answers
        .filter(({ value, values, masked }) => value !== null || values !== null || masked)
        .map(({ field, value, values, masked }) => [field, [value ?? values, masked]]),
    )

  test('answers are saved as their fields ask, read back, and taken away', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    const fileId = await handedIn(it, ada.studentId)
    const saved = (await save(ada, id, await good(ada, fileId), 1)).data.saveApplication
    expect(answered(saved.answers)).toEqual({
      studentNumber: [ada.studentNumber, false],
      birthDate: ['2005-05-17', false],
      remarks: ['my heart', false],
      passport: ['…67', true],
      cars: ['2', false],
      bicycle: ['true', false],
      days: [['Friday'], false],
    })
    expect(saved.answers.find(({ field }: { field: string }) => field === 'enrolment')).toEqual({
      field: 'enrolment',
      label: 'Proof of enrolment',
      kind: 'document',
      required: true,
      choices: [],
      masked: false,
      value: null,
      values: null,
      file: { fileId, name: 'proof.pdf', state: 'ready', expiresOn: '2038-01-01' },
    })
    expect([saved.masked, saved.files]).toEqual([['passport'], [{ field: 'enrolment', fileId, state: 'ready' }]])
    const rest = (await ada.call('GET', `/my/applications/${id}`)).body.data
    expect(rest.answers).toMatchObject({ cars: 2, bicycle: true, days: ['Friday'], passport: '…67' })

    const eve = await applicant(it)
    expect([await seen(eve.token, id), await seen(it.token, id)]).toEqual([null, null])

    const less = await save(ada, id, [{ field: 'cars' }, { field: 'days', values: null }], saved.version)
    const fields = Object.keys(answered(less.data.saveApplication.answers))
    expect(fields).toEqual(['studentNumber', 'birthDate', 'remarks', 'passport', 'bicycle'])
    expect(codesOf(await save(ada, id, [{ field: 'cars', value: '3' }], saved.version))).toEqual(['changed_meanwhile'])
  })

  test('two changes in one operation: each shows what it left', async () => {
    const ada = await applicant(it)
    const id = await begun(ada)
    const one = (name: string, value: string) =>
      `${name}: saveApplication(id: "${id}", answers: [{ field: "cars", value: "${value}" }]) { answers { field value } }`
    const { data } = await ask(it.cloud, ada.token, `mutation { ${one('first', '1')} ${one('second', '2')} }`)
    const cars = ({ answers }: { answers: { field: string; value: string }[] }) =>
      answers.find(({ field }) => field === 'cars')?.value
    expect([cars(data.first), cars(data.second)]).toEqual(['1', '2'])
  })

  test('what does not fit its field is refused by its name, as over REST', async () => {
    const ada = await applicant(it)
    const eve = await applicant(it)
    const id = await begun(ada)
    for (const [answer, path, message] of [
      [{ field: 'cars', value: 'two' }, 'answers.cars', 'must be a number'],
      [{ field: 'cars', value: ' ' }, 'answers.cars', 'must be a number'],
      [{ field: 'bicycle', value: 'yes' }, 'answers.bicycle', 'must be yes or no'],
      [{ field: 'days', value: 'Friday' }, 'answers.days', 'must be a list of choices'],
      [{ field: 'remarks', values: ['a'] }, 'answers.remarks', 'must be a text'],
      [{ field: 'other', value: 'x' }, 'answers.other', 'is no field of this form'],
      [{ field: 'enrolment', value: 'x' }, 'answers.enrolment', 'must be a file that was handed in'],
      [
        { field: 'enrolment', fileId: await handedIn(it, eve.studentId) },
        'answers.enrolment',
        'is no file of yours. Upload it again.',
      ],
    ] as const) {
      const said = await save(ada, id, [answer])
      expect([answer, codesOf(said), said.errors![0].extensions.details[0]]).toEqual([
        answer,
        ['validation_failed'],
        { path, message },
      ])
    }
    expect(codesOf(await save(ada, id, [{ field: 'enrolment', fileId: 'none' }]))).toEqual(['validation_failed'])
    expect(codesOf(await save(eve, id, [{ field: 'cars', value: '1' }]))).toEqual(['not_found'])
    const late = await submitted(eve)
    await ask(it.cloud, it.token, 'mutation ($id: ID!) { decideApplication(id: $id, decision: approve) { id } }', {
      id: late,
    })
    expect(codesOf(await save(eve, late, [{ field: 'cars', value: '1' }]))).toEqual(['not_open'])
  })

  test('personal answers are masked for who may not read them, and who looked is in the audit log', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    const admins = await seen(it.token, id)
    expect([answered(admins.answers).remarks, admins.masked]).toEqual([['my heart', false], ['passport']])
    const masked = await seen(staff, id)
    expect(answered(masked.answers)).toEqual({
      studentNumber: [ada.studentNumber, false],
      birthDate: [null, true],
      remarks: [null, true],
      passport: ['…67', true],
      cars: ['2', false],
      bicycle: ['true', false],
      days: [['Friday'], false],
    })
    expect(JSON.stringify(masked)).not.toMatch(/NX1234567|my heart|2005-05-17/)
    expect(masked.masked.toSorted()).toEqual(['birthDate', 'passport', 'remarks'])

    const eve = await applicant(it)
    await submitted(eve)
    const page = `{ applications(pagination: { limit: 100 }) { data {
      student { id } answers(limit: 10) { value } entries { id } checks { kind } wanted(limit: 10) { message } } } }`
    const before = await looks(ada)
    expect(before.map(({ after }) => after)).toEqual([
      null,
      { beside: true, personal: true },
      null,
      { beside: true, personal: false },
    ])
    const listed = (await ask(it.cloud, staff, page)).data.applications.data
    const ids = listed.map(({ student }: { student: { id: string } }) => student.id).toSorted()
    expect(ids).toEqual(expect.arrayContaining([ada.studentId, eve.studentId]))
    const [told, ...more] = (await looks(ada)).slice(before.length)
    expect([told!.after, told!.student_ids!.toSorted(), more]).toEqual([{ beside: true, personal: false }, ids, []])
    await seen(ada.token, id)
    expect((await looks(ada)).slice(before.length + 1).map(({ after }) => after)).toEqual([null])
    expect(await seen(eve.token, id)).toBeNull()
  })

  test('a program with a key sees what its scopes say, and its look is told once', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    const made = await it.call('POST', '/auth/access-keys', { name: 'a program', scopes: ['application:read'] })
    const { answers, masked, checks } = await seen(made.body.data.key, id)
    expect(answered(answers).birthDate).toEqual([null, true])
    expect([masked.includes('birthDate'), checks.length]).toEqual([true, 4])
    expect((await looks(ada)).map(({ after }) => after)).toEqual([null, { beside: true, personal: false }])
  })
  const looks = (who: Applicant) =>
    inSchool(it.cloud.database.db, it.school.schoolId, async tx => {
      const rows = await tx
        .selectFrom('audit_log')
        .select(['after', 'student_id', 'student_ids'])
        .where('action', '=', 'application.read')
        .orderBy('at')
        .orderBy('id')
        .execute()
      return rows.filter(row => row.student_id === who.studentId || row.student_ids?.includes(who.studentId))
    })

  test('checks and what is said inside are for reviewers; the applicant sees what is wanted, and not by whom', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada, await handedIn(it, ada.studentId, { state: 'refused', refusal: 'unreadable' }))
    const act = async (field: string, words: string) => {
      const said = await ask(it.cloud, it.token, `mutation { ${field}(id: "${id}", ${words}) { id } }`)
      expect(said.errors).toBeUndefined()
    }
    await act('commentApplication', 'text: "odd", internal: true')
    await act('commentApplication', 'text: "hello", internal: false')
    await act('recheckApplication', 'checks: [documents]')
    await workers.now()

    const reviewer = await seen(staff, id)
    const documents = reviewer.checks.find(({ kind }: { kind: string }) => kind === 'documents')
    expect(reviewer.checks.map(({ kind }: { kind: string }) => kind)).toEqual([
      'documents',
      'duplicates',
      'eligibility',
      'roster',
    ])
    expect(documents).toMatchObject({ state: 'attention', findings: [{ field: 'enrolment' }] })
    expect(reviewer.entries.map(({ text, internal }: { text: string; internal: boolean }) => [text, internal])).toEqual(
      expect.arrayContaining([
        ['odd', true],
        ['hello', false],
      ]),
    )
    const byStaff = reviewer.entries.find(({ text }: { text: string }) => text === 'hello')
    expect(byStaff).toMatchObject({ side: 'reviewer', by: expect.any(String) })

    const mine = await seen(ada.token, id)
    expect(mine.checks).toEqual([])
    expect(mine.entries.map(({ text }: { text: string }) => text)).not.toContain('odd')
    expect(mine.entries.find(({ text }: { text: string }) => text === 'hello')).toMatchObject({ by: null })
    const rest = (await ada.call('GET', `/my/applications/${id}`)).body.data
    expect(rest.status).toBe('requires_documents')
    expect(mine.wanted).toEqual(rest.wanted)
    expect(mine.wanted).toEqual([{ field: 'enrolment', message: expect.any(String) }])
    expect(mine.entries.toReversed()).toEqual(
      rest.entries.map(({ id: _, at: __, ...entry }: { id: string; at: string }) => entry),
    )
    const last = `query ($id: ID!) { application(id: $id) { entries(limit: 1) { text } two: entries(limit: 2) { text } } }`
    const { data } = await ask(it.cloud, ada.token, last, { id })
    expect([data.application.entries.length, data.application.two.length]).toEqual([1, 2])
  })

  test('checks run again, all or those that are named, until it is decided', async () => {
    const ada = await applicant(it)
    const id = await submitted(ada)
    const again = (checks: string) =>
      ask(it.cloud, it.token, `mutation { recheckApplication(id: "${id}"${checks}) { waiting } }`)
    expect((await again(', checks: [roster]')).data.recheckApplication).toEqual({ waiting: 1 })
    expect((await again('')).data.recheckApplication).toEqual({ waiting: 4 })
    expect(codesOf(await again(', checks: []'))).toEqual(['validation_failed'])
    await workers.now()
    const decided = await ask(
      it.cloud,
      it.token,
      `mutation { decideApplication(id: "${id}", decision: approve) { status waiting } }`,
    )
    expect(decided.data.decideApplication).toEqual({ status: 'approved', waiting: 0 })
    expect(codesOf(await again(''))).toEqual(['not_now'])
    const none = `mutation { recheckApplication(id: "${randomUUIDv7()}") { id } }`
    expect(codesOf(await ask(it.cloud, it.token, none))).toEqual(['not_found'])
  })

  test('the next is taken by who asks, until there is none', async () => {
    const next = async () =>
      (await ask(it.cloud, it.token, 'mutation { nextApplication { id status assignee { id } } }')).data.nextApplication
    const ada = await applicant(it)
    const id = await submitted(ada)
    const taken: string[] = []
    for (let one = await next(); one !== null; one = await next()) {
      expect(one).toMatchObject({ status: 'under_review', assignee: { id: expect.any(String) } })
      taken.push(one.id)
    }
    expect(taken).toContain(id)
    expect(new Set(taken).size).toBe(taken.length)
  })

  test('many are decided each for itself; one that is there no more is not reopened', async () => {
    const [ada, eve] = [await applicant(it), await applicant(it)]
    const [first, second, none] = [await submitted(ada), await begun(eve), randomUUIDv7()]
    const many = async (decision: string, reason?: string) => {
      const query = `mutation ($ids: [ID!]!, $reason: String) {
        decideApplications(applicationIds: $ids, decision: ${decision}, reason: $reason) { applicationId done status code message } }`
      return ask(it.cloud, it.token, query, { ids: [first, second, none], reason })
    }
    expect(codesOf(await many('reject'))).toEqual(['validation_failed'])
    const refused = { done: false, status: null, code: 'not_found', message: expect.stringContaining('no application') }
    const others = [
      { applicationId: second, ...refused },
      { applicationId: none, ...refused },
    ]
    const rejected = { applicationId: first, done: true, status: 'rejected', code: null, message: null }
    expect((await many('reject', 'no place')).data.decideApplications).toEqual([rejected, ...others])
    expect((await many('reject', 'no place')).data.decideApplications[0]).toEqual(rejected)
    expect((await many('reopen')).data.decideApplications).toEqual([{ ...rejected, status: 'under_review' }, ...others])
    expect((await ada.call('GET', `/my/applications/${first}`)).body.data.status).toBe('under_review')
  })
})
