import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, TEST_PASSWORD, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { base32 } from './base32.ts'
import { resetLink } from './reset-letters.ts'
import { codeAt, stepOf, totpUri } from './totp.ts'

// RFC 6238 appendix B, SHA-1: the last six of its eight digits.
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1234567890, '005924'],
  [20000000000, '353130'],
])('at %i s the code is %s', (s, code) => {
  expect(codeAt(Buffer.from('12345678901234567890'), Math.floor(s / 30))).toBe(code)
})

test('a code serves in its step and the one on either side, and never again', () => {
  const secret = Buffer.alloc(20, 7)
  const nowMs = 1_700_000_015_000
  const now = Math.floor(nowMs / 30_000)
  for (const off of [-1, 0, 1]) expect(stepOf(secret, codeAt(secret, now + off), 0, nowMs)).toBe(now + off)
  for (const off of [-2, 2]) expect(stepOf(secret, codeAt(secret, now + off), 0, nowMs)).toBe(null)
  expect(stepOf(secret, codeAt(secret, now), now, nowMs)).toBe(null)
  expect(stepOf(secret, codeAt(secret, now - 1), now, nowMs)).toBe(null)
})

test('secrets are spelled as applications read them', () => {
  // RFC 4648 section 10, without padding.
  expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(text => base32(Buffer.from(text)))).toEqual([
    '',
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ])
  expect(totpUri(Buffer.from('foobar'), 'a:b@c d')).toBe(
    'otpauth://totp/Gatehouse:a%3Ab%40c%20d?secret=MZXW6YTBOI&issuer=Gatehouse&algorithm=SHA1&digits=6&period=30',
  )
})

