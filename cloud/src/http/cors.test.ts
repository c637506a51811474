import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { startCloud, type TestCloud } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'

const PORTAL = 'https://portal.example'
let database: Database
let cloud: TestCloud
let closed: TestCloud
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database, { allowedOrigins: [PORTAL], publicUrl: 'https://gatehouse.example' })
  closed = await startCloud(database)
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const preflight = (at: TestCloud, origin: string) =>
  at.call('OPTIONS', '/api/v1/students', { headers: { origin, 'access-control-request-method': 'POST' } })

test('a page of an origin that is named may ask, with what the API takes and no cookie', async () => {
  const { status, headers } = await preflight(cloud, PORTAL)
  expect(status).toBe(204)
  expect(headers.get('access-control-allow-origin')).toBe(PORTAL)
  expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, PATCH, DELETE')
  expect(headers.get('access-control-allow-headers')).toBe(
    'Content-Type, Authorization, X-Request-ID, If-Match, Idempotency-Key',
  )
  expect(headers.get('access-control-allow-credentials')).toBe(null)
  const answer = await cloud.call('GET', '/api/v1/students', { headers: { origin: PORTAL } })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, PORTAL])
  expect(answer.headers.get('vary')).toContain('Origin')
  expect(answer.headers.get('access-control-expose-headers')).toContain('ETag')
})

test.each([
  'https://portal.example.evil.example',
  'https://evil-portal.example',
  'http://portal.example',
  'https://portal.example:8443',
  'HTTPS://PORTAL.EXAMPLE',
  'null',
  '*',
])('%s is not that origin', async origin => {
  for (const said of [
    await preflight(cloud, origin),
    await cloud.call('GET', '/api/v1/students', { headers: { origin } }),
    await preflight(closed, origin),
  ]) {
    expect([...said.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
  }
})

test('where no origin is named nobody is answered, and no answer differs by it', async () => {
  const { headers } = await preflight(closed, PORTAL)
  expect([...headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
  expect(headers.get('vary') ?? '').not.toContain('Origin')
})

test('browsers are told to keep to TLS where people come over TLS, and nowhere else', async () => {
  const over = await cloud.call('GET', '/api/health')
  expect(over.headers.get('strict-transport-security')).toBe('max-age=31536000')
  const plain = await closed.call('GET', '/api/health')
  expect(plain.headers.get('strict-transport-security')).toBe(null)
})

test('every kind of answer says what a browser may do with it', async () => {
  for (const path of ['/api/v1/students', '/api/v1/nothing', '/api/health', '/', '/device/v1/x', '/api/docs']) {
    const { headers } = await closed.call('GET', path)
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
    expect([path, headers.get('content-security-policy')]).toEqual([
      path,
      expect.stringMatching(/^default-src '(self|none)'/),
    ])
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect([path, headers.get('x-frame-options')]).not.toEqual([path, null])
    expect([path, headers.get('referrer-policy')]).toEqual([path, 'same-origin'])
    expect([path, headers.get('x-powered-by'), headers.get('server')]).toEqual([path, null, null])
  }
})
