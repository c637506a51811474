import { randomUUIDv7 } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { may } from '@gatehouse/shared/wire/rights.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterStudents } from '../students/enter-students.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type JobBench, jobBench } from '../testing/job-bench.ts'
import { spokenCode } from './code.ts'
import { forgetInvitations } from './invitations.repo.ts'
import { inviteChosen, sealedPlace } from './invite.ts'

const PASSWORD = 'a lantern in the fog'

onBothEngines('invitations', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let token: string
  let bench: JobBench
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    cloud.clock.nowMs = Date.now()
    school = await enterTestSchool(database, cloud.vault)
    token = await cloud.signIn(school, 'school_admin')
    bench = await jobBench(database, school.schoolId)
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const call = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }), ...(headers && { headers }) })
  let addresses = 0
  const claim = (body: object, address = `10.9.${Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`) =>
    cloud.call('POST', '/api/v1/invitations/claim', {
      body: { password: PASSWORD, ...body },
      headers: { 'x-forwarded-for': address },
    })
  const inTx = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)
  let numbers = 0
  const enter = async (fields: object = {}) => {
    const studentNumber = `S-${++numbers}`
    const entry = {
      studentNumber,
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: `ada${numbers}@students.example`,
      ...fields,
    }
    await inTx(tx => enterStudents(tx, cloud.vault, { ...bench.actor, nowMs: Date.now() }, [entry]))
    const { id } = await inTx(tx =>
      tx.selectFrom('students').select('id').where('student_number', '=', studentNumber).executeTakeFirstOrThrow(),
    )
    return { id, studentNumber, email: entry.email }
  }
  /** Invites, and does the job. */
  const invite = async (body: object) => {
    const asked = await call('POST', '/invitations', body)
    expect(asked.status).toBe(202)
    const handler = inviteChosen({
      db: database.db,
      vault: cloud.vault,
      jobs: bench.jobs,
      publicUrl: 'http://localhost:8080',
      nowMs: () => cloud.clock.nowMs,
    })
    await bench.work({ invitations: handler })
    const job = await bench.until(asked.body.data.jobId, ({ state }) => state === 'done' || state === 'failed')
    expect(job).toMatchObject({ state: 'done', error: null })
    return { ...asked.body.data, result: job.result } as { jobId: string; batchId: string; result: { made: number } }
  }
  const codeOf = (studentId: string) =>
    inTx(async tx => {
      const row = await tx
        .selectFrom('invitations')
        .selectAll()
        .where('student_id', '=', studentId)
        .orderBy('made_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow()
      return cloud.vault.open(sealedPlace(row.id), row.sealed_code!).toString()
    })
  const linkTo = (address: string) =>
    inTx(async tx => {
      const mail = await tx
        .selectFrom('mails')
        .select('body')
        .where('to_address', '=', address)
        .orderBy('made_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow()
      return /http:\/\/localhost:8080\/claim#(\S+)\.([nb]*)\n/.exec(mail.body!.text)!
    })
  const listed = async (query = '') => (await call('GET', `/invitations${query}`)).body.data
  const signIn = (email: string) =>
    cloud.call('POST', '/api/v1/auth/login', {
      body: { email, password: PASSWORD },
      headers: { 'x-forwarded-for': `10.8.0.${++addresses % 250}` },
    })

  test('a link in a mail makes the account: once, and it is the student’s own', async () => {
    const ada = await enter()
    const { result } = await invite({ studentIds: [ada.id], by: 'mail' })
    expect(result.made).toBe(1)
    const [, code, asked] = await linkTo(ada.email)
    expect(asked).toBe('n')
    const claimed = await claim({ code, studentNumber: ada.studentNumber.toLowerCase() })
    expect([claimed.status, claimed.body.data?.email]).toEqual([201, ada.email])
    expect((await claim({ code, studentNumber: ada.studentNumber })).body.error.code).toBe('claim_refused')

    const mine = (await signIn(ada.email)).body.data.tokens.accessToken
    const profile = await cloud.call('GET', '/api/v1/my/profile', { token: mine })
    expect(profile.body.data).toMatchObject({ studentNumber: ada.studentNumber, firstName: 'Ada', email: ada.email })
    expect((await listed('?state=claimed'))[0]).toMatchObject({ state: 'claimed', student: { id: ada.id }, by: 'mail' })
    const log = await inTx(tx =>
      tx
        .selectFrom('audit_log')
        .select(['action', 'by_kind', 'student_id'])
        .where('action', 'like', 'invitation.%')
        .where('action', '!=', 'invitation.list')
        .orderBy('at')
        .execute(),
    )
    expect(log).toEqual([
      { action: 'invitation.order', by_kind: 'user', student_id: null },
      { action: 'invitation.create', by_kind: 'user', student_id: ada.id },
      { action: 'invitation.claim', by_kind: 'nobody', student_id: ada.id },
    ])
  })

  test('a printed code is typed as people type, and its hash alone stays', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const code = await codeOf(ada.id)
    const rows = JSON.stringify(await inTx(tx => tx.selectFrom('invitations').selectAll().execute()))
    expect(rows).not.toContain(code)
    const typed = spokenCode(code).toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    expect((await claim({ code: typed, studentNumber: ada.studentNumber })).status).toBe(201)
    const left = await inTx(tx => tx.selectFrom('invitations').select('sealed_code').execute())
    expect(left).toEqual([{ sealed_code: null }])
  })

  test('an unknown code and a wrong number get one answer, and five wrong numbers end the code', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const code = await codeOf(ada.id)
    const unknown = await claim({ code: '0000-0000-0000', studentNumber: ada.studentNumber })
    const words = ({ status, body: { error } }: typeof unknown) => [status, error.code, error.message, error.details]
    for (let tries = 0; tries < 5; tries++) {
      expect(words(await claim({ code, studentNumber: 'S-none' }))).toEqual(words(unknown))
    }
    expect((await listed())[0].triesLeft).toBe(0)
    expect(words(await claim({ code, studentNumber: ada.studentNumber }))).toEqual(words(unknown))
    expect(words(await claim({ code: 'not a code' }))).toEqual(words(unknown))
    expect(await inTx(tx => tx.selectFrom('users').select('id').where('email', '=', ada.email).execute())).toEqual([])
  })

  test('one address tries a hundred codes, and no more for a while', async () => {
    const statuses = new Set<number>()
    for (let tries = 0; tries < 101; tries++)
      statuses.add((await claim({ code: 'x', password: PASSWORD }, '10.77.0.1')).status)
    expect([...statuses]).toEqual([422, 429])
  })

  test('the school says what is checked, and who has no date of birth is not invited where it is', async () => {
    expect((await call('GET', '/settings/invitations')).body.data).toEqual({ checks: ['student_number'] })
    await call('PUT', '/settings/invitations', { checks: ['student_number', 'birth_date'] })
    const ada = await enter({ birthDate: '2005-12-10' })
    const eve = await enter()
    const chosen = { studentIds: [ada.id, eve.id], by: 'print' }
    expect((await call('POST', '/invitations/preview', chosen)).body.data).toMatchObject({
      chosen: 2,
      invited: 1,
      noBirthDate: 1,
    })
    const { result } = await invite(chosen)
    expect(result.made).toBe(1)
    const code = await codeOf(ada.id)
    const { studentNumber } = ada
    expect((await claim({ code, studentNumber })).status).toBe(422)
    expect((await claim({ code, studentNumber, birthDate: '2005-12-11' })).status).toBe(422)
    expect((await claim({ code, studentNumber: 'x', birthDate: '2005-12-10' })).status).toBe(422)
    expect((await claim({ code, studentNumber, birthDate: '2005-12-10' })).status).toBe(201)
  })

  test('the preview counts each student once, by the first thing in the way', async () => {
    const plain = await enter()
    const silent = await enter({ email: null })
    const away = await enter({ status: 'suspended' })
    const taken = await enter({ email: school.users.get('staff')!.toUpperCase() })
    const has = await enter()
    await invite({ studentIds: [has.id], by: 'print' })
    await claim({ code: await codeOf(has.id), studentNumber: has.studentNumber })
    await invite({ studentIds: [plain.id], by: 'print' })
    const studentIds = [plain, silent, away, taken, has].map(({ id }) => id)
    expect((await call('POST', '/invitations/preview', { studentIds, by: 'mail' })).body.data).toEqual({
      chosen: 5,
      invited: 1,
      hasAccount: 1,
      notActive: 1,
      noEmail: 1,
      addressInUse: 1,
      noBirthDate: 0,
      replaced: 1,
    })
    const nobody = await call('POST', '/invitations', { studentIds: [has.id], by: 'mail' })
    expect(nobody.body.error.code).toBe('nobody_to_invite')
  })

  test('a newer invitation ends the older, and one taken back opens nothing', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const first = await codeOf(ada.id)
    cloud.clock.nowMs += 1000
    const [open] = await listed('?state=open')
    const again = await call('POST', `/invitations/${open.id}/resend`)
    expect(again.status).toBe(201)
    const second = await codeOf(ada.id)
    expect((await claim({ code: first, studentNumber: ada.studentNumber })).status).toBe(422)
    expect((await call('POST', `/invitations/${again.body.data.id}/end`)).body.data.state).toBe('ended')
    expect((await call('POST', `/invitations/${again.body.data.id}/end`)).body.error.code).toBe('already_over')
    expect((await claim({ code: second, studentNumber: ada.studentNumber })).status).toBe(422)
  })

  test('an invitation ends by itself: a link after seven days, a printed code after thirty', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const code = await codeOf(ada.id)
    cloud.clock.nowMs += 30 * 86_400_000
    expect((await claim({ code, studentNumber: ada.studentNumber })).status).toBe(422)
    cloud.clock.nowMs -= 1000
    expect((await claim({ code, studentNumber: ada.studentNumber })).status).toBe(201)
    const bea = await enter()
    cloud.clock.nowMs = Date.now()
    await invite({ studentIds: [bea.id], by: 'mail' })
    const [, link] = await linkTo(bea.email)
    cloud.clock.nowMs += 7 * 86_400_000
    expect((await claim({ code: link, studentNumber: bea.studentNumber })).status).toBe(422)
  })

  test('who has no e-mail address gives one, and not somebody else’s', async () => {
    const ada = await enter({ email: null })
    await invite({ studentIds: [ada.id], by: 'print' })
    const told = { code: await codeOf(ada.id), studentNumber: ada.studentNumber }
    expect((await claim(told)).body.error.code).toBe('email_needed')
    expect((await claim({ ...told, email: school.users.get('staff') })).body.error.code).toBe('email_taken')
    const claimed = await claim({ ...told, email: 'ada@home.example' })
    expect(claimed.body.data).toMatchObject({ email: 'ada@home.example' })
    expect((await signIn('ada@home.example')).status).toBe(200)
  })

  test('a password that is easily guessed is refused, and takes no try', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const told = { code: await codeOf(ada.id), studentNumber: ada.studentNumber }
    for (const password of ['password123', 'lovelace', ada.email]) {
      expect((await claim({ ...told, password })).body.error.code).toBe('weak_password')
    }
    expect((await listed())[0]).toMatchObject({ triesLeft: 5, state: 'open' })
  })

  test('who was suspended since cannot claim', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const code = await codeOf(ada.id)
    await inTx(tx => tx.updateTable('students').set({ status: 'suspended' }).where('id', '=', ada.id).execute())
    expect((await claim({ code, studentNumber: ada.studentNumber })).status).toBe(422)
  })

  test('two who claim at once make one account', async () => {
    const ada = await enter()
    await invite({ studentIds: [ada.id], by: 'print' })
    const told = { code: await codeOf(ada.id), studentNumber: ada.studentNumber }
    const both = await Promise.all([claim(told), claim(told)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 422])
  })

  test('hundreds are invited by a filter in one go, and a job that is begun again invites nobody twice', async () => {
    const entries = Array.from({ length: 250 }, (_, at) => ({
      studentNumber: `F-${randomUUIDv7().slice(-8)}-${at}`,
      firstName: 'Filter',
      lastName: `Number ${at}`,
      email: null,
    }))
    await inTx(tx => enterStudents(tx, cloud.vault, { ...bench.actor, nowMs: Date.now() }, entries))
    const { result, jobId } = await invite({ filter: { search: 'filter number' }, by: 'print' })
    expect(result.made).toBe(250)
    await inTx(tx => tx.updateTable('jobs').set({ state: 'failed' }).where('id', '=', jobId).execute())
    await inTx(tx => bench.jobs.retry(tx, bench.actor, jobId))
    await bench.until(jobId, ({ state }) => state === 'done')
    const rows = await inTx(tx => tx.selectFrom('invitations').select(['student_id', 'ended_at']).execute())
    expect(rows).toHaveLength(250)
    expect(rows.filter(({ ended_at }) => ended_at !== null)).toEqual([])
  })

  test('codes are printed on sheets, a hundred a file, for a day', async () => {
    const names = ['Ada', 'Bea', 'Cem', 'Dag', 'Eli', 'Fay', 'Gus', 'Hao', 'Ida', 'Jo', 'Kim']
    const ids: string[] = []
    for (const firstName of names) ids.push((await enter({ firstName, email: null })).id)
    const { batchId } = await invite({ studentIds: ids, by: 'print' })
    const file = await fetch(`${cloud.url}/api/v1/invitations/batches/${batchId}/sheet.pdf`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/pdf'])
    const bytes = Buffer.from(await file.arrayBuffer())
    expect(bytes.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(2)
    expect(inflated(bytes)).toMatch(/ re\b| m\b/)
    expect((await call('GET', `/invitations/batches/${batchId}/sheet.pdf?part=2`)).body.error.code).toBe(
      'nothing_to_print',
    )
    const other = await enterTestSchool(database, cloud.vault)
    const theirs = await cloud.call('GET', `/api/v1/invitations/batches/${batchId}/sheet.pdf`, {
      token: await cloud.signIn(other, 'school_admin'),
    })
    expect(theirs.status).toBe(404)
    await inTx(tx => forgetInvitations(tx, cloud.clock.nowMs + 86_400_001))
    expect((await call('GET', `/invitations/batches/${batchId}/sheet.pdf`)).status).toBe(404)
  })

  test('a student reaches what is theirs and nothing else', async () => {
    const student = await cloud.signIn(school, 'student')
    const others = cloud.bound.filter(({ can }) => can !== 'anyone' && can !== 'signed-in' && !may('student', can))
    expect(others.length).toBeGreaterThan(50)
    for (const { method, path } of others) {
      const { status } = await cloud.call(
        method.toUpperCase(),
        `/api/v1${path.replace(/:\w+/g, () => randomUUIDv7())}`,
        {
          token: student,
          ...(method !== 'get' && { body: {} }),
        },
      )
      expect([path, status]).toEqual([path, 403])
    }
  })

  test('a person says in which language they are written to', async () => {
    for (const role of ['student', 'staff'] as const) {
      const mine = await cloud.signIn(school, role)
      const ask = (method: string, body?: object) =>
        cloud.call(method, '/api/v1/my/language', { token: mine, ...(body && { body }) })
      expect((await ask('GET')).body.data).toEqual({ language: null })
      expect((await ask('PUT', { language: 'nl' })).body.data).toEqual({ language: 'nl' })
      expect((await ask('GET')).body.data).toEqual({ language: 'nl' })
      expect((await ask('PUT', { language: 'fr' })).status).toBe(422)
    }
  })
})

/** What a PDF draws, unpacked. */
function inflated(pdf: Buffer): string {
  return [...pdf.toString('latin1').matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)]
    .map(([, body]) => {
      try {
        return inflateSync(Buffer.from(body!, 'latin1')).toString('latin1')
      } catch {
        return ''
      }
    })
    .join('\n')
}
