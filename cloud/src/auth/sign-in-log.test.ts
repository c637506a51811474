import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import {
  enterSuperAdmin,
  enterTestSchool,
  startCloud,
  TEST_PASSWORD,
  type TestCloud,
  type TestSchool,
} from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { deactivateUser } from './sessions.repo.ts'

onBothEngines('what the log says of signing in', engine => {
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

  const said = (schoolId: string | null) =>
    inSchool(database.db, schoolId, tx => tx.selectFrom('audit_log').selectAll().orderBy('id').execute())
  let read = new Set<string>()
  /** What was written since this was last asked. */
  const news = async (schoolId: string | null = school.schoolId) => {
    const rows = await said(schoolId)
    const fresh = rows.filter(({ id }) => !read.has(id))
    read = new Set([...read, ...rows.map(({ id }) => id)])
    return fresh
  }
  let addresses = 0
  const login = (email: string, password = TEST_PASSWORD, address = `198.51.100.${++addresses}`) =>
    cloud.call('POST', '/api/v1/auth/login', {
      body: { email, password },
      headers: { 'x-forwarded-for': address, 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' },
    })
  const guard = () => school.users.get('security')!

  test('a session that begins says who, from where and by what; one that ends says why', async () => {
    await news()
    const { user, tokens } = (await login(guard(), TEST_PASSWORD, '198.51.100.200')).body.data
    const [begun, ...more] = await news()
    expect(more).toEqual([])
    expect(begun).toMatchObject({
      action: 'session.begin',
      by_kind: 'user',
      by_id: user.id,
      by_role: 'security',
      address: '198.51.100.200',
      subject_id: user.id,
      after: { method: 'password', secondFactor: null, device: 'Firefox on Windows', isNew: false },
    })
    await cloud.call('POST', '/api/v1/auth/logout', { body: { refreshToken: tokens.refreshToken } })
    const [ended] = await news()
    expect(ended).toMatchObject({
      action: 'session.end',
      subject_id: user.id,
      after: { sessionId: begun!.session_id, why: 'signed_out' },
    })
  })

  test('a wrong password is in the log of the account’s school; an unknown e-mail in the platform’s, and not by name', async () => {
    await news()
    await news(null)
    await login(guard(), 'not the password')
    expect(await news()).toMatchObject([{ action: 'session.refused', by_kind: 'nobody', by_id: null }])
    expect(await news(null)).toEqual([])
    await login('nobody@nowhere.example', 'not the password')
    const unknown = await news(null)
    expect(unknown).toMatchObject([{ action: 'session.refused', subject_id: null }])
    expect(JSON.stringify(unknown)).not.toContain('nowhere')
    expect(await news()).toEqual([])
  })

  test('a copied refresh token is told, with the session it ended', async () => {
    const { refreshToken } = (await login(guard())).body.data.tokens
    await cloud.call('POST', '/api/v1/auth/refresh', { body: { refreshToken } })
    cloud.clock.nowMs += 11_000
    await news()
    await cloud.call('POST', '/api/v1/auth/refresh', { body: { refreshToken } })
    expect((await news()).map(({ action, after }) => [action, after])).toEqual([
      ['session.reuse_found', null],
      ['session.end', expect.objectContaining({ why: 'reuse' })],
    ])
  })

  test('keys are told with what they may, and never themselves', async () => {
    const token = await cloud.signIn(school, 'school_admin')
    await news()
    const made = await cloud.call('POST', '/api/v1/auth/access-keys', {
      token,
      body: { name: 'nightly', scopes: ['student:read'], days: 30 },
    })
    const { key, accessKey } = made.body.data
    await cloud.call('DELETE', `/api/v1/auth/access-keys/${accessKey.id}`, { token })
    const rows = await news()
    expect(rows.map(({ action, subject_id }) => [action, subject_id])).toEqual([
      ['key.create', accessKey.id],
      ['key.end', accessKey.id],
    ])
    expect(rows[0]!.after).toMatchObject({ name: 'nightly', scopes: ['student:read'] })
    expect(JSON.stringify(await said(school.schoolId))).not.toContain(key.slice(4))
  })

  test('somebody deactivated: each session’s end is told, by who did it', async () => {
    const { user } = (await login(school.users.get('staff')!)).body.data
    await news()
    const { schoolId } = school
    const by = {
      kind: 'command',
      id: null,
      name: '',
      role: null,
      sessionId: null,
      address: null,
      requestId: null,
    } as const
    await inSchool(database.db, schoolId, tx =>
      deactivateUser(tx, { schoolId, userId: user.id, nowMs: cloud.clock.nowMs, by }),
    )
    expect(await news()).toMatchObject([{ action: 'session.end', by_kind: 'command', after: { why: 'deactivated' } }])
  })

  test('a super_admin who acts in a school is in that school’s log once a session, with many requests at once', async () => {
    const email = await enterSuperAdmin(database)
    const other = await enterTestSchool(database, cloud.vault)
    const first = (await login(email)).body.data.tokens.accessToken
    await news()
    await news(other.schoolId)
    const look = (token: string, tenant: string) =>
      cloud.call('GET', '/api/v1/students', { token, headers: { 'x-gatehouse-school': tenant } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => look(first, school.tenant)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    await look(first, school.tenant)
    const entered = async (schoolId?: string) =>
      (await news(schoolId)).filter(({ action }) => action === 'school.entered')
    expect(await entered()).toMatchObject([{ by_role: 'super_admin', subject_id: school.schoolId }])
    expect(await news(other.schoolId)).toEqual([])
    await look(first, other.tenant)
    expect(await entered(other.schoolId)).toHaveLength(1)
    const second = (await login(email)).body.data.tokens.accessToken
    await look(second, school.tenant)
    expect(await entered()).toHaveLength(1)
  })
})
