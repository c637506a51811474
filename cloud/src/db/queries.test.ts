import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openPglite } from './pglite.ts'
import { kindOfQuery, warnOfSlow } from './queries.ts'

for (const [text, operation, table] of [
  ['select "id" from "students" where "id" = $1', 'select', 'students'],
  ['insert into "audit_log" ("id") values ($1) on conflict do nothing', 'insert', 'audit_log'],
  ['update "jobs" set "state" = $1 from "users"', 'update', 'jobs'],
  ['delete from "refresh_tokens" where "hash" = $1', 'delete', 'refresh_tokens'],
  ['select * from find_session($1::uuid)', 'select', 'find_session'],
  ['with "found" as (select 1 from "gates") select * from "found"', 'select', 'gates'],
  ["select set_config('app.school', $1, true)", 'select', 'none'],
  ['begin', 'other', 'none'],
  ['', 'other', 'none'],
] as const) {
  test(`"${text}" is ${operation} of ${table}`, () => expect(kindOfQuery(text)).toEqual({ operation, table }))
}

test('what takes longer than a second is warned of, cut short', () => {
  const warned: { sql: string; ms: number }[] = []
  const onQuery = warnOfSlow(fields => warned.push(fields))
  onQuery({ sql: 'select 1', ms: 1_000 })
  onQuery({ sql: 'x'.repeat(5_000), ms: 1_000.6 })
  expect(warned).toEqual([{ sql: 'x'.repeat(2_000), ms: 1_001 }])
})

test('the text of a statement holds no values, also of one that fails', async () => {
  const told: string[] = []
  await using database = await openPglite({ folder: null, onQuery: query => told.push(query.sql) })
  await sql`select ${'Zoë'}::text`.execute(database.db)
  await sql`select ${'Zoë'}::integer`.execute(database.db).catch(() => {})
  expect(told).toEqual(['select $1::text', 'select $1::integer'])
})
