import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { parseFilter } from './filter.ts'

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'

onBothEngines('SCIM', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let key: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    key = await keyOf(school, ['scim:use'])
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const keyOf = async (of: TestSchool, scopes: readonly string[]): Promise<string> => {
    const token = await cloud.signIn(of, 'school_admin')
    const body = { name: 'identity provider', scopes }
    return (await cloud.call('POST', '/api/v1/auth/access-keys', { token, body })).body.data.key
  }
  const scim = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    cloud.call(method, `/scim/v2${path}`, {
      token: key,
      headers: { 'content-type': 'application/scim+json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  let number = 0
  const create = async (fields: object = {}) =>
    (
      await scim('POST', '/Users', {
        schemas: [USER],
        userName: `person${++number}@corp.example`,
        displayName: 'Ada Lovelace',
        ...fields,
      })
    ).body
  const patch = (id: string, ...Operations: object[]) =>
    scim('PATCH', `/Users/${id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations })
  const names = async (filter: string) => {
    const { body } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    return body.Resources?.map(({ userName }: { userName: string }) => userName) ?? body
  }

  test('is for a key that was made for it, and for nothing else', async () => {
    const admin = await cloud.signIn(school, 'school_admin')
    const other = await keyOf(school, ['feed:read'])
    for (const [token, status] of [
      [undefined, 401],
      ['nonsense', 401],
      [admin, 403],
      [other, 403],
      [key, 200],
    ] as const) {
      const said = await cloud.call('GET', '/scim/v2/Users', token === undefined ? {} : { token })
      expect([token === key, said.status]).toEqual([token === key, status])
      if (status !== 200)
        expect(said.body).toMatchObject({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
          status: String(status),
        })
    }
    expect((await cloud.call('GET', '/api/v1/students', { token: key })).status).toBe(403)
  })

  test('says what it can', async () => {
    expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      etag: { supported: true },
    })
    expect((await scim('GET', '/ResourceTypes')).body.Resources.map(({ id }: { id: string }) => id)).toEqual([
      'User',
      'Group',
    ])
    expect((await scim('GET', `/Schemas/${USER}`)).body).toMatchObject({ id: USER })
    const nothing = await scim('GET', '/Things')
    expect([nothing.status, nothing.headers.get('content-type')]).toEqual([404, 'application/scim+json; charset=utf-8'])
  })

  test('an account is made, read, replaced and switched off, each with its tag, and all of it is in the audit log', async () => {
    const made = await scim('POST', '/Users', {
      schemas: [USER],
      userName: 'new.person@corp.example',
      externalId: 'ext-1',
      name: { givenName: 'Zoë', familyName: 'Ångström' },
      emails: [{ value: 'new.person@corp.example', primary: true }],
      roles: [{ value: 'security' }],
    })
    expect(made.status).toBe(201)
    const { id } = made.body
    expect(made.headers.get('location')).toBe(`http://localhost:8080/scim/v2/Users/${id}`)
    expect(made.body).toMatchObject({
      userName: 'new.person@corp.example',
      externalId: 'ext-1',
      displayName: 'Zoë Ångström',
      active: true,
      roles: [{ value: 'security' }],
    })
    const read = await scim('GET', `/Users/${id}`)
    expect([read.body, read.headers.get('etag')]).toEqual([made.body, 'W/"1"'])
    const replaced = await scim(
      'PUT',
      `/Users/${id}`,
      { schemas: [USER], userName: 'other@corp.example', displayName: 'Zoë', active: true },
      { 'if-match': 'W/"1"' },
    )
    expect(replaced.body).toMatchObject({
      userName: 'other@corp.example',
      displayName: 'Zoë',
      meta: { version: 'W/"2"' },
    })
    expect(replaced.body.externalId).toBe(undefined)
    expect((await scim('PUT', `/Users/${id}`, { userName: 'x@corp.example' }, { 'if-match': 'W/"1"' })).status).toBe(
      412,
    )
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await scim('GET', `/Users/${id}`)).body.active).toBe(false)
    const rows = await inSchool(database.db, school.schoolId, tx =>
      tx.selectFrom('audit_log').select(['action', 'by_kind']).where('subject_id', '=', id).orderBy('id').execute(),
    )
    expect(rows[0]).toEqual({ action: 'user.create', by_kind: 'scim' })
    expect(rows.filter(({ action }) => action === 'user.update')).toHaveLength(2)
  })

  test('who was deleted here is not there any more, and the provider may enter them anew', async () => {
    const { id, externalId } = await create({ userName: 'gone@corp.example', externalId: 'ext-gone' })
    const admin = await cloud.signIn(school, 'school_admin')
    expect((await cloud.call('DELETE', `/api/v1/users/${id}`, { token: admin })).status).toBe(200)
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404)
    expect((await patch(id, { op: 'replace', path: 'active', value: true })).status).toBe(404)
    expect(await names(`id eq "${id}"`)).toEqual([])
    expect((await create({ userName: 'gone@corp.example', externalId })).id).toEqual(expect.any(String))
  })

  test('a change by hand and one by the provider count as versions of the same person', async () => {
    const { id } = await create({ roles: [{ value: 'staff' }] })
    const token = await cloud.signIn(school, 'school_admin')
    const byHand = await cloud.call('PATCH', `/api/v1/users/${id}`, { token, body: { grants: ['pii:read'] } })
    expect(byHand.headers.get('etag')).toBe('"2"')
    expect((await scim('GET', `/Users/${id}`)).headers.get('etag')).toBe('W/"2"')
    await patch(id, { op: 'replace', path: 'roles', value: [{ value: 'security' }] })
    const user = (await cloud.call('GET', `/api/v1/users/${id}`, { token })).body.data
    expect(user).toMatchObject({ version: 3, role: 'security', grants: [] })
    const late = await cloud.call('PATCH', `/api/v1/users/${id}`, {
      token,
      body: { displayName: 'x' },
      headers: { 'if-match': '"2"' },
    })
    expect(late.body.error.code).toBe('changed_meanwhile')
  })

  test('switching off ends the sessions at once', async () => {
    const staff = await cloud.signIn(school, 'staff')
    const [row] = (
      await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${school.users.get('staff')}"`)}`)
    ).body.Resources
    expect((await cloud.call('GET', '/api/v1/students', { token: staff })).status).toBe(200)
    // As Entra says it.
    expect((await patch(row.id, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false)
    expect((await cloud.call('GET', '/api/v1/students', { token: staff })).status).toBe(401)
    expect((await patch(row.id, { op: 'replace', value: { active: true } })).body.active).toBe(true)
    expect((await cloud.call('GET', '/api/v1/students', { token: staff })).status).toBe(401)
  })

  test('another role counts at once', async () => {
    const token = await cloud.signIn(school, 'security')
    const [row] = (
      await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${school.users.get('security')}"`)}`)
    ).body.Resources
    await patch(row.id, { op: 'replace', path: 'roles', value: [{ value: 'facilities' }] })
    expect((await cloud.call('GET', '/api/v1/passes', { token })).status).toBe(401)
  })

  test('patches as Okta and Entra send them', async () => {
    const { id } = await create()
    const now = async (...operations: object[]) => (await patch(id, ...operations)).body
    expect(await now({ op: 'replace', value: { displayName: 'Okta Name', active: false } })).toMatchObject({
      displayName: 'Okta Name',
      active: false,
    })
    expect(
      await now({ op: 'Add', path: 'externalId', value: 'entra-1' }, { op: 'Replace', path: 'active', value: 'True' }),
    ).toMatchObject({ externalId: 'entra-1', active: true })
    expect(
      await now({ op: 'Replace', path: 'emails[type eq "work"].value', value: 'Moved@corp.example' }),
    ).toMatchObject({ userName: 'Moved@corp.example' })
    expect(await now({ op: 'Replace', path: 'name.familyName', value: 'King' })).toMatchObject({
      displayName: 'Okta King',
    })
    expect(await now({ op: 'replace', path: `${USER}:displayName`, value: 'By Urn' })).toMatchObject({
      displayName: 'By Urn',
    })
    expect(await now({ op: 'remove', path: 'externalId' })).not.toHaveProperty('externalId')
    // What is not kept here is passed over.
    expect(await now({ op: 'add', path: 'title', value: 'Dean' })).toMatchObject({ displayName: 'By Urn' })
  })

  test('filters', async () => {
    await create({ userName: 'filter.a@corp.example', displayName: 'Filter A', externalId: 'F-A' })
    await create({ userName: 'filter.b@corp.example', displayName: 'Filter 100%', active: false })
    const [a, b] = ['filter.a@corp.example', 'filter.b@corp.example']
    for (const [filter, found] of [
      ['userName eq "FILTER.A@corp.example"', [a]],
      ['userName sw "filter."', [a, b]],
      ['emails co "ter.b"', [b]],
      ['emails.value eq "filter.b@corp.example"', [b]],
      ['externalId eq "F-A"', [a]],
      ['externalId eq "f-a"', []],
      ['userName sw "filter" and active eq true', [a]],
      ['userName sw "filter" and active eq False', [b]],
      ['(userName eq "nobody" or displayName eq "filter a") and externalId pr', [a]],
      ['userName sw "filter" and not (externalId pr)', [b]],
      ['displayName co "%"', [b]],
      ['displayName eq "x\\" or 1=1"', []],
    ] as const) {
      expect([filter, await names(filter)]).toEqual([filter, found])
    }
    for (const filter of [
      'userName',
      'userName eq',
      'userName eq "x',
      'userName xx "x"',
      'shoeSize eq "43"',
      'active eq "yes"',
      '(userName pr',
      'userName pr pr',
      '((((((((((((userName pr))))))))))))',
    ]) {
      const { status, body } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      expect([filter, status, body.scimType]).toEqual([filter, 400, 'invalidFilter'])
    }
  })

  test('or binds less than and', () => {
    expect(parseFilter('a pr or b pr and c pr')).toMatchObject({ kind: 'or', right: { kind: 'and' } })
  })

  test('pages begin at 1, and students and others’ accounts are in none of them', async () => {
    const all = (await scim('GET', '/Users?count=200')).body
    const paged: string[] = []
    for (let startIndex = 1; startIndex <= all.totalResults; startIndex += 2) {
      const { body } = await scim('GET', `/Users?startIndex=${startIndex}&count=2`)
      expect(body).toMatchObject({ totalResults: all.totalResults, startIndex })
      paged.push(...body.Resources.map(({ id }: { id: string }) => id))
    }
    expect(paged).toEqual(all.Resources.map(({ id }: { id: string }) => id))
    expect((await scim('GET', '/Users?count=0')).body).toMatchObject({ totalResults: all.totalResults, Resources: [] })
    expect(await names(`userName eq "${school.users.get('student')}"`)).toEqual([])
    const other = await enterTestSchool(database, cloud.vault)
    expect(await names(`userName eq "${other.users.get('staff')}"`)).toEqual([])
    const theirs = (await cloud.call('GET', '/scim/v2/Users', { token: await keyOf(other, ['scim:use']) })).body
      .Resources[0].id
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const body =
        method === 'PATCH'
          ? { Operations: [{ op: 'replace', path: 'active', value: false }] }
          : { userName: 'x@y.example' }
      expect([method, (await scim(method, `/Users/${theirs}`, method === 'GET' ? undefined : body)).status]).toEqual([
        method,
        404,
      ])
    }
  })

  test('refuses what cannot be, in its own shape', async () => {
    const first = await create({ externalId: 'same' })
    for (const [body, status, scimType] of [
      [{ userName: first.userName.toUpperCase() }, 409, 'uniqueness'],
      [{ userName: 'another@corp.example', externalId: 'same' }, 409, 'uniqueness'],
      [{ userName: 'no address' }, 400, 'invalidValue'],
      [{}, 400, 'invalidValue'],
      [{ userName: 'a@corp.example', roles: [{ value: 'super_admin' }] }, 400, 'invalidValue'],
      [{ userName: 'a@corp.example', active: 'perhaps' }, 400, 'invalidValue'],
    ] as const) {
      const said = await scim('POST', '/Users', body)
      expect([said.status, said.body.scimType, said.body.status]).toEqual([status, scimType, String(status)])
    }
    const broken = await cloud.call('POST', '/scim/v2/Users', {
      token: key,
      headers: { 'content-type': 'application/scim+json' },
      body: '{',
    })
    expect([broken.status, broken.body.schemas]).toEqual([400, ['urn:ietf:params:scim:api:messages:2.0:Error']])
  })

  test('groups are the roles: joining one is changing to it, and nobody becomes a super_admin', async () => {
    const { id } = await create()
    const groups = (await scim('GET', '/Groups')).body.Resources.map((group: { id: string }) => group.id)
    expect(groups).toEqual(['school_admin', 'staff', 'security', 'facilities'])
    expect(
      (
        await scim('PATCH', '/Groups/facilities', {
          Operations: [{ op: 'Add', path: 'members', value: [{ value: id }] }],
        })
      ).status,
    ).toBe(204)
    expect((await scim('GET', `/Users/${id}`)).body.roles).toEqual([{ value: 'facilities', primary: true }])
    const group = (await scim('GET', '/Groups/facilities')).body
    expect(group.members.map(({ value }: { value: string }) => value)).toContain(id)
    expect(
      (
        await scim('GET', `/Groups?filter=${encodeURIComponent('displayName eq "gatehouse security"')}`)
      ).body.Resources.map((one: { id: string }) => one.id),
    ).toEqual(['security'])
    expect(
      (
        await scim('PATCH', '/Groups/super_admin', {
          Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }],
        })
      ).status,
    ).toBe(404)
    expect(
      (await scim('PATCH', '/Groups/facilities', { Operations: [{ op: 'remove', path: `members[value eq "${id}"]` }] }))
        .body.scimType,
    ).toBe('mutability')
  })

  test('the last administrator stays one', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const theirKey = await keyOf(own, ['scim:use'])
    const as = (method: string, path: string, body?: object) =>
      cloud.call(method, `/scim/v2${path}`, {
        token: theirKey,
        headers: { 'content-type': 'application/scim+json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    const [admin] = (await as('GET', `/Users?filter=${encodeURIComponent('roles eq "school_admin"')}`)).body.Resources
    for (const operation of [
      { op: 'replace', path: 'active', value: false },
      { op: 'replace', path: 'roles', value: [{ value: 'staff' }] },
    ]) {
      expect((await as('PATCH', `/Users/${admin.id}`, { Operations: [operation] })).body.scimType).toBe('mutability')
    }
    expect((await as('DELETE', `/Users/${admin.id}`)).status).toBe(400)
    expect((await as('GET', `/Users/${admin.id}`)).body).toMatchObject({
      active: true,
      roles: [{ value: 'school_admin' }],
    })
  })
})
