import { randomUUIDv7 } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { type App, type AppNeeds, app } from '../app.ts'
import { openAccessTokens } from '../auth/access-token.ts'
import { openIdentity } from '../auth/identity.ts'
import type { Letter } from '../auth/letters.ts'
import { openPasswords } from '../auth/password.ts'
import { openCache } from '../cache/cache.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { diskStore } from '../files/disk-store.ts'
import { openBreakers } from '../http/breaker.ts'
import { memoryCounters } from '../http/counters.ts'
import { guardedAsk } from '../http/guarded-request.ts'
import { openLog } from '../http/log.ts'
import { openMeters } from '../http/metrics.ts'
import { type Jobs, openJobs } from '../jobs/jobs.ts'
import { publishFirstBundle } from '../keys/first-bundle.ts'
import { makeRoots } from '../keys/root-keys.ts'
import { openVault, type Vault } from '../keys/vault.ts'
import { openWatch, type Watch } from '../live/watch.ts'
import { createSchool, createUser } from '../schools/schools.repo.ts'
import { answersAsDescribed } from './as-described.ts'

export const TEST_PASSWORD = 'correct horse battery staple'

export type Said = {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at what came over the wire, whatever that is
  readonly body: any
}

export type TestCloud = AsyncDisposable & {
  readonly url: string
  readonly database: Database
  readonly vault: Vault
  /** Adds and changes jobs; nothing does them until a test starts workers. */
  readonly jobs: Jobs
  readonly bound: readonly Route[]
  /** What is said on the live feed, and who watches by GraphQL. */
  readonly watch: Watch
  readonly graphql: App['graphql']
  /** The mails that were written, oldest first. */
  readonly letters: Letter[]
  /** Moves the service's clock. */
  readonly clock: { nowMs: number }
  call(
    method: string,
    path: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Said>
  /** A token of somebody with this role in a school, signed in through the front door. */
  signIn(school: TestSchool, role: Role): Promise<string>
}

export type TestSchool = {
  readonly schoolId: string
  readonly tenant: string
  readonly users: ReadonlyMap<Role, string>
}

const ROLES_OF_SCHOOL = ['school_admin', 'staff', 'security', 'facilities', 'student'] as const

/** The whole HTTP side on a real socket and a real database. */
export async function startCloud(database: Database, changed: Partial<AppNeeds> = {}): Promise<TestCloud> {
  const vault = openVault(Buffer.alloc(32, 1))
  const clock = { nowMs: Date.now() }
  const nowMs = () => clock.nowMs
  const letters: Letter[] = []
  const { db } = database
  const tokens = await openAccessTokens({ db, vault, issuer: 'http://localhost:8080', nowMs })
  const log = openLog('silent')
  const jobs = changed.jobs ?? (await openJobs({ database, works: false, nowMs, log }))
  const breakers = changed.breakers ?? openBreakers()
  const watch = changed.watch ?? openWatch()
  const { express, bound, graphql } = app({
    db,
    vault,
    jobs,
    store: diskStore(join(tmpdir(), `gatehouse-test-files-${randomUUIDv7()}`)),
    ask: guardedAsk({ allowPrivate: true }),
    tokens,
    identity: openIdentity({ db, tokens, nowMs }),
    passwords: openPasswords(),
    log,
    post: async (_tx, letter) => void letters.push(letter),
    onSchoolMade: async () => {},
    nowMs,
    publicUrl: 'http://localhost:8080',
    sms: null,
    privateWebhooks: false,
    trustedProxies: ['127.0.0.1'],
    allowedOrigins: [],
    dashboardFolder: '/nowhere',
    simulatorsFile: null,
    mqtt: { host: 'localhost', port: 8883, ca: 'the authority' },
    publishToGate: async () => {},
    wallets: { apple: null, google: null },
    breakers,
    counters: memoryCounters,
    cache: await openCache({ redis: null, version: '0.0.0', nowMs }),
    watch,
    meters: openMeters(),
    metricsToken: null,
    checks: [],
    version: '0.0.0',
    checkAnswers: true,
    ...changed,
  })
  const server = await listening(createServer(express))
  server.on('upgrade', (request, socket, head) => graphql.upgrade(request, socket, head) || socket.destroy())
  // On a slow machine a test may take longer between two requests than a connection is kept, and would send on one that is being closed.
  server.keepAliveTimeout = 120_000
  const asDescribed = answersAsDescribed(bound)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const call: TestCloud['call'] = async (method, path, { token, body, headers = {} } = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const json = answer.headers.get('content-type')?.includes('json') ?? false
    const said = { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text }
    asDescribed(method, path, said)
    return said
  }

  return {
    url,
    database,
    vault,
    jobs,
    bound,
    watch,
    graphql,
    letters,
    clock,
    call,
    async signIn({ users }, role) {
      const said = await call('POST', '/api/v1/auth/login', {
        body: { email: users.get(role), password: TEST_PASSWORD },
        // Each test file signs in more often than one address may.
        headers: { 'x-forwarded-for': `10.${Math.floor(Math.random() * 255)}.${Math.floor(Math.random() * 255)}.1` },
      })
      if (said.status !== 200) throw new Error(`sign-in as ${role} failed: ${JSON.stringify(said.body)}`)
      return said.body.data.tokens.accessToken
    },
    async [Symbol.asyncDispose]() {
      graphql.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      if (changed.breakers === undefined) breakers.close()
      if (changed.jobs === undefined) await jobs[Symbol.asyncDispose]()
    },
  }
}

let schools = 0
const passwordHash = openPasswords().hash(TEST_PASSWORD)

/** A school with one user of each role. */
export async function enterTestSchool(database: Database, vault: Vault): Promise<TestSchool> {
  const schoolId = randomUUIDv7()
  const tenant = `school-${++schools}-${schoolId.slice(-6)}`
  const users = new Map<Role, string>()
  await inSchool(database.db, schoolId, async tx => {
    await createSchool(tx, vault, {
      schoolId,
      name: `School ${schools}`,
      tenant,
      timeZone: 'Europe/Amsterdam',
      country: 'NL',
    })
    await publishFirstBundle(tx, vault, { schoolId, tenant }, makeRoots(tenant), Date.now())
    for (const role of ROLES_OF_SCHOOL) {
      const email = `${role}@${tenant}.example`
      await createUser(tx, { schoolId, email, displayName: role, role, passwordHash: await passwordHash })
      users.set(role, email)
    }
  })
  return { schoolId, tenant, users }
}

/** A super_admin belongs to no school. Answers the e-mail. */
export async function enterSuperAdmin(database: Database): Promise<string> {
  const email = `super-${randomUUIDv7()}@platform.example`
  await inSchool(database.db, null, async tx =>
    createUser(tx, {
      schoolId: null,
      email,
      displayName: 'super',
      role: 'super_admin',
      passwordHash: await passwordHash,
    }),
  )
  return email
}

function listening(server: Server): Promise<Server> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}
