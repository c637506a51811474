import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, type Said, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { type Schema, sampleOf, withOneText } from '../testing/sample.ts'
import { pathOf } from './openapi.ts'

/** Walks every route with every text: a minute on a machine at rest. A deadline and not a measurement. */
const WALK_MS_MAX = 400_000

let database: Database
let cloud: TestCloud
let school: TestSchool
let token: string
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-attacks-'))
const dashboard = join(folder, 'dashboard')
beforeAll(async () => {
  mkdirSync(dashboard)
  writeFileSync(join(dashboard, 'index.html'), '<!doctype html><title>Gatehouse</title>')
  writeFileSync(join(dashboard, '.env'), 'hidden-secret')
  writeFileSync(join(folder, 'secret.txt'), 'outside-secret')
  database = await freshPglite()
  cloud = await startCloud(database, { dashboardFolder: dashboard })
  school = await enterTestSchool(database, cloud.vault)
  token = await cloud.signIn(school, 'school_admin')
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const ATTACKS = [
  `'; update schools set name = 'owned'; --`,
  `' or '1'='1`,
  `\\'; select pg_terminate_backend(pg_backend_pid()); --`,
  `$1::text) union select password_hash from users --`,
  `\u0000`,
  `%_\\`,
  `\ud800`,
  `\r\nSet-Cookie: owned=1`,
  `__proto__`,
  `\${7*7}{{7*7}}<script>alert(1)</script>`,
]

/** Words that only a database or a stack says. */
const INSIDE = /syntax error|pg_|kysely|node_modules|\.ts:\d|invalid input syntax|violates|relation "/i

let walked = 0
async function attack(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Said> {
  // A session has its limit, an address too.
  if (++walked % 2_000 === 0) token = await cloud.signIn(school, 'school_admin')
  const address = `10.${(walked >> 16) & 255}.${(walked >> 8) & 255}.${walked & 255}`
  const send = () =>
    cloud.call(method, path, {
      token,
      ...(body !== undefined && { body }),
      headers: { 'x-forwarded-for': address, ...(body !== undefined && { 'content-type': type }) },
    })
  let said = await send()
  if (said.status === 401 && said.body?.error?.code === 'not_signed_in') {
    // It ended itself, by one of the routes that do.
    token = await cloud.signIn(school, 'school_admin')
    said = await send()
  }
  const where = [method, path, JSON.stringify(body)].join(' ').slice(0, 300)
  expect(said.status, where).not.toBe(500)
  expect(said.headers.get('set-cookie') ?? '', where).not.toContain('owned')
  if (said.body?.success === false) expect(said.body.error.message, where).not.toMatch(INSIDE)
  return said
}

type Operation = {
  readonly parameters?: { readonly in: string; readonly name: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
}

test(
  'no text in any place of any route is more than a text',
  async () => {
    const { body: document } = await cloud.call('GET', '/api/v1/openapi.json')
    const names = async () =>
      (await sql<{ name: string }>`select name from find_schools() order by 1`.execute(database.db)).rows
    const before = await names()
    for (const { method, path } of cloud.bound) {
      const one = document.paths[pathOf({ path })][method] as Operation
      const places = (one.parameters ?? []).filter(place => place.in === 'path' || place.in === 'query')
      const [type, content] = Object.entries(one.requestBody?.content ?? {})[0] ?? []
      const sample = type === 'application/json' ? sampleOf(content!.schema) : undefined
      const at = (changed?: string, text = '') => {
        const filled = places
          .filter(place => place.in === 'path' || place.name === changed)
          .reduce((so, { name, in: where, schema }) => {
            const value = encodeURIComponent(wellFormed(name === changed ? text : String(sampleOf(schema))))
            return where === 'path' ? so.replace(`{${name}}`, value) : `${so}?${name}=${value}`
          }, pathOf({ path }))
        return `/api/v1${filled}`
      }
      for (const text of ATTACKS) {
        for (const { name } of places) await attack(method.toUpperCase(), at(name, text), sample)
        if (sample !== undefined) {
          for (const changed of withOneText(sample, text)) await attack(method.toUpperCase(), at(), changed)
        } else if (type !== undefined) {
          // A file: it is the text.
          await attack(method.toUpperCase(), at(), text, type)
        }
      }
    }
    expect(walked).toBeGreaterThan(1_000)
    expect(await names()).toEqual(before)
  },
  WALK_MS_MAX,
)

test('a body that would change what every object has changes nothing', async () => {
  const polluting = [
    '{"__proto__": {"owned": true}}',
    '{"constructor": {"prototype": {"owned": true}}}',
    '{"firstName": "A", "lastName": "", "studentNumber": "P-100", "__proto__": {"status": "suspended"}}',
  ]
  for (const body of polluting) {
    expect((await cloud.call('POST', '/api/v1/students', { token, body })).status).toBe(422)
    await cloud.call('GET', '/api/v1/students?__proto__[owned]=1&constructor.prototype.owned=1', { token })
  }
  expect(({} as { owned?: unknown }).owned).toBe(undefined)
})

test('a body nested without end, or of another kind, is refused before anything reads it', async () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    cloud.call('POST', '/api/v1/students', { token, body, headers })
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = `${open.repeat(15_000)}1${close.repeat(15_000)}`
    expect((await post(deep)).status).toBe(422)
  }
  for (const scalar of ['1', '"text"', 'null', 'true']) expect((await post(scalar)).status).toBe(400)
  expect((await post(' '.repeat(102_401))).status).toBe(413)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/html',
  ]) {
    expect([type, (await post('{"firstName":"Eve"}', { 'content-type': type })).status]).toEqual([type, 422])
  }
  expect((await post('{}', { 'content-encoding': 'zstd-of-ours' })).status).toBe(415)
})

