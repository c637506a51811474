import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { jobBench } from '../testing/job-bench.ts'
import { startPgBouncer, type TestBouncer } from '../testing/pgbouncer.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import type { Database } from './connect.ts'
import { drainOutbox, leave } from './outbox.ts'
import { openPostgres } from './postgres.ts'
import { inSchool } from './school.ts'

/** Fewer than the process itself would open: transactions of different schools must share them. */
const CONNECTIONS = 2

needs('postgres', 'pgbouncer')('behind PgBouncer in transaction mode', () => {
  let server: TestServer
  let bouncer: TestBouncer
  let direct: { url: string; ownerUrl: string }
  let database: Database
  let cloud: TestCloud
  const schools: TestSchool[] = []
  beforeAll(async () => {
    server = await startPostgres()
    direct = await createDatabase(server)
    bouncer = await startPgBouncer(server.port, CONNECTIONS)
    database = await openPostgres({
      url: bouncer.through(direct.url),
      ownerUrl: direct.ownerUrl,
      directUrl: direct.url,
    })
    cloud = await startCloud(database)
    for (let at = 0; at < 2; at++) schools.push(await enterTestSchool(database, cloud.vault))
  })
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
    await bouncer?.stop()
    await server?.stop()
  })

  test('without the way around it the start says what is wrong', async () => {
    const opening = openPostgres({ url: bouncer.through(direct.url), ownerUrl: null })
    await expect(opening).rejects.toThrow(/DATABASE_URL goes through PgBouncer.*DATABASE_DIRECT_URL/s)
  })

  test('schools that share two connections see their own rows and nobody else’s', async () => {
    const tokens = await Promise.all(schools.map(school => cloud.signIn(school, 'school_admin')))
    const made = Array.from({ length: 40 }, async (_, at) => {
      const said = await cloud.call('POST', '/api/v1/students', {
        token: tokens[at % 2]!,
        body: { studentNumber: `S-${at}`, firstName: at % 2 === 0 ? 'Even' : 'Odd', lastName: 'Number' },
      })
      expect(said.status).toBe(201)
    })
    await Promise.all(made)
    const lists = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const said = await cloud.call('GET', '/api/v1/students?limit=100&search=Number', { token: tokens[at % 2]! })
        return new Set(said.body.data.map(({ firstName }: { firstName: string }) => firstName))
      }),
    )
    for (const [at, names] of lists.entries()) expect([...names]).toEqual([at % 2 === 0 ? 'Even' : 'Odd'])
    // Outside of a school there is nothing, on whichever connection.
    for (let time = 0; time < 10; time++)
      expect((await sql`select id from students`.execute(database.db)).rows).toEqual([])

    const watching = new pg.Client({ connectionString: server.url() })
    await watching.connect()
    const { rows } = await watching.query(
      `select count(*)::int as count from pg_stat_activity where usename = 'app' and application_name = 'gatehouse'`,
    )
    await watching.end()
    expect(rows[0].count).toBeLessThanOrEqual(CONNECTIONS)
    expect(rows[0].count).toBeGreaterThan(0)
  })

  test('what is left in the outbox is heard of, around the pool', async () => {
    const { schoolId } = schools[0]!
    const heard = Promise.withResolvers<string | null>()
    const news = await drainOutbox({
      database,
      handlers: { 'gates.changed': async rows => heard.resolve(rows[0]!.schoolId) },
      onProblem: problem => heard.reject(problem),
    })
    await inSchool(database.db, schoolId, tx => leave(tx, schoolId, 'gates.changed', {}))
    expect(await heard.promise).toBe(schoolId)
    await news.stop()
  })

  test('jobs are queued in a transaction through the pool and done by workers beside it', async () => {
    await using bench = await jobBench(database, schools[0]!.schoolId)
    const done: string[] = []
    await bench.work({ mail: async ({ body }) => void done.push(body.mailId) })
    const ids = await Promise.all(Array.from({ length: 5 }, () => bench.add()))
    for (const id of ids) await bench.until(id, ({ state }) => state === 'done')
    expect(done).toHaveLength(5)
  })
})
