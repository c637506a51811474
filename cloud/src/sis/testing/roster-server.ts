import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type RosterServer = AsyncDisposable & {
  readonly url: string
  readonly baseUrl: string
  readonly tokenUrl: string
  /** Paths asked for, in order, with what was asked of them. */
  readonly asked: string[]
  readonly people: Record<string, unknown>[]
  /** Answers to give instead, one a request, before the truth. */
  readonly trouble: { status: number; headers?: Record<string, string>; body?: string; cut?: boolean }[]
  /** Tokens from before are no good any more. */
  withdraw(): void
}

export const CLIENT = { clientId: 'gatehouse', clientSecret: 's3cret/with:signs' }

/** A student system that speaks OneRoster over REST: tokens, pages, and what can go wrong. */
export async function startRosterServer({
  version,
  paging = 'link',
  pageMax = 7,
}: {
  readonly version: '1.1' | '1.2'
  readonly paging?: 'link' | 'total' | 'none'
  readonly pageMax?: number
}): Promise<RosterServer> {
  const asked: string[] = []
  const people: Record<string, unknown>[] = []
  const trouble: RosterServer['trouble'] = []
  let token = 1
  const orgs = [
    { sourcedId: 'o-1', status: 'active', name: 'Hillside', type: 'school' },
    { sourcedId: 'd-1', status: 'active', name: 'Physics', type: 'department' },
  ]
  const sessions = [
    {
      sourcedId: 's-1',
      status: 'active',
      title: '2026/27',
      type: 'schoolYear',
      startDate: '2026-09-01',
      endDate: '2027-07-31',
    },
  ]
  const path = version === '1.1' ? '/ims/oneroster/v1p1' : '/ims/oneroster/rostering/v1p2'
  const server = createServer((req, res) => void answer(req, res))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(req: IncomingMessage, res: ServerResponse) {
    const target = new URL(req.url!, url)
    asked.push(`${req.method} ${target.pathname}${target.search}`)
    const bad = trouble.shift()
    if (bad?.cut) return void req.socket.destroy()
    if (bad !== undefined) return void res.writeHead(bad.status, bad.headers).end(bad.body)
    if (target.pathname === '/token') return giveToken(req, res)
    if (req.headers.authorization !== `Bearer token-${token}`) return void res.writeHead(401).end()
    const collections: Record<string, [string, unknown[]]> = {
      [`${path}/students`]: ['users', people],
      [`${path}/orgs`]: ['orgs', orgs],
      [`${path}/academicSessions`]: ['academicSessions', sessions],
    }
    const found = collections[target.pathname]
    if (found === undefined) return void res.writeHead(404).end()
    givePage(res, target, found)
  }

  function giveToken(req: IncomingMessage, res: ServerResponse) {
    const basic = Buffer.from(req.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    const right = `${encodeURIComponent(CLIENT.clientId)}:${encodeURIComponent(CLIENT.clientSecret)}`
    if (basic !== right) return void res.writeHead(401).end()
    json(res, { access_token: `token-${token}`, token_type: 'bearer', expires_in: 3600 })
  }

  function givePage(res: ServerResponse, target: URL, [name, rows]: [string, unknown[]]) {
    const limit = Math.min(Number(target.searchParams.get('limit') ?? 100), pageMax)
    const offset = Number(target.searchParams.get('offset') ?? 0)
    if (paging === 'link') {
      const next = new URL(target)
      next.searchParams.set('limit', String(limit))
      next.searchParams.set('offset', String(offset + limit))
      const links = [`<${url}${target.pathname}?limit=${limit}&offset=0>; rel="first"`]
      if (offset + limit < rows.length) links.unshift(`<${next}>; rel="next"`)
      res.setHeader('Link', links.join(', '))
    }
    if (paging === 'total') res.setHeader('X-Total-Count', String(rows.length))
    // Without either a client cannot know our most, and goes by its own limit.
    const size = paging === 'none' ? Number(target.searchParams.get('limit')) : limit
    json(res, { [name]: rows.slice(offset, offset + size) })
  }

  return {
    url,
    baseUrl: url + path,
    tokenUrl: `${url}/token`,
    asked,
    people,
    trouble,
    withdraw() {
      token++
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function json(res: ServerResponse, body: object) {
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(body))
}

/** A student as each version tells it. */
export function rosterUser(version: '1.1' | '1.2', number: number, changed: Record<string, unknown> = {}) {
  const common = {
    sourcedId: `u-${number}`,
    status: 'active',
    enabledUser: version === '1.1' ? 'true' : true,
    username: `user${number}`,
    givenName: 'Ada',
    familyName: `Number ${number}`,
    identifier: `S-${String(number).padStart(4, '0')}`,
    email: `s${number}@hillside.example`,
  }
  const org = { sourcedId: 'd-1', type: 'org' }
  return version === '1.1'
    ? { ...common, role: 'student', orgs: [org], ...changed }
    : {
        ...common,
        roles: [{ roleType: 'primary', role: 'student', org }],
        primaryOrg: { sourcedId: 'o-1' },
        ...changed,
      }
}
