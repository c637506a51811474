import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiProblem, Metadata } from '@gatehouse/shared/wire/api/envelope.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, type Said, startCloud, type TestCloud } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'

let database: Database
let cloud: TestCloud
let token: string
const dashboard = mkdtempSync(join(tmpdir(), 'gatehouse-dashboard-'))
let failing = false
beforeAll(async () => {
  writeFileSync(join(dashboard, 'index.html'), '<!doctype html><title>Gatehouse</title>')
  mkdirSync(join(dashboard, 'assets'))
  for (const name of ['code-worker-D8r7JDor.js', 'verify-page-DOAvX2ZZ.js']) {
    writeFileSync(join(dashboard, 'assets', name), '')
  }
  database = await freshPglite()
  cloud = await startCloud(database, {
    dashboardFolder: dashboard,
    checks: [
      {
        name: 'database',
        critical: true,
        run: async () => {
          if (failing) throw new Error('password=hunter2')
        },
      },
    ],
  })
  token = await cloud.signIn(await enterTestSchool(database, cloud.vault), 'school_admin')
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  rmSync(dashboard, { recursive: true, force: true })
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  cloud.call('POST', '/api/v1/students', { token, body: body as object, headers })

function isProblem({ body, status, headers }: Said, code: string, statusWanted: number) {
  expect(status).toBe(statusWanted)
  expect(body).toMatchObject({ success: false, data: null, error: { code } })
  expect(ApiProblem.parse(body.error).requestId).toBe(headers.get('x-request-id'))
  Metadata.parse(body.metadata)
}

test('every mistake in a body is told at once, each with its place', async () => {
  const said = await post({ studentNumber: 'x'.repeat(60), lastName: 'x', email: 'no', surprise: 1 })
  isProblem(said, 'validation_failed', 422)
  expect(said.body.error.details.map(({ path }: { path: string }) => path).sort()).toEqual([
    '',
    'email',
    'firstName',
    'studentNumber',
  ])
})

test('a body that is no JSON is a 400', async () => isProblem(await post('{"a":'), 'malformed_json', 400))

test('a body beyond 100 kB is refused', async () =>
  isProblem(await post({ firstName: 'x'.repeat(120_000) }), 'too_large', 413))

test('an address that is not there is a 404 in the same shape', async () => {
  isProblem(await cloud.call('GET', '/api/v1/nothing', { token }), 'not_found', 404)
  isProblem(await cloud.call('PUT', '/api/v1/students', { token }), 'not_found', 404)
  isProblem(await cloud.call('GET', '/device/v1/nothing'), 'not_found', 404)
})

test('an id that is none is a 404: nothing has it', async () => {
  isProblem(await cloud.call('GET', "/api/v1/students/1'--", { token }), 'not_found', 404)
})

test('a page out of bounds is refused, and an unbelievable one is empty', async () => {
  isProblem(await cloud.call('GET', '/api/v1/students?limit=101', { token }), 'validation_failed', 422)
  isProblem(await cloud.call('GET', '/api/v1/students?page=0', { token }), 'validation_failed', 422)
  expect((await cloud.call('GET', '/api/v1/students?page=999999', { token })).body.data).toEqual([])
})

test('a request id is taken when it is safe, and made when it is not', async () => {
  const taken = await cloud.call('GET', '/api/health', { headers: { 'x-request-id': 'trace-7.a_B' } })
  expect(taken.headers.get('x-request-id')).toBe('trace-7.a_B')
  const made = await cloud.call('GET', '/api/health', { headers: { 'x-request-id': 'a'.repeat(65) } })
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('the policy of what a page may load names its own feed', async () => {
  const { headers } = await cloud.call('GET', '/')
  const policy = headers.get('content-security-policy')!
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain(`connect-src 'self' ws://${new URL(cloud.url).host}`)
  expect(policy).not.toContain('unsafe')
  expect(headers.get('x-powered-by')).toBe(null)
})

test('WebAssembly is for the worker that reads codes, and for no page and no other script', async () => {
  const policyOf = async (path: string) => (await cloud.call('GET', path)).headers.get('content-security-policy')
  expect(await policyOf('/assets/code-worker-D8r7JDor.js')).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
  )
  for (const path of ['/', '/verify', '/assets/verify-page-DOAvX2ZZ.js', '/assets/gone.js', '/api/health']) {
    expect([path, await policyOf(path)]).toEqual([path, expect.not.stringContaining('wasm')])
  }
})

test('addresses of the dashboard get its page; those of programs do not', async () => {
  expect((await cloud.call('GET', '/students/1')).body).toContain('<title>Gatehouse</title>')
  expect((await cloud.call('GET', '/')).body).toContain('<title>Gatehouse</title>')
  for (const path of ['/api/x', '/device/x', '/mqtt', '/assets/gone.js']) {
    expect([path, (await cloud.call('GET', path)).status]).toEqual([path, 404])
  }
})

test('no answer of the API is kept by a cache', async () => {
  expect((await cloud.call('GET', '/api/v1/auth/me', { token })).headers.get('cache-control')).toBe('no-store')
})

test('ready is unhealthy while something critical fails, and says no word of why', async () => {
  failing = true
  // Through a proxy: who asks from the machine itself is its operator.
  const said = await cloud.call('GET', '/api/health/ready', { headers: { 'x-forwarded-for': '10.1.2.3' } })
  expect(said.status).toBe(503)
  expect(said.body).toMatchObject({ status: 'unhealthy', checks: { database: { status: 'unhealthy' } } })
  expect(JSON.stringify(said.body)).not.toContain('hunter2')
  expect((await cloud.call('GET', '/api/health')).status).toBe(200)
})
