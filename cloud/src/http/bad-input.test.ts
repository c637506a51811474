import { randomUUIDv7 } from 'node:crypto'
import { ApiProblem } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { mayNow } from '../auth/identity.ts'
import type { Database } from '../db/connect.ts'
import { enterSuperAdmin, enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'

let database: Database
let cloud: TestCloud
let school: TestSchool
const tokens = new Map<Role, string>()
const ids: Record<string, string> = {}
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  const users = new Map([...school.users, ['super_admin' as const, await enterSuperAdmin(database)]])
  for (const role of ROLES) tokens.set(role, await cloud.signIn({ ...school, users }, role))
  const made = async (role: Role, path: string, body: object) =>
    (await cloud.call('POST', `/api/v1${path}`, { token: tokens.get(role)!, body, headers: HERE() })).body.data
  const gate = await made('super_admin', '/gates', {
    name: 'North',
    shortName: 'north',
    accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [0] }],
  })
  const student = await made('school_admin', '/students', { studentNumber: 'B-1-x', firstName: 'Ada', lastName: 'L' })
  const pass = await made('school_admin', '/passes', {
    studentId: student.id,
    notBefore: '2026-01-01T00:00:00Z',
    expires: '2036-01-01T00:00:00Z',
    groups: [0],
  })
  Object.assign(ids, { gateId: gate.id ?? gate.gateId, studentId: student.id, passId: pass.passId })
}, 60_000)
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const HERE = () => ({ 'x-gatehouse-school': school.tenant })

/** The route's address with ids that are there, where there are such. */
const pathOf = ({ path }: Route) =>
  `/api/v1${path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? (name === 'version' ? '1' : randomUUIDv7()))}`

/** Somebody who may, so that it is the input that is refused. */
function tokenFor({ can }: Route): string | undefined {
  if (can === 'anyone') return undefined
  const role = ROLES.find(
    role => can === 'signed-in' || mayNow({ role, grants: [], scopes: null } as never, can as never),
  )
  return tokens.get(role ?? 'super_admin')
}

/** Every row of every table, as one hash: the superuser of the embedded database sees them all. */
async function everything(): Promise<Record<string, string>> {
  return database.asOwner(async owner => {
    await owner.run('set local role postgres')
    const tables = await owner.rows<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    )
    const hashes: Record<string, string> = {}
    for (const { name } of tables) {
      const rows = await owner.rows<{ hash: string }>(
        `select coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as hash from ${name} as t`,
      )
      hashes[name] = rows[0]!.hash
    }
    return hashes
  })
}

const BAD: readonly (readonly [what: string, value: string])[] = [
  ['a number', '42'],
  ['a huge number', '1e308'],
  ['a negative number', '-1'],
  ['nothing', 'null'],
  ['true', 'true'],
  ['an array', '[]'],
  ['an array of arrays', '[[[]]]'],
  ['an object', '{"$ne":1}'],
  ['a prototype', '{"__proto__":{"admin":true}}'],
  ['no text', '""'],
  ['U+0000', '"a\\u0000b"'],
  ['half a pair', '"a\\ud800b"'],
  ['a long text', JSON.stringify('x'.repeat(50_000))],
]

function isProper(said: { status: number; body: { success?: boolean; error?: unknown } }): boolean {
  return (
    said.status < 500 &&
    (said.status < 400 || (said.body.success === false && ApiProblem.safeParse(said.body.error).success))
  )
}

/** What a body of this route has at the top. */
function fieldsOf({ body }: Route): string[] {
  if (body === undefined) return []
  const schema = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as {
    properties?: object
    anyOf?: { properties?: object }[]
  }
  return Object.keys({ ...schema.properties, ...Object.assign({}, ...(schema.anyOf ?? []).map(one => one.properties)) })
}

const send = (route: Route, body: string | undefined, headers: Record<string, string> = {}, token = tokenFor(route)) =>
  cloud.call(route.method.toUpperCase(), pathOf(route), {
    ...(token !== undefined && { token }),
    ...(body !== undefined && { body }),
    headers: {
      ...HERE(),
      ...headers,
      'x-forwarded-for': `10.9.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`,
    },
  })

