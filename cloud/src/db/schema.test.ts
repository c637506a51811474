import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onBothEngines } from '../testing/database.ts'
import type { Database } from './connect.ts'
import { DEFINERS } from './definer.ts'
import { type Migration, migrate, migrations } from './migrate.ts'
import { makePartitions } from './partitions.ts'
import { dumpSchema } from './schema-dump.ts'

const SCHEMA = new URL('./schema.sql', import.meta.url)

/** Tables that are no school's: the migrations themselves, and the keys that sign access tokens for the installation. */
const OF_THE_INSTALLATION = ['push_keys', 'schema_migrations', 'session_keys']

onBothEngines('the schema', engine => {
  let database: Database
  beforeAll(async () => {
    database = await engine.fresh()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('is what schema.sql says', async () => {
    const dump = await database.asOwner(dumpSchema)
    if (process.env.GATEHOUSE_WRITE_SCHEMA === '1') writeFileSync(SCHEMA, dump)
    expect(dump).toBe(readFileSync(SCHEMA, 'utf8'))
  })

  test('every table of a school has forced row-level security', async () => {
    const open = await database.asOwner(sql =>
      sql.rows<{ name: string }>(`select relname as name from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and not relispartition and not (relrowsecurity and relforcerowsecurity) order by relname`),
    )
    expect(open.map(row => row.name)).toEqual(OF_THE_INSTALLATION)
  })

  test('the runtime role owns nothing and bypasses nothing', async () => {
    const role = await database.asOwner(sql =>
      sql.rows(`select rolsuper, rolbypassrls, rolcanlogin,
        (select count(*)::int from pg_class where relowner = pg_roles.oid) as owns from pg_roles where rolname in ('gatehouse_app', 'gatehouse_definer')`),
    )
    const powerless = { rolsuper: false, rolbypassrls: false, rolcanlogin: false, owns: 0 }
    expect(role).toEqual([powerless, powerless])
  })

  test('what looks across schools is listed, and belongs to a role that cannot log in', async () => {
    const definers = await database.asOwner(sql =>
      sql.rows<{ name: string; owner: string }>(`select proname as name, pg_get_userbyid(proowner) as owner from pg_proc
        where prosecdef and pronamespace = 'public'::regnamespace order by proname`),
    )
    expect(definers).toEqual(DEFINERS.map(name => ({ name, owner: 'gatehouse_definer' })))
  })

  test('a database newer than the program is refused', async () => {
    await expect(database.asOwner(sql => migrate(sql, []))).rejects.toThrow(
      'the database is at migration 0001_first.sql, newer than this program',
    )
  })

  test('a migration that was changed after it was applied is refused', async () => {
    const changed: Migration[] = migrations().map(one => ({ ...one, checksum: 'f'.repeat(64) }))
    await expect(database.asOwner(sql => migrate(sql, changed))).rejects.toThrow('changed after it was applied')
  })

  test('a migration that fails leaves nothing of itself', async () => {
    const broken = {
      number: migrations().length + 1,
      name: 'broken.sql',
      text: 'create table half (); select 1/0',
      checksum: 'x',
    }
    await expect(database.asOwner(sql => migrate(sql, [...migrations(), broken]))).rejects.toThrow('division by zero')
    expect(await database.asOwner(sql => sql.rows(`select to_regclass('half') as half`))).toEqual([{ half: null }])
  })

  test('a month that comes after its events takes them from the default partition', async () => {
    const at = new Date('2031-05-17T12:00:00Z')
    await database.asOwner(sql =>
      sql.run(`set local row_security = on; select set_config('app.school', '01990000-0000-7000-8000-000000000001', true);
        insert into access_events_default (school_id, gate_id, sequence, event_time, kind, list_version, previous_hash, hash, record)
        values ('01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000002', 1, '${at.toISOString()}', 'boot', 0, '', '', '{}')`),
    )
    expect(await database.asOwner(sql => makePartitions(sql, at, 0))).toEqual([
      'access_events_2031_04',
      'access_events_2031_05',
    ])
    const rows = await database.asOwner(sql => sql.rows('select sequence from access_events_2031_05'))
    expect(rows).toEqual([{ sequence: '1' }])
    expect(await database.asOwner(sql => sql.rows('select sequence from access_events_default'))).toEqual([])
    expect(await database.asOwner(sql => makePartitions(sql, at, 0))).toEqual([])
  })
})
