import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { authenticator } from '../testing/authenticator.ts'
import {
  enterSuperAdmin,
  enterTestSchool,
  startCloud,
  TEST_PASSWORD,
  type TestCloud,
  type TestSchool,
} from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('passkeys', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
  })
  beforeEach(async () => {
    school = await enterTestSchool(database, cloud.vault)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let addresses = 0
  const post = (path: string, body: unknown, token?: string) =>
    cloud.call('POST', `/api/v1${path}`, {
      body,
      headers: { 'x-forwarded-for': `10.2.${Math.floor(++addresses / 250)}.${addresses % 250}` },
      ...(token !== undefined && { token }),
    })
  const login = (email: string) => post('/auth/login', { email, password: TEST_PASSWORD })
  const newOptions = async (token: string) => (await post('/auth/passkeys/options', undefined, token)).body.data.options
  const useOptions = async (token?: string) => (await post('/auth/passkey/options', { token })).body.data.options
  const signIn = (passkey: unknown) => post('/auth/passkey', { passkey })

  /** Somebody with a passkey, signed in. */
  const setUp = async (email = school.users.get('staff')!, device = authenticator()) => {
    const token = (await login(email)).body.data.tokens.accessToken
    const options = await newOptions(token)
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    const made = await post(
      '/auth/passkeys',
      { name: 'My phone', passkey: device.create(options, options.user.id) },
      token,
    )
    expect(made.status).toBe(201)
    return { token, device, made: made.body.data, userHandle: options.user.id as string }
  }

  test('a passkey signs in by itself: no password, and no second step', async () => {
    const { device, made } = await setUp()
    expect(made.recoveryCodes).toHaveLength(10)
    const options = await useOptions()
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(options.allowCredentials ?? []).toEqual([])
    const done = await signIn(device.get({ challenge: options.challenge, counter: 1 }))
    expect(done.status).toBe(200)
    expect(done.body.data.user.email).toBe(school.users.get('staff'))
    const { token } = { token: done.body.data.tokens.accessToken }
    const factors = (await cloud.call('GET', '/api/v1/auth/factors', { token })).body.data
    expect(factors.passkeys).toMatchObject([
      { name: 'My phone', lastUsedAt: new Date(cloud.clock.nowMs).toISOString() },
    ])
  })

  test('a super_admin, who is in no school, signs in by passkey too', async () => {
    const { device } = await setUp(await enterSuperAdmin(database))
    const { challenge } = await useOptions()
    expect((await signIn(device.get({ challenge }))).body.data.user.role).toBe('super_admin')
  })

  test('after a password it is the second step', async () => {
    const { device } = await setUp()
    const { secondFactor } = (await login(school.users.get('staff')!)).body.data
    expect(secondFactor.methods).toEqual(['passkey', 'recovery'])
    const options = await useOptions(secondFactor.token)
    expect(options.allowCredentials).toMatchObject([{ id: device.id }])
    const done = await post('/auth/second-factor', {
      token: secondFactor.token,
      passkey: device.get({ challenge: options.challenge, counter: 1 }),
    })
    expect(done.status).toBe(200)
  })

  test('a challenge serves once', async () => {
    const { device } = await setUp()
    const { challenge } = await useOptions()
    const said = await Promise.all([1, 2].map(counter => signIn(device.get({ challenge, counter }))))
    expect(said.map(({ status }) => status).toSorted()).toEqual([200, 401])
    expect((await signIn(device.get({ challenge, counter: 9 }))).status).toBe(401)
  })

  test('and for five minutes', async () => {
    const { device } = await setUp()
    const { challenge } = await useOptions()
    cloud.clock.nowMs += 300_000 + 1000
    expect((await signIn(device.get({ challenge, counter: 1 }))).status).toBe(401)
  })

  test.each([
    ['another page', { origin: 'https://localhost.evil.example' }],
    ['another port', { origin: 'http://localhost:8081' }],
    ['another host’s passkey', { rpId: 'evil.example' }],
    ['somebody the device did not verify', { userVerified: false }],
  ])('made for %s it is refused, and the log says so', async (_what, lie) => {
    const { device } = await setUp()
    const { challenge } = await useOptions()
    const refused = await signIn(device.get({ challenge, counter: 1, ...lie }))
    expect([refused.status, refused.body.error.code]).toEqual([401, 'passkey_refused'])
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').selectAll().where('action', '=', 'session.refused').execute(),
    )
    expect(rows).toMatchObject([{ note: 'wrong passkey' }])
    // The honest one, for a new challenge, still serves.
    expect((await signIn(device.get({ challenge: (await useOptions()).challenge, counter: 1 }))).status).toBe(200)
  })

  test('a made-up challenge, a changed signature and another key are refused', async () => {
    const { device, userHandle } = await setUp()
    expect((await signIn(device.get({ challenge: 'A'.repeat(43), counter: 1 }))).status).toBe(401)
    const { challenge } = await useOptions()
    const good = device.get({ challenge, counter: 1 })
    const signature = good.response.signature.replace(/.{4}$/, 'AAAA')
    expect((await signIn({ ...good, response: { ...good.response, signature } })).status).toBe(401)
    const thief = authenticator()
    const stolen = thief.get({ challenge: (await useOptions()).challenge, counter: 1 })
    const posed = { ...stolen, id: device.id, rawId: device.id, response: { ...stolen.response, userHandle } }
    expect((await signIn(posed)).status).toBe(401)
  })

  test('a counter that goes back is a copy: refused, and told', async () => {
    const { device } = await setUp()
    const use = async (counter: number) => signIn(device.get({ challenge: (await useOptions()).challenge, counter }))
    expect((await use(7)).status).toBe(200)
    expect((await use(7)).status).toBe(401)
    expect((await use(3)).status).toBe(401)
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').select('note').where('action', '=', 'session.refused').execute(),
    )
    expect(rows.map(({ note }) => note)).toEqual(Array(2).fill('passkey counted back: there is a copy of it'))
    expect((await use(8)).status).toBe(200)
  })

  test('somebody else’s passkey is nobody’s second step, and names nobody else', async () => {
    const mine = await setUp(school.users.get('staff')!)
    const theirs = await setUp(school.users.get('security')!)
    const { secondFactor } = (await login(school.users.get('staff')!)).body.data
    const options = await useOptions(secondFactor.token)
    const posed = theirs.device.get({ challenge: options.challenge, counter: 1 })
    expect((await post('/auth/second-factor', { token: secondFactor.token, passkey: posed })).status).toBe(401)

    // A challenge that was given for one person is not taken from another.
    const given = await useOptions(secondFactor.token)
    expect((await signIn(theirs.device.get({ challenge: given.challenge, counter: 2 }))).status).toBe(401)
    const { challenge } = await useOptions()
    const named = mine.device.get({ challenge, counter: 1 })
    const lying = { ...named, response: { ...named.response, userHandle: theirs.userHandle } }
    expect((await signIn(lying)).status).toBe(401)
  })

  test.each([
    ['another page', { origin: 'https://evil.example' }],
    ['another host', { rpId: 'evil.example' }],
    ['nobody verified', { userVerified: false }],
    ['a made-up challenge', { challenge: 'A'.repeat(43) }],
  ])('a new one for %s is not kept', async (_what, lie) => {
    const token = (await login(school.users.get('staff')!)).body.data.tokens.accessToken
    const options = await newOptions(token)
    const passkey = authenticator().create({ challenge: options.challenge, ...lie }, options.user.id)
    const said = await post('/auth/passkeys', { name: 'x', passkey }, token)
    expect([said.status, said.body.error.code]).toEqual([422, 'passkey_refused'])
  })

  test('a challenge for a new one is for who asked, once, and for nothing else', async () => {
    const one = (await login(school.users.get('staff')!)).body.data.tokens.accessToken
    const other = (await login(school.users.get('security')!)).body.data.tokens.accessToken
    const options = await newOptions(one)
    const passkey = authenticator().create(options, options.user.id)
    expect((await post('/auth/passkeys', { name: 'x', passkey }, other)).status).toBe(422)
    const signing = await useOptions()
    const wrongKind = authenticator().create(signing, options.user.id)
    expect((await post('/auth/passkeys', { name: 'x', passkey: wrongKind }, one)).status).toBe(422)
  })

  test('the same passkey is kept once; taken away it is nothing', async () => {
    const { token, device, made, userHandle } = await setUp()
    const again = device.create({ challenge: (await newOptions(token)).challenge }, userHandle)
    expect((await post('/auth/passkeys', { name: 'again', passkey: again }, token)).body.error.code).toBe(
      'passkey_known',
    )
    const other = (await login(school.users.get('security')!)).body.data.tokens.accessToken
    const remove = (token: string) => cloud.call('DELETE', `/api/v1/auth/passkeys/${made.passkey.id}`, { token })
    expect((await remove(other)).status).toBe(404)
    expect((await remove(token)).status).toBe(200)
    const { challenge } = await useOptions()
    expect((await signIn(device.get({ challenge, counter: 1 }))).status).toBe(401)
    expect((await login(school.users.get('staff')!)).body.data.tokens).toBeDefined()
  })

  test('somebody shut out is refused', async () => {
    const { device } = await setUp()
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ active: false }).where('email', '=', school.users.get('staff')!).execute(),
    )
    const { challenge } = await useOptions()
    expect((await signIn(device.get({ challenge, counter: 1 }))).status).toBe(401)
  })
})