onBothEngines('a second factor', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
  })
  beforeEach(async () => {
    school = await enterTestSchool(database, cloud.vault)
    cloud.letters.length = 0
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  let addresses = 0
  const from = () => ({ 'x-forwarded-for': `10.1.${Math.floor(++addresses / 250)}.${addresses % 250}` })
  const post = (path: string, body: unknown, token?: string) =>
    cloud.call('POST', `/api/v1${path}`, { body, headers: from(), ...(token !== undefined && { token }) })
  const login = (email = school.users.get('staff')!) => post('/auth/login', { email, password: TEST_PASSWORD })

  /** What an application makes of the secret it was given, in its own words. */
  const codeOf = (secret: string, offSteps = 0): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
    const bits = [...secret].map(letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
    const key = Buffer.from(bits.match(/.{8}/g)!.map(eight => Number.parseInt(eight, 2)))
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(cloud.clock.nowMs / 30_000) + offSteps))
    const mac = createHmac('sha1', key).update(counter).digest()
    return String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
  }
  const nextStep = () => {
    cloud.clock.nowMs += 30_000
  }

  /** Somebody with an application, signed in. */
  const setUp = async (email = school.users.get('staff')!) => {
    const token = (await login(email)).body.data.tokens.accessToken
    const { secret, uri } = (await post('/auth/factors/totp', undefined, token)).body.data
    expect(uri).toContain(`secret=${secret}&`)
    const confirmed = await post('/auth/factors/totp/confirm', { code: codeOf(secret) }, token)
    expect(confirmed.status).toBe(200)
    nextStep()
    return { token, secret, codes: confirmed.body.data.recoveryCodes as string[] }
  }

  test('once it is set up, the password alone gives no token, and a code does', async () => {
    const { secret, codes } = await setUp()
    expect(codes).toHaveLength(10)
    const asked = (await login()).body.data
    expect(asked).toEqual({
      secondFactor: { token: expect.any(String), expiresInS: 300, methods: ['totp', 'recovery'] },
    })
    const { token } = asked.secondFactor
    const done = await post('/auth/second-factor', { token, code: codeOf(secret) })
    expect(done.status).toBe(200)
    expect(done.body.data.user.role).toBe('staff')
    // The step is over.
    expect((await post('/auth/second-factor', { token, code: codeOf(secret, 1) })).body.error.code).toBe('step_ended')
    const begun = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('sessions').select(['method', 'second_factor']).orderBy('id', 'desc').limit(1).execute(),
    )
    expect(begun).toEqual([{ method: 'password', second_factor: 'totp' }])
  })

  test('a secret that no code came back for asks for nothing', async () => {
    const token = (await login()).body.data.tokens.accessToken
    await post('/auth/factors/totp', undefined, token)
    expect((await login()).body.data.tokens).toBeDefined()
    expect((await post('/auth/factors/totp/confirm', { code: '000000' }, token)).body.error.code).toBe('wrong_code')
    expect((await login()).body.data.tokens).toBeDefined()
  })

  test('a code never serves twice, also for two at once', async () => {
    const { secret } = await setUp()
    const steps = [(await login()).body.data.secondFactor.token, (await login()).body.data.secondFactor.token]
    const said = await Promise.all(steps.map(token => post('/auth/second-factor', { token, code: codeOf(secret) })))
    expect(said.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  test('a recovery code serves once, however it is typed', async () => {
    const { codes } = await setUp()
    const use = async (recoveryCode: string) => {
      const { token } = (await login()).body.data.secondFactor
      return (await post('/auth/second-factor', { token, recoveryCode })).status
    }
    expect(await use(codes[0]!.toUpperCase().replaceAll('-', ' '))).toBe(200)
    expect(await use(codes[0]!)).toBe(401)
    expect(await use(codes[1]!)).toBe(200)
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('recovery_codes').selectAll().execute(),
    )
    expect(JSON.stringify(rows)).not.toContain(codes[2]!)
  })

  test('five wrong codes end a sign-in, five minutes too, and ten wrong ones shut the step for the account', async () => {
    const { secret } = await setUp()
    const { token } = (await login()).body.data.secondFactor
    const wrong = async (token: string) =>
      (await post('/auth/second-factor', { token, code: '000000' })).body.error.code
    for (let tried = 0; tried < 5; tried++) expect(await wrong(token)).toBe('wrong_code')
    expect((await post('/auth/second-factor', { token, code: codeOf(secret) })).body.error.code).toBe('step_ended')

    const late = (await login()).body.data.secondFactor.token
    cloud.clock.nowMs += 300_000 + 1000
    expect((await post('/auth/second-factor', { token: late, code: codeOf(secret) })).body.error.code).toBe(
      'step_ended',
    )

    const again = (await login()).body.data.secondFactor.token
    for (let tried = 0; tried < 3; tried++) await wrong(again)
    const refused = await post('/auth/second-factor', { token: again, code: codeOf(secret) })
    expect(refused.status).toBe(429)
  })

  test('the token of the step is no token for anything else, and a link for a password is none for the step', async () => {
    await setUp()
    const { token } = (await login()).body.data.secondFactor
    expect((await cloud.call('GET', '/api/v1/auth/me', { token })).status).toBe(401)
    const reset = await post('/auth/password-reset/confirm', { token, password: 'a new one of mine' })
    expect(reset.body.error.code).toBe('link_ended')
  })

  test('taking it away takes a code; new recovery codes end the old ones', async () => {
    const { token, secret, codes } = await setUp()
    expect((await post('/auth/factors/totp/remove', { code: '000000' }, token)).body.error.code).toBe('wrong_code')
    const renewed = await post('/auth/factors/recovery-codes', { code: codes[0] }, token)
    expect(renewed.body.data.recoveryCodes).toHaveLength(10)
    expect((await post('/auth/factors/totp/remove', { code: codes[1] }, token)).body.error.code).toBe('wrong_code')
    expect((await post('/auth/factors/totp', undefined, token)).body.error.code).toBe('factor_exists')
    expect((await post('/auth/factors/totp/remove', { code: codeOf(secret) }, token)).status).toBe(200)
    expect((await login()).body.data.tokens).toBeDefined()
    expect(cloud.letters.filter(({ template }) => template === 'factor_changed')).toHaveLength(3)
  })

  test('an administrator gives it back to who lost it: the sessions end, the password stays; of another school nobody is there', async () => {
    const { token } = await setUp()
    const { id } = (await cloud.call('GET', '/api/v1/auth/me', { token })).body.data
    const other = await enterTestSchool(database, cloud.vault)
    const reset = async (who: TestSchool, role: 'school_admin' | 'security') =>
      (await cloud.call('DELETE', `/api/v1/users/${id}/factors`, { token: await cloud.signIn(who, role) })).status
    expect(await reset(other, 'school_admin')).toBe(404)
    expect(await reset(school, 'security')).toBe(403)
    expect((await cloud.call('GET', '/api/v1/auth/me', { token })).status).toBe(200)
    expect(await reset(school, 'school_admin')).toBe(200)
    expect((await cloud.call('GET', '/api/v1/auth/me', { token })).status).toBe(401)
    expect((await login()).body.data.tokens).toBeDefined()
  })

  test('a password that was set by a link still needs the code', async () => {
    const { secret } = await setUp()
    const email = school.users.get('staff')!
    const token = await inSchool(database.db, school.schoolId, async tx => {
      const { id } = await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()
      const wanted = { schoolId: school.schoolId, userId: id, publicUrl: 'http://x', nowMs: cloud.clock.nowMs }
      return (await resetLink(tx, wanted)).split('#')[1]
    })
    expect((await post('/auth/password-reset/confirm', { token, password: 'four words of mine' })).status).toBe(200)
    const asked = (await post('/auth/login', { email, password: 'four words of mine' })).body.data
    expect(asked.tokens).toBe(undefined)
    const step = { token: asked.secondFactor.token, code: codeOf(secret) }
    expect((await post('/auth/second-factor', step)).status).toBe(200)
  })

  test('where the school asks a role for one, who has none does nothing else first', async () => {
    const admin = await cloud.signIn(school, 'school_admin')
    const before = (await login()).body.data.tokens.accessToken
    expect((await cloud.call('GET', '/api/v1/students', { token: before })).status).toBe(200)
    const body = { secondFactorFor: ['staff'], signOn: null }
    expect((await cloud.call('PUT', '/api/v1/settings/sign-in', { token: admin, body })).status).toBe(200)
    // At once, also for sessions that are open.
    const refused = await cloud.call('GET', '/api/v1/students', { token: before })
    expect([refused.status, refused.body.error.code]).toEqual([403, 'second_factor_missing'])
    expect((await post('/auth/access-keys', { name: 'k', scopes: ['student:read'] }, before)).body.error.code).toBe(
      'second_factor_missing',
    )
    expect((await login()).body.data.user.mustSetUpFactor).toBe(true)
    expect((await cloud.call('GET', '/api/v1/auth/factors', { token: before })).body.data.required).toBe(true)
    const { secret } = (await post('/auth/factors/totp', undefined, before)).body.data
    await post('/auth/factors/totp/confirm', { code: codeOf(secret) }, before)
    expect((await cloud.call('GET', '/api/v1/students', { token: before })).status).toBe(200)
    // Other roles are asked for nothing.
    expect((await cloud.call('GET', '/api/v1/students', { token: admin })).status).toBe(200)
  })
})
