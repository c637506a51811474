import { route } from '@gatehouse/shared/wire/contract.ts'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../db/connect.ts'
import { answersAsDescribed } from '../testing/as-described.ts'
import { type Said, startCloud, type TestCloud } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { pathOf } from './openapi.ts'

let database: Database
let cloud: TestCloud
let said: Said
beforeAll(async () => {
  database = await freshPglite()
  cloud = await startCloud(database)
  said = await cloud.call('GET', '/api/v1/openapi.json')
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

type Operation = Record<string, unknown> & {
  operationId: string
  security: object[]
  tags: string[]
  responses: Record<string, object>
  parameters?: { in: string; name: string; required?: boolean }[]
}
const operations = (): [string, Operation][] =>
  Object.entries(said.body.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Operation] => [`${method} ${path}`, one]),
  )

test('the document is sound OpenAPI 3.1', async () => {
  expect(said.status).toBe(200)
  expect(said.body.openapi).toBe('3.1.1')
  expect(await new Validator().validate(said.body)).toEqual({ valid: true })
})

test('it tells of every bound route, and of nothing else', () => {
  expect(
    operations()
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(cloud.bound.map(one => `${one.method} ${pathOf(one)}`).toSorted())
})

test('each operation has a name of its own, says what it requires, and who may go without a token', () => {
  const ids = operations().map(([, { operationId }]) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter(id => !/^[a-z][A-Za-z0-9]+$/.test(id))).toEqual([])
  for (const { method, path, can } of cloud.bound) {
    const one = said.body.paths[pathOf({ path })][method] as Operation
    expect([path, one['x-gatehouse-requires'], one.security.length]).toEqual([path, can, can === 'anyone' ? 0 : 1])
    expect(one.tags).toEqual([path.split('/')[1]])
    const named = (one.parameters ?? []).filter(parameter => parameter.in === 'path').map(({ name }) => name)
    expect(named.toSorted()).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name).toSorted())
  }
})

test('a program that has it asks whether it changed, and is sent nothing', async () => {
  const again = await cloud.call('GET', '/api/v1/openapi.json', {
    headers: { 'if-none-match': said.headers.get('etag')! },
  })
  expect([again.status, again.body]).toEqual([304, ''])
})

test('the page to try it is ours from first byte to last', async () => {
  const page = await cloud.call('GET', '/api/docs')
  expect(page.headers.get('content-type')).toContain('text/html')
  const loaded = [...(page.body as string).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!)
  expect(loaded.length).toBeGreaterThan(3)
  for (const path of loaded) {
    const file = await cloud.call('GET', path)
    expect([path, file.status]).toEqual([path, 200])
    expect(file.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  }
  for (const path of ['/api/docs/index.html', '/api/docs/package.json', '/api/docs/..%2fpackage.json']) {
    expect([path, (await cloud.call('GET', path)).status]).toEqual([path, 404])
  }
})

test('an answer that is not as described is noticed', () => {
  const one = route({
    method: 'get',
    path: '/things/:thingId',
    can: 'signed-in',
    summary: 'A thing.',
    params: z.object({ thingId: z.uuid() }),
    data: z.object({ name: z.string(), at: z.iso.datetime() }),
  })
  const check = answersAsDescribed([one])
  const metadata = { timestamp: '2026-09-01T08:00:00Z', requestId: 'r-1' }
  const data = { name: 'Ada', at: '2026-09-01T08:00:00Z' }
  const good = { success: true, data, error: null, message: 'Done.', metadata }
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r-1' }
  const saying =
    (status: number, body: unknown, changed: Record<string, string> = headers) =>
    () =>
      check('GET', '/api/v1/things/1', { status, headers: new Headers(changed), body })

  expect(saying(200, good)).not.toThrow()
  expect(saying(200, { ...good, data: { ...data, secret: 1 } })).toThrow('additional properties')
  expect(saying(200, { ...good, data: { ...data, at: 'yesterday' } })).toThrow('date-time')
  expect(saying(200, { ...good, data: { at: data.at } })).toThrow("'name'")
  expect(saying(201, good)).toThrow('no success with this status')
  expect(saying(200, 'text', { ...headers, 'content-type': 'text/html' })).toThrow('text/html is not among')
  expect(saying(200, good, { 'content-type': headers['content-type'] })).toThrow('X-Request-ID')
  expect(saying(404, good)).toThrow('as described')
  expect(saying(418, good)).toThrow('as described')
})