/** They end the sessions that this test speaks with; their input is tried in their own tests. */
const ENDS_SESSIONS = ['/auth/logout-everywhere', '/auth/password']

test('every body with a wrong field is refused in the standard shape, and nothing has changed', async () => {
  const routes = cloud.bound.filter(({ method, path }) => method !== 'get' && !ENDS_SESSIONS.includes(path))
  expect(routes.length).toBeGreaterThan(30)
  const before = await everything()
  for (const route of routes) {
    if (route.body === undefined) continue
    const wrong: string[] = []
    const tried = [
      ...fieldsOf(route).flatMap(field =>
        BAD.map(
          ([what, value]) => [`${field}: ${what}`, `{${JSON.stringify(field)}:${value},"unknown-field":1}`] as const,
        ),
      ),
      ['unknown field', '{"unknown-field":1}'] as const,
      ...BAD.map(([what, value]) => [`body: ${what}`, value] as const),
    ]
    for (const [what, body] of tried) {
      const said = await send(route, body)
      if (!isProper(said) || said.status < 400) wrong.push(`${route.method} ${route.path} ${what}: ${said.status}`)
    }
    expect(wrong).toEqual([])
    expect([route.path, await everything()]).toEqual([route.path, before])
  }
}, 300_000)

test('no id in a path and no query breaks a route', async () => {
  const texts = [
    '%00',
    'a%00b',
    '%ED%A0%80',
    '..%2f..',
    "'%20or%201=1--",
    'x'.repeat(2_000),
    '-1',
    '99999999999999999999',
  ]
  for (const route of cloud.bound.filter(({ path }) => !ENDS_SESSIONS.includes(path))) {
    const token = tokenFor(route)
    const call = (path: string) =>
      cloud.call(route.method.toUpperCase(), path, {
        ...(token !== undefined && { token }),
        ...(route.method !== 'get' && { body: '{"unknown-field":1}' }),
        headers: HERE(),
      })
    for (const text of texts) {
      if (route.path.includes(':')) {
        const said = await call(`/api/v1${route.path.replace(/:\w+/g, text)}`)
        expect([route.path, text, said.status >= 400 && isProper(said), said.status]).toEqual([
          route.path,
          text,
          true,
          said.status,
        ])
      }
      if (route.method !== 'get' || route.query === undefined) continue
      for (const name of [...fieldsOf({ ...route, body: route.query }), 'unknown']) {
        const said = await call(`${pathOf(route)}?${name}=${text}&${name}=${text}`)
        expect([route.path, name, text, isProper(said), said.status]).toEqual([
          route.path,
          name,
          text,
          true,
          said.status,
        ])
      }
    }
  }
}, 300_000)

test('an expired, a forged and a foreign token open nothing', async () => {
  const [head, claims, signature] = tokens.get('school_admin')!.split('.')
  const forged = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(claims!, 'base64url').toString()), role: 'super_admin' }),
  ).toString('base64url')
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  const bad = [
    `${head}.${forged}.${signature}`,
    `${none}.${claims}.`,
    `${head}.${claims}.${'A'.repeat(86)}`,
    'x',
    'ghk_x',
  ]
  for (const route of cloud.bound.filter(({ can }) => can !== 'anyone')) {
    for (const token of bad)
      expect([route.path, (await send(route, route.method === 'get' ? undefined : '{}', {}, token)).status]).toEqual([
        route.path,
        401,
      ])
  }
}, 300_000)

test('what is no JSON, and what says it is something else, is refused', async () => {
  const route = cloud.bound.find(({ path, method }) => path === '/students' && method === 'post')!
  for (const [body, headers] of [
    ['{"a":', {}],
    ['<a/>', { 'content-type': 'application/xml' }],
    ['a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    [`{"a":"${'x'.repeat(200_000)}"}`, {}],
    ['['.repeat(40_000), {}],
    [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, {}],
  ] as const) {
    const said = await send(route, body, headers)
    expect([body.slice(0, 10), said.status >= 400 && isProper(said), said.status]).toEqual([
      body.slice(0, 10),
      true,
      said.status,
    ])
  }
})
