import { randomUUIDv7 } from 'node:crypto'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import pg from 'pg'
import type { Database } from '../../cloud/src/db/connect.ts'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { inSchool } from '../../cloud/src/db/school.ts'
import { sealingOf } from '../../cloud/src/keys/data-keys.ts'
import { columnsOf, completed } from '../../cloud/src/students/student-fields.ts'
import { enterTestSchool, startCloud, type TestSchool } from '../../cloud/src/testing/cloud.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { show, spread } from './figures.ts'
import { httpLoad } from './http-load.ts'

/** A school, and the largest there may be: the database goes about them in different ways. */
const SIZES = [20_000, Number(process.env.GATEHOUSE_BENCH_STUDENTS ?? 1_000_000)]
/** Of each kind; with those before and the searches fewer than a session may make in a quarter of an hour. */
const REQUESTS = 1_500
const WARM_REQUESTS = 600
const AT_ONCE = 4

const FIRST =
  'Ada Zoë Ernő Mary Chinua Frida Suharto Wilhelmina Nguyễn Søren Rosalind Łukasz Siobhán José Katherine Jürgen Olena Björk Ravi İpek'.split(
    ' ',
  )
const LAST =
  'Lovelace Ångström Rubik Seacole Achebe Kahlo Bình Kierkegaard Franklin Żółć García Johnson Weiß Lefèvre Vries Yıldız'.split(
    ' ',
  )

/** The list of 50 of a million students over HTTP, beside what raw pg over node http does with the same transaction and with the bare statement; and searching them. */
export async function run(): Promise<void> {
  const server = await startPostgres({ asInSchools: true })
  try {
    const urls = await createDatabase(server)
    await using database = await openPostgres(urls)
    await using cloud = await startCloud(database, { checkAnswers: false })
    const school = await enterTestSchool(database, cloud.vault)
    const pool = new pg.Pool({ connectionString: urls.url, max: 10 })
    const raw = await rawServer(pool, school.schoolId)
    try {
      let there = 0
      for (const count of SIZES) {
        const began = performance.now()
        await withoutIndexes(database, () => fill(database, cloud, school, there, count))
        await settled(urls.ownerUrl)
        console.log(`  ${count} students, after ${((performance.now() - began) / 1000).toFixed(0)} s`)
        there = count
        // A session may ask only so often.
        const token = await cloud.signIn(school, 'school_admin')
        await lists({ url: cloud.url, token, rawUrl: raw.url, pool, schoolId: school.schoolId })
        await searches(cloud.url, token, count)
      }
    } finally {
      raw.server.close()
      await pool.end()
    }
  } finally {
    await server.stop()
  }
}

type Beside = { url: string; token: string; rawUrl: string; pool: pg.Pool; schoolId: string }

/** Of the raw server: the statement in a transaction turned to its school, as the service does it, or the statement alone. */
const RAW_PATH = { transaction: '/transaction', bare: '/bare' }

async function lists({ url, token, rawUrl, pool, schoolId }: Beside): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  using load = httpLoad()
  const bare = () => list(pool, schoolId, { bare: true })
  const over = (address: string) => (count: number) => load.rate({ url: address, headers, count, atOnce: AT_ONCE })
  const kinds = [
    ['raw pg over node http, same transaction', over(rawUrl + RAW_PATH.transaction)],
    ['raw pg over node http, bare statement', over(rawUrl + RAW_PATH.bare)],
    ['bare statement, no http', (count: number) => rate(bare, count)],
    ['GET /students', over(`${url}/api/v1/students?limit=50`)],
  ] as const
  const perSecond = new Map<string, number>()
  // In turns: what else the machine does at that moment falls on all of them.
  for (const [name, ask] of kinds) await ask(WARM_REQUESTS).then(() => perSecond.set(name, 0))
  for (let turn = 0; turn < 3; turn++) {
    for (const [name, ask] of kinds) perSecond.set(name, perSecond.get(name)! + (await ask(REQUESTS / 3)) / 3)
  }
  const ours = perSecond.get('GET /students')!
  show([
    { name: 'GET /students, 50 rows', figures: `${ours.toFixed(0)} /s` },
    ...kinds.slice(0, -1).map(([name]) => ({
      name,
      figures: `${perSecond.get(name)!.toFixed(0)} /s, ours is`,
      ratio: ours / perSecond.get(name)!,
    })),
  ])
}

