import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, startCloud, TEST_PASSWORD, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { openPasswords } from './password.ts'

onBothEngines('a thousand wrong passwords', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let hashes = 0
  beforeAll(async () => {
    database = await engine.fresh()
    const real = openPasswords()
    const verify: typeof real.verify = (hash, password) => {
      hashes++
      return real.verify(hash, password)
    }
    cloud = await startCloud(database, { passwords: { ...real, verify } })
    school = await enterTestSchool(database, cloud.vault)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const login = (email: string, password: string, headers: Record<string, string>) =>
    cloud.call('POST', '/api/v1/auth/login', { body: { email, password }, headers })
  /** A thousand machines, 50 at a time. */
  const hammer = async (email: string) => {
    const said: number[] = []
    for (let at = 0; at < 1000; at += 50) {
      const some = Array.from({ length: 50 }, (_, one) => `10.66.${Math.floor((at + one) / 250)}.${(at + one) % 250}`)
      said.push(
        ...(await Promise.all(some.map(async ip => (await login(email, 'a guess', { 'x-forwarded-for': ip })).status))),
      )
    }
    return said
  }
  const count = (said: readonly number[], status: number) => said.filter(one => one === status).length

  test('at one account cost twenty hashes, and its owner still gets in from where she was before', async () => {
    const email = school.users.get('school_admin')!
    const browser = { 'x-forwarded-for': '192.0.2.1', 'sec-fetch-site': 'same-origin' }
    const first = await login(email, TEST_PASSWORD, browser)
    const device = first.headers
      .getSetCookie()
      .find(one => one.startsWith('gatehouse_device='))!
      .split(';')[0]!
    const program = { 'x-forwarded-for': '192.0.2.7' }
    await login(email, TEST_PASSWORD, program)

    hashes = 0
    const said = await hammer(email)
    expect([count(said, 401), count(said, 429)]).toEqual([20, 980])
    expect(hashes).toBe(20)

    expect((await login(email, TEST_PASSWORD, { 'x-forwarded-for': '192.0.2.99' })).status).toBe(429)
    // Her browser on another network, and her program where it always is.
    expect(
      (await login(email, TEST_PASSWORD, { ...browser, 'x-forwarded-for': '192.0.2.55', cookie: device })).status,
    ).toBe(200)
    expect((await login(email, TEST_PASSWORD, program)).status).toBe(200)
  })

  test('a process that was not there before knows her places too', async () => {
    await using another = await startCloud(database, {})
    const email = school.users.get('school_admin')!
    const from = (ip: string, password: string) =>
      another.call('POST', '/api/v1/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': ip } })
    const said = await Promise.all(Array.from({ length: 30 }, (_, at) => from(`10.9.0.${at}`, 'a guess')))
    expect(
      count(
        said.map(({ status }) => status),
        429,
      ),
    ).toBe(10)
    expect((await from('10.9.1.1', TEST_PASSWORD)).status).toBe(429)
    expect((await from('192.0.2.7', TEST_PASSWORD)).status).toBe(200)
  })

  test('a made-up browser cookie makes no count of its own', async () => {
    const email = school.users.get('staff')!
    await login(email, TEST_PASSWORD, { 'x-forwarded-for': '192.0.2.20' })
    const guess = (at: number) =>
      login(email, 'a guess', {
        'x-forwarded-for': '192.0.2.20',
        cookie: `gatehouse_device=${String(at).padStart(43, 'x')}`,
      })
    const said = []
    for (let at = 0; at < 30; at++) said.push((await guess(at)).status)
    expect(count(said, 401)).toBe(20)
  })

  test('an account that nobody has costs and answers the same', async () => {
    hashes = 0
    const said = await hammer('nobody@nowhere.example')
    expect([count(said, 401), count(said, 429), hashes]).toEqual([20, 980, 20])
  })
})