test('a bomb of a few bytes is refused at the size it has unpacked', async () => {
  const { gzipSync } = await import('node:zlib')
  const bomb = gzipSync(Buffer.alloc(20_000_000, ' '))
  const said = await fetch(`${cloud.url}/api/v1/students`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: bomb,
  })
  expect(said.status).toBe(413)
})

test('no address leads out of the folder of the pages, or to what is hidden in it', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/....//secret.txt',
    '//secret.txt',
    `/${folder}/secret.txt`,
    '/secret.txt%00.html',
    '/.env',
    '/api/docs/../../secret.txt',
  ]) {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect([path, answer]).not.toEqual([path, expect.stringMatching(/outside-secret|hidden-secret/)])
    expect([path, answer.slice(9, 12)]).toEqual([path, expect.stringMatching(/^4\d\d|^200$/)])
  }
})

test('a method is the one of the request, whatever else it says', async () => {
  const made = await cloud.call('POST', '/api/v1/students', {
    token,
    body: { studentNumber: 'M-100', firstName: 'Ada', lastName: '' },
  })
  const path = `/api/v1/students/${made.body.data.id}`
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    expect((await cloud.call('GET', path, { token, headers: { [name]: 'DELETE' } })).status).toBe(200)
  }
  expect((await cloud.call('GET', `${path}?_method=DELETE`, { token })).status).toBe(200)
  for (const method of ['TRACE', 'PROPFIND', 'QUERY']) {
    const answer = await raw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect([method, answer.slice(9, 12)]).toEqual([method, expect.stringMatching(/^4\d\d/)])
  }
  expect((await cloud.call('GET', path, { token })).status).toBe(200)
})

test('what a caller says of itself is not believed, and not given back as a header', async () => {
  const said = await raw(
    'GET /api/health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a;b<c>\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n',
  )
  expect(said).toMatch(/X-Request-ID: [0-9a-f-]{36}\r\n/i)
  expect(said).not.toContain('evil.example')
  const host = await raw("GET / HTTP/1.1\r\nHost: x; script-src 'unsafe-inline'\r\nConnection: close\r\n\r\n")
  expect(host).not.toContain('unsafe-inline')
})

/** A header value or an address cannot hold half of a pair of surrogates; a body can. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1', () => socket.write(request))
    let text = ''
    socket.on('data', bytes => (text += bytes))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}
