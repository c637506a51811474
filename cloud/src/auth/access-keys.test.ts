import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('personal access keys', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    admin = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const make = (scopes: readonly string[], token = admin, more: object = {}) =>
    cloud.call('POST', '/api/v1/auth/access-keys', { token, body: { name: 'program', scopes, ...more } })
  const keyFor = async (...scopes: string[]) => (await make(scopes)).body.data.key as string
  const get = async (path: string, token: string) => {
    const { status, body } = await cloud.call('GET', `/api/v1${path}`, { token })
    return status === 200 ? 200 : body.error.code
  }

  test('a key may what it was made for, and nothing else its owner may', async () => {
    const token = await keyFor('student:read')
    expect(await get('/students', token)).toBe(200)
    expect(await get('/auth/me', token)).toBe(200)
    expect(await get('/passes', token)).toBe('not_allowed')
    const create = await cloud.call('POST', '/api/v1/students', {
      token,
      body: { studentNumber: 'K-1', firstName: 'Ada', lastName: '' },
    })
    expect(create.status).toBe(403)
  })

  test('what it does is in the log as done by a key, in its owner’s name', async () => {
    const { key, accessKey } = (await make(['settings:update'])).body.data
    const body = { secondFactorFor: [], signOn: null }
    expect((await cloud.call('PUT', '/api/v1/settings/sign-in', { token: key, body })).status).toBe(200)
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').selectAll().where('action', '=', 'settings.update').execute(),
    )
    const { id } = (await cloud.call('GET', '/api/v1/auth/me', { token: admin })).body.data
    expect(rows).toMatchObject([{ by_kind: 'key', by_id: id, session_id: accessKey.id }])
  })

  test('it does nothing a person does for themselves, and makes no keys', async () => {
    const token = await keyFor('student:read')
    for (const [method, path] of [
      ['GET', '/auth/sessions'],
      ['GET', '/auth/factors'],
      ['POST', '/auth/logout-everywhere'],
      ['POST', '/auth/passkeys/options'],
    ] as const) {
      const { status, body } = await cloud.call(method, `/api/v1${path}`, { token })
      expect([path, status, body.error.code]).toEqual([path, 403, 'not_for_keys'])
    }
    expect((await make(['student:read'], token)).status).toBe(403)
    expect((await make(['key:own'])).status).toBe(422)
    expect((await make(['my:read'])).status).toBe(422)
  })

  test('nobody makes a key that may more than they do; a demotion counts at once for keys too', async () => {
    const staff = await cloud.signIn(school, 'staff')
    const beyond = await make(['student:read', 'user:update'], staff)
    expect([beyond.status, beyond.body.error.code]).toEqual([403, 'scope_beyond_rights'])
    expect(beyond.body.error.message).toContain('user:update')
    const token = (await make(['student:read', 'student:update'], staff)).body.data.key
    expect(await get('/students', token)).toBe(200)
    const set = (role: 'facilities' | 'staff') =>
      inSchool(database.db, school.schoolId, tx =>
        tx.updateTable('users').set({ role }).where('email', '=', school.users.get('staff')!).execute(),
      )
    await set('facilities')
    expect(await get('/students', token)).toBe('not_allowed')
    await set('staff')
    expect(await get('/students', token)).toBe(200)
  })

  test('it ends on its day, and with its owner', async () => {
    const token = (await make(['student:read'], admin, { days: 1 })).body.data.key
    expect(await get('/students', token)).toBe(200)
    cloud.clock.nowMs += 86_400_000
    expect(await get('/students', token)).toBe('not_signed_in')
    admin = await cloud.signIn(school, 'school_admin')
  })

  test('scim:use stands alone, each scope is named once, and there is at least one', async () => {
    for (const scopes of [['scim:use', 'student:read'], ['student:read', 'student:read'], [], ['no:such']]) {
      expect((await make(scopes)).status).toBe(422)
    }
    expect((await make(['scim:use'])).status).toBe(201)
  })

  test('a key has a count of its own, larger than a session’s', async () => {
    const answer = await cloud.call('GET', '/api/v1/students', { token: await keyFor('student:read') })
    expect(answer.headers.get('ratelimit-limit')).toBe('6000')
    const session = await cloud.call('GET', '/api/v1/students', { token: admin })
    expect(session.headers.get('ratelimit-limit')).toBe('3000')
  })

  test('twenty are enough', async () => {
    const guard = await cloud.signIn(school, 'security')
    const said = []
    for (let made = 0; made < 21; made++) said.push((await make(['student:read'], guard)).status)
    expect([said.slice(0, 20), said[20]]).toEqual([Array(20).fill(201), 409])
  })

  test('an administrator sees whose keys there are and ends one; another school has none of it', async () => {
    const staff = await cloud.signIn(school, 'staff')
    const { key, accessKey } = (await make(['student:read'], staff)).body.data
    const list = async (token: string, query = '') =>
      (await cloud.call('GET', `/api/v1/access-keys${query}`, { token })).body
    const { data: all, metadata } = await list(admin, '?limit=100')
    expect(all.find(({ id }: { id: string }) => id === accessKey.id)).toMatchObject({ owner: { role: 'staff' } })
    expect(JSON.stringify(all)).not.toContain(key)
    expect((await list(admin, '?limit=1')).data).toHaveLength(1)
    expect(metadata.pagination.total).toBe(all.length)

    const other = await enterTestSchool(database, cloud.vault)
    const stranger = await cloud.signIn(other, 'school_admin')
    expect((await list(stranger)).data).toEqual([])
    const end = (token: string) => cloud.call('DELETE', `/api/v1/access-keys/${accessKey.id}`, { token })
    expect((await end(stranger)).status).toBe(404)
    expect(await get('/students', key)).toBe(200)
    expect((await end(admin)).status).toBe(200)
    expect(await get('/students', key)).toBe('not_signed_in')
    expect((await end(admin)).status).toBe(404)
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').selectAll().where('action', '=', 'key.end').execute(),
    )
    expect(rows.at(-1)).toMatchObject({ subject_id: accessKey.id, by_role: 'school_admin' })
  })
})
