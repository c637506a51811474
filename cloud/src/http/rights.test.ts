import { randomUUIDv7 } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { may, type Operation, ROLES } from '@gatehouse/shared/wire/rights.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterSuperAdmin, enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'

let database: Database
let cloud: TestCloud
let school: TestSchool
let other: TestSchool
const tokens = new Map<string, string>()
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  other = await enterTestSchool(database, cloud.vault)
  const users = new Map([...school.users, ['super_admin' as const, await enterSuperAdmin(database)]])
  for (const role of ROLES) tokens.set(role, await cloud.signIn({ ...school, users }, role))
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Two thousand requests on a machine with other things to do. A deadline and not a measurement. */
const WALK_MS_MAX = 120_000

/** An address of the route that names nothing that exists. */
const pathOf = (path: string) =>
  `/api/v1${path.replace(':passId', '00000000000000ff').replace(/:\w+/g, () => randomUUIDv7())}`

test('every route of the contract is bound, and nothing else is', async () => {
  const folder = new URL(import.meta.resolve('@gatehouse/shared/wire/api/envelope.ts'))
  const files = readdirSync(new URL('.', folder)).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const told = (await Promise.all(files.map(name => import(new URL(name, folder).href))))
    .flatMap(file => Object.values(file as object))
    .filter((one): one is Route => typeof one === 'object' && one !== null && 'method' in one && 'path' in one)
    .map(({ method, path }) => `${method} ${path}`)
  expect(told.length).toBeGreaterThan(50)
  expect(cloud.bound.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(told.toSorted())
})

test('every route refuses who is not signed in, and every role what the table does not give it', {
  timeout: WALK_MS_MAX,
}, async () => {
  // Signing out everywhere would end the tokens of this test.
  const walked = cloud.bound.filter(({ can, path }) => can !== 'anyone' && path !== '/auth/logout-everywhere')
  expect(walked.length).toBeGreaterThan(20)
  for (const { method, path, can } of walked) {
    const call = (token?: string) =>
      cloud.call(method.toUpperCase(), pathOf(path), {
        ...(token !== undefined && { token }),
        ...(method !== 'get' && { body: {} }),
        headers: { 'x-gatehouse-school': school.tenant },
      })
    expect([path, (await call()).status]).toEqual([path, 401])
    for (const role of ROLES) {
      const { status, body } = await call(tokens.get(role))
      const allowed = can === 'signed-in' || may(role, can as Operation)
      expect([method, path, role, status === 403 ? body.error.code : 'let in']).toEqual([
        method,
        path,
        role,
        allowed ? 'let in' : 'not_allowed',
      ])
      expect(status).toBeLessThan(500)
    }
  }
})

test('a super_admin names the school, and without it is asked to', async () => {
  const token = tokens.get('super_admin')!
  expect((await cloud.call('GET', '/api/v1/students', { token })).body.error.code).toBe('school_not_chosen')
  const named = await cloud.call('GET', '/api/v1/students', { token, headers: { 'x-gatehouse-school': other.tenant } })
  expect(named.status).toBe(200)
})

test('naming another school is nothing to anybody else', async () => {
  const token = tokens.get('school_admin')!
  const made = await cloud.call('POST', '/api/v1/students', {
    token,
    headers: { 'x-gatehouse-school': other.tenant },
    body: { studentNumber: 'R-1', firstName: 'Ada', lastName: '' },
  })
  expect(made.status).toBe(201)
  const theirs = await cloud.call('GET', '/api/v1/students', { token: await cloud.signIn(other, 'school_admin') })
  expect(theirs.body.data).toEqual([])
})

test('ids of another school are not found, whatever is done with them', async () => {
  const token = await cloud.signIn(other, 'school_admin')
  const mine = (await cloud.call('GET', '/api/v1/students', { token: tokens.get('school_admin')! })).body.data[0].id
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', { firstName: 'Eve' }],
    ['DELETE', undefined],
  ] as const) {
    expect((await cloud.call(method, `/api/v1/students/${mine}`, { token, ...(body && { body }) })).status).toBe(404)
  }
  const issued = await cloud.call('POST', '/api/v1/passes', {
    token,
    body: { studentId: mine, notBefore: '2026-01-01T00:00:00Z', expires: '2030-01-01T00:00:00Z', groups: [0] },
  })
  expect(issued.status).toBe(404)
})
