import { afterEach, describe, expect, test } from 'vitest'
import { guardedAsk, isPrivateAddress } from '../../http/guarded-request.ts'
import { CLIENT, type RosterServer, rosterUser, startRosterServer } from '../testing/roster-server.ts'
import { ONEROSTER_HEADINGS } from './person.ts'
import { type RestNeeds, restClient } from './rest-client.ts'
import { restSheet } from './rest-sheet.ts'

let server: RosterServer
afterEach(() => server[Symbol.asyncDispose]())

const clientOf = (changed: Partial<RestNeeds> = {}) =>
  restClient({
    ask: guardedAsk({ allowPrivate: true }),
    baseUrl: server.baseUrl,
    tokenUrl: server.tokenUrl,
    ...CLIENT,
    signal: AbortSignal.timeout(20_000),
    firstPauseMs: 1,
    ...changed,
  })

const cell = (cells: readonly string[], heading: (typeof ONEROSTER_HEADINGS)[number]) =>
  cells[ONEROSTER_HEADINGS.indexOf(heading)]

async function numbersOf(changed: Partial<RestNeeds> = {}) {
  const numbers: (string | undefined)[] = []
  for await (const { cells } of restSheet(clientOf(changed)).rows()) numbers.push(cell(cells, 'identifier'))
  return numbers
}
const EXPECTED = Array.from({ length: 20 }, (_, at) => `S-${String(at).padStart(4, '0')}`)

for (const version of ['1.1', '1.2'] as const) {
  for (const paging of ['link', 'total', 'none'] as const) {
    test(`OneRoster ${version}, pages by ${paging}: every student once, with department and status`, async () => {
      server = await startRosterServer({ version, paging })
      for (let at = 0; at < 20; at++) server.people.push(rosterUser(version, at))
      server.people.push(
        rosterUser(version, 99, version === '1.1' ? { role: 'teacher' } : { roles: [{ role: 'teacher' }] }),
      )
      const rows: (readonly string[])[] = []
      for await (const { cells } of restSheet(clientOf({ pageRows: paging === 'none' ? 8 : 1_000 })).rows())
        rows.push(cells)
      expect(rows.map(cells => cell(cells, 'identifier'))).toEqual(EXPECTED)
      expect(cell(rows[0]!, 'department')).toBe(version === '1.1' ? 'Physics' : 'Physics')
      expect(cell(rows[0]!, 'status')).toBe('active')
      expect(server.asked.filter(path => path.includes('/students')).length).toBe(3)
      expect(server.asked.filter(path => path === 'POST /token')).toHaveLength(1)
    })
  }
}

describe('what a service does on its bad days', () => {
  const begin = async (paging: 'link' | 'total' = 'link') => {
    server = await startRosterServer({ version: '1.1', paging })
    for (let at = 0; at < 20; at++) server.people.push(rosterUser('1.1', at))
  }

  test('429, 503 and a cut connection are waited out', async () => {
    await begin()
    server.trouble.push({ status: 503 }, { status: 429, headers: { 'Retry-After': '0' } }, { status: 0, cut: true })
    expect(await numbersOf()).toEqual(EXPECTED)
  })

  test('a service that stays down is given up, and it is said what it answered', async () => {
    await begin()
    server.trouble.push(...Array.from({ length: 10 }, () => ({ status: 502 })))
    await expect(numbersOf()).rejects.toThrow('/token answered 502 6 times')
  })

  test('a token that was withdrawn is asked for anew, once', async () => {
    await begin()
    const sheet = restSheet(clientOf()).rows()
    await sheet.next()
    server.withdraw()
    const rest: unknown[] = []
    for await (const row of sheet) rest.push(row)
    expect(rest).toHaveLength(19)
    expect(server.asked.filter(path => path === 'POST /token')).toHaveLength(2)
  })

  test('a wrong secret is said to be one, and is not tried again', async () => {
    await begin()
    await expect(numbersOf({ clientSecret: 'wrong' })).rejects.toThrow('Check the client id and secret')
    expect(server.asked).toHaveLength(1)
  })

  test('a wrong address, something else than JSON, and a redirect are said to be so', async () => {
    await begin()
    await expect(numbersOf({ baseUrl: `${server.url}/elsewhere` })).rejects.toThrow(
      '/elsewhere/orgs answered 404: check the address',
    )
    const token = { status: 200, body: JSON.stringify({ access_token: 'token-1' }) }
    server.trouble.push(token, { status: 200, body: '<html>' })
    await expect(numbersOf()).rejects.toThrow('not JSON of OneRoster')
    server.trouble.push(token, { status: 302, headers: { Location: 'http://169.254.169.254/' } })
    await expect(numbersOf()).rejects.toThrow('answered 302: redirects are not followed')
  })

  test('a next page at another service is not asked for', async () => {
    await begin()
    server.trouble.push(
      { status: 200, body: JSON.stringify({ access_token: 'token-1' }) },
      {
        status: 200,
        headers: { Link: '<http://169.254.169.254/x>; rel="next"' },
        body: JSON.stringify({ orgs: [{}] }),
      },
    )
    await expect(numbersOf()).rejects.toThrow('not followed')
  })

  test('a page that names itself as the next one ends it', async () => {
    await begin()
    const token = { status: 200, body: JSON.stringify({ access_token: 'token-1' }) }
    const loop = { Link: `<${server.baseUrl}/orgs?limit=1000&offset=0&orderBy=asc&sort=sourcedId>; rel="next"` }
    server.trouble.push(token, { status: 200, headers: loop, body: JSON.stringify({ orgs: [{}] }) })
    await expect(numbersOf()).rejects.toThrow('names itself as its next page')
  })

  test('stopping stops, between two pages and in a pause', async () => {
    await begin()
    const stop = new AbortController()
    server.trouble.push({ status: 503, headers: { 'Retry-After': '50' } })
    const reading = numbersOf({ signal: stop.signal })
    await expect.poll(() => server.asked.length).toBe(1)
    stop.abort(new Error('stopped by hand'))
    await expect(reading).rejects.toThrow()
  })

  test('terms come with their days', async () => {
    await begin('total')
    expect(await restSheet(clientOf()).sessions!()).toEqual([
      { sourcedId: 's-1', title: '2026/27', type: 'schoolYear', from: '2026-09-01', to: '2027-07-31' },
    ])
  })
})

describe('which addresses are asked', () => {
  test('private ones are refused, by number and by name, unless the operator allows them', async () => {
    server = await startRosterServer({ version: '1.1' })
    const guarded = { ask: guardedAsk({ allowPrivate: false }) }
    await expect(numbersOf(guarded)).rejects.toThrow('127.0.0.1, a private address')
    const named = server.tokenUrl.replace('127.0.0.1', 'localhost')
    await expect(numbersOf({ ...guarded, tokenUrl: named })).rejects.toThrow('a private address')
    expect(server.asked).toEqual([])
  })

  test('which are private', async () => {
    server = await startRosterServer({ version: '1.1' })
    const all = [
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '::1',
      'fe80::1',
      'fd00::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
    ]
    expect(all.filter(address => !isPrivateAddress(address))).toEqual([])
    expect(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'].filter(isPrivateAddress)).toEqual([])
  })
})