async function searches(url: string, token: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const asked = [
    ['a number', n => `N-${(n * 7919) % count}x`],
    ['both names', n => `${FIRST[n % FIRST.length]} ${LAST[n % LAST.length]}${(n * 31) % 1000}`],
    ['a last name', n => `${LAST[n % LAST.length]}${(n * 37) % 1000}`],
    ['the beginning of a name', n => LAST[n % LAST.length]!.slice(0, 4)],
    ['letters within a name', n => LAST[n % LAST.length]!.slice(1, 5)],
    ['two letters', n => LAST[n % LAST.length]!.slice(0, 2)],
    ['a phone number', n => `+316${String(10_000_000 + ((n * 7919) % count)).padStart(8, '0')}`],
  ] as const satisfies readonly (readonly [string, (n: number) => string])[]
  const search = (text: string) => get(`${url}/api/v1/students?search=${encodeURIComponent(text)}`, headers)
  // A service that has run for a minute is asked, not one that has just begun.
  for (const [, text] of asked) for (let n = 0; n < 10; n++) await search(text(n + 1_000))
  const rows = []
  const all: number[] = []
  for (const [name, text] of asked) {
    const times: number[] = []
    for (let n = 0; n < 40; n++) {
      const began = performance.now()
      await search(text(n))
      times.push(performance.now() - began)
    }
    all.push(...times)
    rows.push({ name: `search: ${name}`, figures: said(times) })
  }
  show([...rows, { name: 'search: all of these', figures: said(all) }])
}

function said(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const p95 = sorted[Math.floor(sorted.length * 0.95)]!
  return `p50 ${spread(sorted).p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`
}

async function rate(once: () => Promise<unknown>, count: number): Promise<number> {
  const began = performance.now()
  let left = count
  const line = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  return count / ((performance.now() - began) / 1000)
}

const LIST = `select students.*,
  (select count(*)::int from passes where passes.school_id = students.school_id and passes.student_id = students.id) as pass_count,
  (select name from departments where departments.school_id = students.school_id and departments.id = department_id) as department_name
  from students where archived_at is null order by lower(last_name), lower(first_name), id limit 50`

/** `bare`: the school is the connection's own: one statement, one way. */
async function list(pool: pg.Pool, schoolId: string, { bare }: { bare: boolean }): Promise<unknown[]> {
  const client = await pool.connect()
  try {
    if (bare) {
      if (!schools.has(client)) await client.query(`select set_config('app.school', $1, false)`, [schoolId])
      schools.add(client)
      return (await client.query(LIST)).rows
    }
    await client.query('begin')
    await client.query(`select set_config('app.school', $1, true)`, [schoolId])
    const { rows } = await client.query(LIST)
    await client.query('commit')
    return rows
  } finally {
    client.release()
  }
}
const schools = new WeakSet<pg.PoolClient>()

async function rawServer(pool: pg.Pool, schoolId: string): Promise<{ server: Server; url: string }> {
  const server = createServer((req, res) => {
    list(pool, schoolId, { bare: req.url === RAW_PATH.bare }).then(
      rows => res.setHeader('content-type', 'application/json').end(JSON.stringify(rows)),
      problem => res.writeHead(500).end(String(problem)),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

function get(url: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, res => {
      res.resume()
      res.on('end', () => (res.statusCode === 200 ? resolve() : reject(new Error(`${url} said ${res.statusCode}`))))
    })
      .on('error', reject)
      .end()
  })
}

/** As a table is after a night: what was entered at once is clean, and its figures are known. */
async function settled(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query('vacuum analyze students')
  await client.end()
}

/** Indexes that are made over a million rows at once are made in a minute, and row by row in an hour. */
async function withoutIndexes(database: Database, work: () => Promise<void>): Promise<void> {
  const indexes = await database.asOwner(sql =>
    sql.rows<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes where tablename = 'students'
        and not exists (select from pg_constraint where conname = indexname)`,
    ),
  )
  await database.asOwner(sql => sql.run(indexes.map(({ name }) => `drop index ${name}`).join(';')))
  await work()
  for (const { definition } of indexes) await database.asOwner(sql => sql.run(definition))
}

type Filled = { readonly vault: Parameters<typeof sealingOf>[1] }

async function fill(
  { db }: Awaited<ReturnType<typeof openPostgres>>,
  { vault }: Filled,
  { schoolId }: TestSchool,
  from: number,
  to: number,
): Promise<void> {
  const chunk = 5_000
  for (let at = from; at < to; at += chunk) {
    await inSchool(db, schoolId, async tx => {
      const seal = await sealingOf(tx, vault, schoolId)
      const rows = Array.from({ length: Math.min(chunk, to - at) }, (_, offset) => {
        const n = at + offset
        const id = randomUUIDv7()
        const fields = completed({
          studentNumber: `N-${n}x`,
          firstName: FIRST[n % FIRST.length]!,
          lastName: `${LAST[(n >> 3) % LAST.length]}${(n * 31) % 1000}`,
          email: `n${n}@campus.example`,
          birthDate: `2004-0${(n % 9) + 1}-11`,
          phone: `+316${String(10_000_000 + n).padStart(8, '0')}`,
        })
        return { id, school_id: schoolId, user_id: null, ...columnsOf(seal, id, fields), archived_at: null }
      })
      await sql`insert into students select * from json_populate_recordset(null::students, ${JSON.stringify(
        rows.map(row => ({ ...row, version: 1, created_at: new Date(), updated_at: new Date() })),
      )}::json)`.execute(tx)
    })
  }
}
