import { login } from '@gatehouse/shared/wire/api/auth.ts'
import { getPass, revokePass } from '@gatehouse/shared/wire/api/passes.ts'
import { printPass } from '@gatehouse/shared/wire/api/printing.ts'
import { listStudents } from '@gatehouse/shared/wire/api/students.ts'
import { beforeEach, expect, test } from 'vitest'
import { client } from './client.ts'
import { sayFailure } from './failure.ts'
import { type Refreshed, session } from './session.ts'

type Seen = { readonly url: string; readonly init: RequestInit }

let seen: Seen[] = []
beforeEach(() => {
  seen = []
})

const metadata = { timestamp: '2026-11-25T08:00:00Z', requestId: 'r-1' }
const answer = (data: unknown, more = {}) =>
  Response.json({ success: true, data, error: null, message: '', metadata: { ...metadata, ...more } })
const problem = (status: number, headers: Record<string, string> = {}, details: unknown[] = [], code = 'c') =>
  Response.json(
    {
      success: false,
      data: null,
      error: { code, message: 'There is no such pass.', details, path: '/', ...metadata },
      message: '',
      metadata,
    },
    { status, headers },
  )

const bearer = ({ init }: Seen) => new Headers(init.headers).get('authorization')
const user = {
  id: '00000000-0000-4000-8000-000000000001',
  email: 'a@b.example',
  displayName: 'A',
  role: 'staff' as const,
  grants: [],
  school: null,
}

/** A client whose service answers by the token it is shown. */
function bench(serve: (seen: Seen) => Response | Promise<Response>, refreshed: Refreshed = 'refused') {
  let refreshes = 0
  const made = session({
    refresh: async () => {
      refreshes++
      return refreshed
    },
    nowMs: () => 0,
    alone: work => work(),
  })
  made.begin({ user, tokens: { accessToken: 'old', expiresInS: 900 } })
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const request = { url: String(url), init }
    seen.push(request)
    return serve(request)
  }
  return { ...client({ fetch, session: made }), session: made, refreshes: () => refreshes }
}

test('a file comes with its name and what could not be drawn, and anything else in its place is strange', async () => {
  const headers = {
    'content-type': 'application/pdf',
    'content-disposition': 'attachment; filename="pass-7.pdf"',
    'gatehouse-not-drawn': 'U+1F600, U+0301',
  }
  const input = { params: { passId: '00000000000000ff' } }
  const good = await bench(() => new Response(new Uint8Array([1, 2]), { headers })).call(printPass, input)
  expect(good).toMatchObject({
    ok: true,
    data: { name: 'pass-7.pdf', bytes: new Uint8Array([1, 2]), undrawn: ['😀', '\u0301'] },
  })
  const page = await bench(() => new Response('<html>', { headers: { 'content-type': 'text/html' } })).call(
    printPass,
    input,
  )
  expect(page).toEqual({ ok: false, failure: { kind: 'strange', status: 200 } })
  expect(await bench(() => problem(409)).call(printPass, input)).toMatchObject({
    failure: { kind: 'problem', status: 409 },
  })
})

const fresh: Refreshed = { user, tokens: { accessToken: 'new', expiresInS: 900 } }

test('twenty calls that meet a 401 refresh once and are all answered', async () => {
  const { call, refreshes } = bench(request => (bearer(request) === 'Bearer new' ? answer([]) : problem(401)), fresh)
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(listStudents, {})))
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(refreshes()).toBe(1)
  expect(seen).toHaveLength(40)
})

test('a fresh token that is refused too ends the session, and there is no third try', async () => {
  const bank = bench(() => problem(401), fresh)
  const refused = await bank.call(listStudents, {})
  expect(refused.ok).toBe(false)
  expect(bank.session.state()).toEqual({ is: 'signed-out' })
  expect(seen).toHaveLength(2)
})

test('a wrong password is a 401 that refreshes nothing', async () => {
  const { call, refreshes } = bench(() => problem(401), fresh)
  await call(login, { body: { email: 'a@b.example', password: 'wrong' } })
  expect(refreshes()).toBe(0)
  expect(bearer(seen[0]!)).toBe(null)
})

test('params go into the path, the query after it without what is not given, the body as JSON', async () => {
  const { call } = bench(() => problem(404))
  await call(getPass, { params: { passId: '00112233/4455667' } })
  await call(listStudents, { query: { search: 'a b&c', status: undefined, page: 2 } })
  await call(revokePass, { params: { passId: '0011223344556677' }, body: { note: 'stolen' } })
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/v1/passes/00112233%2F4455667',
    '/api/v1/students?search=a+b%26c&page=2',
    '/api/v1/passes/0011223344556677/revocation',
  ])
  expect(seen[2]!.init.method).toBe('POST')
  expect(seen[2]!.init.body).toBe('{"note":"stolen"}')
})

test('every request says that a browser asks, so that the refresh token stays in a cookie', async () => {
  const { call } = bench(() => answer([]))
  await call(listStudents, {})
  expect(new Headers(seen[0]!.init.headers).get('x-gatehouse-client')).toBe('browser')
})

test('pages and cursors come out beside the data', async () => {
  const pagination = { page: 1, limit: 25, total: 0, totalPages: 0, hasNext: false, hasPrevious: false }
  const { call } = bench(() => answer([], { pagination, nextCursor: 'c-2' }))
  expect(await call(listStudents, {})).toEqual({ ok: true, data: [], pagination, nextCursor: 'c-2' })
})

const failures: readonly [what: string, serve: () => Response | Promise<Response>, said: RegExp][] = [
  ['no network', () => Promise.reject(new TypeError('failed to fetch')), /does not answer.*gates go on/],
  ['a proxy without its service', () => new Response('<html>Bad gateway', { status: 502 }), /does not answer/],
  ['a page instead of JSON', () => new Response('<html>', { status: 200 }), /does not understand \(200\)/],
  ['data that the contract does not know', () => answer([{ id: 1 }]), /does not understand/],
  ['too many requests', () => problem(429, { 'retry-after': '840' }), /Wait 14 minutes/],
  ['a role that may not', () => problem(403, {}, [], 'not_allowed'), /role does not allow/],
  ['another refusal', () => problem(403), /There is no such pass/],
  ['a fault of the service', () => problem(500), /failed \(r-1\)/],
  ['what the service says itself', () => problem(404), /^There is no such pass\.$/],
]
for (const [what, serve, said] of failures) {
  test(`${what} is a sentence`, async () => {
    const { call } = bench(serve)
    const refused = await call(listStudents, {})
    expect(refused.ok ? '' : sayFailure(refused.failure)).toMatch(said)
  })
}
