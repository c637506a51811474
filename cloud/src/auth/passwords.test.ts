import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, TEST_PASSWORD, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { weakness } from './password-rules.ts'
import { resetLetters } from './reset-letters.ts'

const ABOUT = { email: 'ada.lovelace@hillside.example', displayName: 'Ada Lovelace', school: 'Hillside College' }

test.each([
  ['password1', 'common'],
  ['PassWord1', 'common'],
  // Full-width letters are the same password to whoever tries the list.
  ['ｐａｓｓｗｏｒｄ１', 'common'],
  ['ada.lovelace@hillside.example', 'like_email'],
  ['Ada.Lovelace', 'like_email'],
  ['lovelace1815', 'like_name'],
  ['LovelaceLovelace', 'like_name'],
  ['Hillside2026!', 'like_email'],
  ['college-2026', 'like_school'],
  ['correct horse battery staple', null],
  ['my college is not hillside', null],
])('%s is %s', (password, why) => {
  expect(weakness(password, ABOUT)).toBe(why)
})

onBothEngines('passwords', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let addresses = 0
  const from = () => ({ 'x-forwarded-for': `203.0.113.${++addresses}` })
  const post = (path: string, body: unknown, token?: string) =>
    cloud.call('POST', `/api/v1${path}`, { body, headers: from(), ...(token !== undefined && { token }) })
  const login = (email: string, password: string) => post('/auth/login', { email, password })
  const me = async (token: string) => (await cloud.call('GET', '/api/v1/auth/me', { token })).status

  /** Asks, does what the outbox is for, and answers the links that were mailed. */
  const askReset = async (email: string): Promise<string[]> => {
    const before = cloud.letters.length
    expect((await post('/auth/password-reset', { email })).status).toBe(202)
    const { db } = database
    const letters = resetLetters({
      db,
      post: async (_tx, letter) => void cloud.letters.push(letter),
      publicUrl: 'http://localhost:8080',
      nowMs: () => cloud.clock.nowMs,
    })
    const problems: unknown[] = []
    const drain = await drainOutbox({ database, handlers: letters, onProblem: problem => void problems.push(problem) })
    await drain.now()
    await drain.stop()
    expect(problems).toEqual([])
    return cloud.letters.slice(before).flatMap(({ values }) => ('link' in values ? [values.link] : []))
  }

  test('changing it asks for the current one, ends the other sessions and tells the person', async () => {
    const email = school.users.get('security')!
    const here = (await login(email, TEST_PASSWORD)).body.data.tokens.accessToken
    const there = (await login(email, TEST_PASSWORD)).body.data.tokens.accessToken
    const wrong = await post('/auth/password', { current: 'a guess', password: 'four words and more' }, here)
    expect([wrong.status, wrong.body.error.code]).toEqual([403, 'wrong_password'])
    const weak = await post('/auth/password', { current: TEST_PASSWORD, password: 'password1' }, here)
    expect([weak.status, weak.body.error.code]).toEqual([422, 'weak_password'])
    const short = await post('/auth/password', { current: TEST_PASSWORD, password: 'seven77' }, here)
    expect([short.status, short.body.error.code]).toEqual([422, 'validation_failed'])
    expect(await me(there)).toBe(200)

    const done = await post('/auth/password', { current: TEST_PASSWORD, password: 'four words and more' }, here)
    expect(done.status).toBe(200)
    expect([await me(here), await me(there)]).toEqual([200, 401])
    expect((await login(email, TEST_PASSWORD)).status).toBe(401)
    expect((await login(email, 'four words and more')).status).toBe(200)
    expect(cloud.letters.filter(({ to }) => to === email).map(({ template }) => template)).toContain('password_changed')
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').selectAll().where('action', '=', 'password.change').execute(),
    )
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('four words')
  })

  test('a mailed link sets a new one, once, and ends every session', async () => {
    const email = school.users.get('staff')!
    const session = (await login(email, TEST_PASSWORD)).body.data.tokens.accessToken
    const [link, ...more] = await askReset(email.toUpperCase())
    expect(more).toEqual([])
    expect(link).toMatch(/^http:\/\/localhost:8080\/reset#[\w-]{43}$/)
    const token = link!.split('#')[1]
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('one_time_tokens').selectAll().execute(),
    )
    expect(JSON.stringify(rows)).not.toContain(token)

    const weak = await post('/auth/password-reset/confirm', { token, password: 'password1' })
    expect(weak.body.error.code).toBe('weak_password')
    const both = await Promise.all(
      ['a new one of mine', 'another new one'].map(password =>
        post('/auth/password-reset/confirm', { token, password }),
      ),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404])
    expect(await me(session)).toBe(401)
    expect((await login(email, TEST_PASSWORD)).status).toBe(401)
  })

  test('the newest link serves, for an hour', async () => {
    const email = school.users.get('facilities')!
    const [first] = await askReset(email)
    const [second] = await askReset(email)
    const use = (link: string) =>
      post('/auth/password-reset/confirm', { token: link.split('#')[1], password: 'a new one of mine' })
    expect((await use(first!)).body.error.code).toBe('link_ended')
    cloud.clock.nowMs += 3_600_000 + 1000
    expect((await use(second!)).body.error.code).toBe('link_ended')
  })

  test('an e-mail that nobody has, or somebody shut out, is answered the same, and mailed nothing', async () => {
    const answer = async (email: string) => {
      const { status, body } = await post('/auth/password-reset', { email })
      return { status, message: body.message, data: body.data }
    }
    expect(await answer('nobody@nowhere.example')).toEqual(await answer(school.users.get('student')!))
    await askReset(school.users.get('student')!)
    const gone = school.users.get('student')!
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ active: false }).where('email', '=', gone).execute(),
    )
    expect(await askReset(gone)).toEqual([])
  })

  test('the fourth link for one address waits, whether anybody has it or not', async () => {
    for (const email of ['x@nowhere.example', school.users.get('school_admin')!]) {
      const said = []
      for (let asked = 0; asked < 4; asked++) said.push((await post('/auth/password-reset', { email })).status)
      expect(said).toEqual([202, 202, 202, 429])
    }
  })

  test('made-up links are nothing', async () => {
    const token = 'A'.repeat(43)
    expect((await post('/auth/password-reset/confirm', { token, password: 'a new one of mine' })).status).toBe(404)
    const short = await post('/auth/password-reset/confirm', { token: 'x', password: 'a new one of mine' })
    expect(short.status).toBe(422)
  })
})
