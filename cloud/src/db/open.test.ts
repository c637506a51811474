import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'

/** A deadline for making a database from nothing in another process, and not a measurement. */
const START_MS_MAX = 120_000

describe('the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-open-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test(
    'a second process gets one sentence, and the folder is free again when the first was killed',
    async () => {
      const script = join(folder, 'holder.ts')
      writeFileSync(
        script,
        `import { openPglite } from ${JSON.stringify(new URL('./pglite.ts', import.meta.url).href)}
       await openPglite({ folder: ${JSON.stringify(folder)} })
       process.send('open')
       setInterval(() => {}, 1000)`,
      )
      const holder = fork(script, { execArgv: [] })
      await once(holder, 'message')
      await expect(openPglite({ folder })).rejects.toThrow(/^another process is using the data in .* GATEHOUSE_DATA\.$/)

      holder.kill('SIGKILL')
      await once(holder, 'exit')
      const database = await openPglite({ folder })
      expect(await database.db.selectFrom('students').selectAll().execute()).toEqual([])
      await database[Symbol.asyncDispose]()
    },
    START_MS_MAX,
  )

  test('types come out as they do from PostgreSQL', async () => {
    const database = await openPglite({ folder })
    const rows = await database.asOwner(sql =>
      sql.rows(`select 9007199254740993::int8 as big, '2026-02-03'::date as day, '\\x0102'::bytea as bytes`),
    )
    expect(rows).toEqual([{ big: '9007199254740993', day: '2026-02-03', bytes: Buffer.from([1, 2]) }])
    await database[Symbol.asyncDispose]()
  })

  test('damaged files are said to be damaged, and the folder is let go', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'gatehouse-broken-'))
    await (await openPglite({ folder: broken }))[Symbol.asyncDispose]()
    writeFileSync(join(broken, 'pglite', 'global', 'pg_control'), 'garbage')
    const sentence = /^the database in .* cannot be opened: its files are damaged, or the disk is full\./
    await expect(openPglite({ folder: broken })).rejects.toThrow(sentence)
    await expect(openPglite({ folder: broken })).rejects.toThrow(sentence)
    rmSync(broken, { recursive: true })
  })
})

needs('postgres')('PostgreSQL', () => {
  let server: TestServer
  let urls: { url: string; ownerUrl: string }
  beforeAll(async () => {
    server = await startPostgres()
    urls = await createDatabase(server, { migrated: false })
    await (await openPostgres(urls))[Symbol.asyncDispose]()
  })
  afterAll(() => server.stop())

  const superuser = async (text: string) => {
    const client = new pg.Client({ connectionString: server.url() })
    await client.connect()
    await client.query(text)
    await client.end()
  }

  test('a runtime login that owns tables is refused', async () => {
    await expect(openPostgres({ ...urls, url: urls.ownerUrl })).rejects.toThrow(
      'the database login owner in DATABASE_URL owns tables',
    )
  })

  test('a runtime login that bypasses policies is refused', async () => {
    await superuser('create role strong login bypassrls; grant gatehouse_app to strong')
    const url = urls.url.replace('app@', 'strong@')
    await expect(openPostgres({ ...urls, url })).rejects.toThrow('bypasses row-level security')
  })

  test('a login that may use nothing is told what to run', async () => {
    await superuser('create role bare login')
    const url = urls.url.replace('app@', 'bare@')
    await expect(openPostgres({ ...urls, url })).rejects.toThrow('grant gatehouse_app to "bare"')
  })

  test('synchronous_commit=off is refused', async () => {
    await superuser('alter role app set synchronous_commit = off')
    await expect(openPostgres(urls)).rejects.toThrow('synchronous_commit is off')
    await superuser('alter role app reset synchronous_commit')
  })

  test('without the owner a database that is behind is refused, and one that is current opens', async () => {
    const fresh = await createDatabase(server, { migrated: false })
    await expect(openPostgres({ url: fresh.url, ownerUrl: null })).rejects.toThrow('./gatehouse cloud migrate')
    await (await openPostgres(fresh))[Symbol.asyncDispose]()
    await (await openPostgres({ url: fresh.url, ownerUrl: null }))[Symbol.asyncDispose]()
  })

  test('two that start at once migrate once', async () => {
    const fresh = await createDatabase(server, { migrated: false })
    const both = await Promise.all([openPostgres(fresh), openPostgres(fresh)])
    const rows = await both[0].asOwner(sql => sql.rows<{ number: number }>('select number from schema_migrations'))
    expect(rows.map(({ number }) => number)).toEqual([...new Set(rows.map(({ number }) => number))])
    for (const one of both) await one[Symbol.asyncDispose]()
  })
})
