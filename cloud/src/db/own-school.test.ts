import { randomUUIDv7 } from 'node:crypto'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { expect, test } from 'vitest'
import { ownSchool } from './own-school.ts'
import type { Tables } from './tables.ts'

const SCHOOL = '019aa000-0000-7000-8000-000000000001'
const OTHER = '019aa000-0000-7000-8000-000000000002'

const bare = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const db = bare.withPlugin(ownSchool(SCHOOL))
const said = (query: { compile(): { sql: string; parameters: readonly unknown[] } }) => {
  const { sql: text, parameters } = query.compile()
  return parameters.reduce<string>((whole, value, at) => whole.replace(`$${at + 1}`, String(value)), text)
}
const of = (table: string) => `"${table}"."school_id" = ${SCHOOL}`

test('what is read is the school’s', () => {
  expect(said(db.selectFrom('passes').select('note'))).toBe(`select "note" from "passes" where ${of('passes')}`)
  expect(said(db.selectFrom('passes as p').select('p.note'))).toBe(
    `select "p"."note" from "passes" as "p" where ${of('p')}`,
  )
  expect(said(db.selectFrom(['passes', 'gates']).select('note'))).toContain(`${of('passes')}) and ${of('gates')}`)
  expect(said(db.selectFrom('schools').select('name'))).toContain(`"schools"."id" = ${SCHOOL}`)
})

test('an or of the query does not open it', () => {
  expect(said(db.selectFrom('passes').select('note').where(sql<boolean>`status = 'x' or serial = 1`))).toBe(
    `select "note" from "passes" where (status = 'x' or serial = 1) and ${of('passes')}`,
  )
})

test('a joined table is filtered where it is joined', () => {
  const joined = db.selectFrom('passes').leftJoin('gates', 'gates.name', 'passes.note').select('gates.id')
  expect(said(joined)).toBe(
    `select "gates"."id" from "passes" left join "gates" on ("gates"."name" = "passes"."note") and ${of('gates')} where ${of('passes')}`,
  )
  expect(() => said(db.selectFrom('passes').fullJoin('gates', 'gates.name', 'passes.note').select('gates.id'))).toThrow(
    'FullJoin',
  )
})

test('a query within a query is filtered, and once', () => {
  const inner = db.selectFrom('passes').select('pass_id')
  const text = said(db.deleteFrom('credentials').where('pass_id', 'in', inner))
  expect(text.split(of('passes'))).toHaveLength(2)
  expect(text).toContain(of('credentials'))
  const counted = db
    .selectFrom('students')
    .select(eb => eb.selectFrom('passes').select('serial').whereRef('student_id', '=', 'students.id').as('n'))
  expect(said(counted)).toContain(of('passes'))
  const both = db.selectFrom('students').select('id').union(db.selectFrom('gates').select('id'))
  expect(said(both)).toContain(of('gates'))
  const exists = db
    .selectFrom('students')
    .select('id')
    .where(eb => eb.exists(eb.selectFrom('passes').select('serial')))
  expect(said(exists)).toContain(of('passes'))
})

test('a name that the query gives itself is no table', () => {
  const query = db
    .with('mine', cte => cte.selectFrom('passes').select('serial'))
    .selectFrom('mine')
    .select('serial')
  expect(said(query)).toBe(
    `with "mine" as (select "serial" from "passes" where ${of('passes')}) select "serial" from "mine"`,
  )
})

test('what is changed and deleted is the school’s', () => {
  expect(said(db.updateTable('gates').set({ name: 'x' }))).toBe(`update "gates" set "name" = x where ${of('gates')}`)
  expect(said(db.updateTable('gates').from('passes').set({ name: 'x' }))).toContain(of('passes'))
  expect(said(db.deleteFrom('gates'))).toBe(`delete from "gates" where ${of('gates')}`)
  expect(said(db.deleteFrom('gates').using('passes'))).toContain(of('passes'))
})

test('a row cannot be moved to another school', () => {
  expect(() => said(db.updateTable('groups').set({ school_id: OTHER }))).toThrow(OTHER)
  expect(() => said(db.updateTable('groups').set({ school_id: sql`gen_random_uuid()` }))).toThrow('an unknown school')
})

test('what is entered is the school’s, whichever way it is written', () => {
  const group = { school_id: SCHOOL, number: 1, name: 'x' }
  said(db.insertInto('groups').values(group))
  expect(() => said(db.insertInto('groups').values({ ...group, school_id: OTHER }))).toThrow(OTHER)
  expect(() => said(db.insertInto('groups').values([group, { ...group, school_id: OTHER }]))).toThrow(OTHER)
  // A row with an expression in it is written another way.
  expect(() => said(db.insertInto('groups').values({ ...group, school_id: OTHER, name: sql`upper('x')` }))).toThrow(
    OTHER,
  )
  expect(() => said(db.insertInto('groups').values({ number: 1, name: 'x' } as never))).toThrow('an unknown school')
  const from = db.insertInto('groups').columns(['school_id', 'number', 'name'])
  expect(said(from.expression(db.selectFrom('groups').select(['school_id', 'number', 'name'])))).toContain(of('groups'))
})

test('a row that is there already is only changed where it is the school’s', () => {
  const chain = { gate_id: randomUUIDv7(), school_id: SCHOOL }
  const text = said(
    db
      .insertInto('gate_chains')
      .values(chain)
      .onConflict(on => on.column('gate_id').doUpdateSet({ hash: 'x' })),
  )
  expect(text).toContain(`do update set "hash" = x where ${of('gate_chains')}`)
})

test('of no school are the rows that have none', () => {
  const platform = bare.withPlugin(ownSchool(null))
  expect(said(platform.selectFrom('users').select('id'))).toBe(
    'select "id" from "users" where "users"."school_id" is null',
  )
  expect(() => said(platform.insertInto('groups').values({ school_id: SCHOOL, number: 1, name: 'x' }))).toThrow(SCHOOL)
})

test('a table that nobody listed is filtered too', () => {
  const tomorrow = db as unknown as Kysely<{ letters: { text: string } }>
  expect(said(tomorrow.selectFrom('letters').select('text'))).toContain(of('letters'))
  expect(said(db.selectFrom('session_keys').select('kid'))).toBe('select "kid" from "session_keys"')
})
