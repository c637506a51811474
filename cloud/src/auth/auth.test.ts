import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, TEST_PASSWORD, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { openAccessTokens } from './access-token.ts'
import { openIdentity } from './identity.ts'
import { deactivateUser } from './sessions.repo.ts'

onBothEngines('signing in', engine => {
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
  /** From an address that nobody has tried from. */
  const from = () => ({ 'x-forwarded-for': `192.0.2.${++addresses}` })
  const login = (body: object, headers: Record<string, string> = from()) =>
    cloud.call('POST', '/api/v1/auth/login', { body, headers })
  const guard = () => ({ email: school.users.get('security'), password: TEST_PASSWORD })
  const me = (token: string) => cloud.call('GET', '/api/v1/auth/me', { token })
  const refresh = (refreshToken: string) => cloud.call('POST', '/api/v1/auth/refresh', { body: { refreshToken } })

  test('answers the user and both tokens', async () => {
    const { status, body } = await login(guard())
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      error: null,
      data: {
        user: { email: school.users.get('security'), role: 'security', school: { tenant: school.tenant } },
        tokens: { expiresInS: 900, accessToken: expect.any(String), refreshToken: expect.any(String) },
      },
    })
    expect((await me(body.data.tokens.accessToken)).body.data.role).toBe('security')
  })

  test('an access token says nothing personal and no rights', async () => {
    const { body } = await login(guard())
    const [header, payload] = body.data.tokens.accessToken
      .split('.')
      .map((part: string) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(header)).toMatchObject({ alg: 'Ed25519', typ: 'at+jwt' })
    expect(Object.keys(JSON.parse(payload)).sort()).toEqual([
      'aud',
      'exp',
      'iat',
      'iss',
      'jti',
      'role',
      'school',
      'sid',
      'sub',
    ])
  })

  test('a wrong password and an unknown user get the same answer', async () => {
    const wrong = await login({ ...guard(), password: 'not it' })
    const unknown = await login({ email: 'nobody@nowhere.example', password: 'not it' })
    expect(wrong.status).toBe(401)
    expect(unknown.status).toBe(401)
    const { path, code, message } = wrong.body.error
    expect(unknown.body.error).toMatchObject({ path, code, message })
  })

  test('the case of an e-mail does not count', async () => {
    expect((await login({ ...guard(), email: guard().email!.toUpperCase() })).status).toBe(200)
  })

  test('a browser gets the refresh token as a cookie that no script reads, and only so', async () => {
    const { body, headers } = await login(guard(), { ...from(), 'x-gatehouse-client': 'browser' })
    expect(body.data.tokens.refreshToken).toBe(undefined)
    const cookie = headers.getSetCookie().find(one => /^gatehouse_refresh=./.test(one) && !one.includes('=;'))!
    expect(cookie).toMatch(/^gatehouse_refresh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)

    const again = await cloud.call('POST', '/api/v1/auth/refresh', {
      body: {},
      headers: { cookie: cookie.split(';')[0]!, 'x-gatehouse-client': 'browser' },
    })
    expect(again.status).toBe(200)
    expect(again.body.data.tokens.refreshToken).toBe(undefined)
    expect(again.headers.get('set-cookie')).toContain('gatehouse_refresh=')
  })

  test('remembering lets the cookie outlive the browser', async () => {
    const { headers } = await login({ ...guard(), rememberMe: true }, { ...from(), 'sec-fetch-site': 'same-origin' })
    expect(headers.get('set-cookie')).toContain('Max-Age=604800')
  })

  test('over TLS the cookies are the host’s own, and the one of before is cleared', async () => {
    await using secure = await startCloud(database, { publicUrl: 'https://gatehouse.example' })
    const said = await secure.call('POST', '/api/v1/auth/login', {
      body: { ...guard(), rememberMe: true },
      headers: { ...from(), 'sec-fetch-site': 'same-origin' },
    })
    const set = said.headers.getSetCookie()
    expect(set).toContainEqual(
      expect.stringMatching(
        /^__Host-gatehouse_refresh=[\w-]{43}; Max-Age=604800; Path=\/; .*HttpOnly; Secure; SameSite=Strict$/,
      ),
    )
    expect(set).toContainEqual(
      expect.stringMatching(/^__Host-gatehouse_device=[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/),
    )
    expect(set).toContainEqual(
      expect.stringMatching(/^__Secure-gatehouse_refresh=; Path=\/api\/v1\/auth; Expires=Thu, 01 Jan 1970/),
    )
  })

  test('over plain http through a network a browser is given no cookie and no refresh token', async () => {
    await using open = await startCloud(database, { publicUrl: 'http://gatehouse.example' })
    const headers = { ...from(), 'sec-fetch-site': 'same-origin' }
    const said = await open.call('POST', '/api/v1/auth/login', { body: guard(), headers })
    expect(said.status).toBe(200)
    expect(said.headers.getSetCookie().filter(one => !one.includes('01 Jan 1970'))).toEqual([])
    expect(said.body.data.tokens.refreshToken).toBe(undefined)
  })

  test('a refresh token serves once; the copy ends the session and the rightful one with it', async () => {
    const first = (await login(guard())).body.data.tokens
    const second = (await refresh(first.refreshToken)).body.data.tokens
    cloud.clock.nowMs += 11_000
    expect((await refresh(first.refreshToken)).body.error.code).toBe('session_ended')
    expect((await refresh(second.refreshToken)).status).toBe(401)
    expect((await me(second.accessToken)).status).toBe(401)
  })

  test('within ten seconds a used token is refused and the session lives', async () => {
    const first = (await login(guard())).body.data.tokens
    const second = (await refresh(first.refreshToken)).body.data.tokens
    cloud.clock.nowMs += 9_000
    expect((await refresh(first.refreshToken)).status).toBe(409)
    expect((await refresh(second.refreshToken)).status).toBe(200)
  })

  test('of many at once one refresh wins', async () => {
    const { refreshToken } = (await login(guard())).body.data.tokens
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)))
    expect(all.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
  })

  test('a token that has run out is refused', async () => {
    const { accessToken } = (await login(guard())).body.data.tokens
    cloud.clock.nowMs += 15 * 60_000 + 1000
    expect((await me(accessToken)).status).toBe(401)
  })

  test('signing out ends the session at once', async () => {
    const { accessToken, refreshToken } = (await login(guard())).body.data.tokens
    expect((await cloud.call('POST', '/api/v1/auth/logout', { body: { refreshToken } })).status).toBe(200)
    expect((await me(accessToken)).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
  })

  test('signing out everywhere ends every session', async () => {
    const one = (await login(guard())).body.data.tokens
    const other = (await login(guard())).body.data.tokens
    await cloud.call('POST', '/api/v1/auth/logout-everywhere', { token: one.accessToken })
    expect((await me(other.accessToken)).status).toBe(401)
  })

  test('a tampered token is refused', async () => {
    const { accessToken } = (await login(guard())).body.data.tokens
    const [header, payload, signature] = accessToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const risen = Buffer.from(JSON.stringify({ ...claims, role: 'super_admin' })).toString('base64url')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    for (const token of [`${header}.${risen}.${signature}`, `${none}.${risen}.`, 'x', '', `${accessToken}x`]) {
      expect((await me(token)).status).toBe(401)
    }
  })

  test('somebody deactivated is refused at the next request, and their sessions and keys are announced as ended', async () => {
    const { tokens, user } = (await login({ email: school.users.get('staff'), password: TEST_PASSWORD })).body.data
    const key = await cloud.call('POST', '/api/v1/auth/access-keys', {
      token: tokens.accessToken,
      body: { name: 'wall screen', scopes: ['feed:read'] },
    })
    expect(key.status).toBe(201)
    const { schoolId } = school
    await inSchool(database.db, schoolId, tx =>
      deactivateUser(tx, { schoolId, userId: user.id, nowMs: cloud.clock.nowMs }),
    )
    expect((await me(tokens.accessToken)).status).toBe(401)
    expect((await login({ email: school.users.get('staff'), password: TEST_PASSWORD })).status).toBe(401)
    const rows = await inSchool(database.db, schoolId, tx =>
      tx.selectFrom('outbox').select('body').where('kind', '=', 'session.ended').execute(),
    )
    expect(JSON.stringify(rows)).toContain(key.body.data.accessKey.id)
  })

  test('a changed role is another person: the token is refused', async () => {
    const { tokens, user } = (await login({ email: school.users.get('facilities'), password: TEST_PASSWORD })).body.data
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ role: 'staff' }).where('id', '=', user.id).execute(),
    )
    expect((await me(tokens.accessToken)).status).toBe(401)
  })

  test('an access key is shown once, kept as a hash, and ended by its owner only', async () => {
    const token = await cloud.signIn(school, 'school_admin')
    const other = await cloud.signIn(school, 'security')
    const made = await cloud.call('POST', '/api/v1/auth/access-keys', {
      token,
      body: { name: 'screen', scopes: ['feed:read'] },
    })
    const { key, accessKey } = made.body.data
    expect(key).toMatch(/^ghk_[\w-]{43}$/)
    const rows = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('access_keys').selectAll().execute())
    expect(JSON.stringify(rows)).not.toContain(key)

    const { db } = database
    const nowMs = () => cloud.clock.nowMs
    const tokens = await openAccessTokens({ db, vault: cloud.vault, issuer: 'http://localhost:8080', nowMs })
    const identity = openIdentity({ db, tokens, nowMs })
    const watcher = await identity.authenticateKey(key)
    expect(watcher).toMatchObject({ schoolId: school.schoolId, tenant: school.tenant, endsWith: accessKey.id })
    expect(await identity.authenticateKey(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBe(null)
    const [used] = (await cloud.call('GET', '/api/v1/auth/access-keys', { token })).body.data
    expect(used.lastUsedAt).toBe(new Date(nowMs()).toISOString())
    expect((await cloud.call('DELETE', `/api/v1/auth/access-keys/${accessKey.id}`, { token: other })).status).toBe(404)
    expect((await cloud.call('GET', '/api/v1/auth/access-keys', { token })).body.data).toHaveLength(1)
    expect((await cloud.call('DELETE', `/api/v1/auth/access-keys/${accessKey.id}`, { token })).status).toBe(200)
    expect((await cloud.call('GET', '/api/v1/auth/access-keys', { token })).body.data).toEqual([])
  })

  test('the twenty-first try at an account waits; its owner still gets in from where she was before', async () => {
    const admin = { email: school.users.get('school_admin'), password: TEST_PASSWORD }
    const home = from()
    expect((await login(admin, home)).status).toBe(200)
    const tries = []
    for (let tried = 0; tried < 21; tried++) tries.push((await login({ ...admin, password: 'guess' })).status)
    expect(tries.slice(0, 20)).toEqual(Array(20).fill(401))
    const refused = await login({ ...admin, password: 'guess' })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit-limit')).toBe('20')
    expect(refused.body.error).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('try again') })
    expect((await login(admin, home)).status).toBe(200)
  })
})
