import pg from 'pg'
import { expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { createDatabase, startPostgres } from '../testing/postgres.ts'
import { frugalPool, recurring, TURN_TO_SCHOOL } from './frugal-client.ts'

const SCHOOL = '01a21864-0ef8-7876-97b5-b2ff56339777'

test('a statement has a name from the third time on, a hundred of them have one, and none with a star', () => {
  const nameOf = recurring()
  expect([1, 2, 3, 4].map(() => nameOf('select id from gates'))).toEqual([null, null, 'recurring_0', 'recurring_0'])
  for (const text of ['select * from gates', 'select "gates".* from "gates"', 'delete from a returning *', 'begin']) {
    expect([text, [1, 2, 3, 4].map(() => nameOf(text))]).toEqual([text, [null, null, null, null]])
  }
  const names = Array.from({ length: 150 }, (_, at) =>
    [1, 2, 3].map(() => nameOf(`select ${at} as n from gates`)).at(-1),
  )
  expect(names.filter(name => name !== null)).toHaveLength(99)
  expect([1, 2, 3].map(() => nameOf('select count(*) from gates')).at(-1)).toBeNull()
})

needs('postgres')('a connection', () => {
  test('begins together with what turns it to a school and its first statement, and prepares what recurs', async () => {
    const server = await startPostgres()
    const urls = await createDatabase(server)
    const pool = poolOf(urls.url, { pipeline: true })
    const client = await frugalPool(pool, { direct: true }).connect()
    try {
      const sent: string[] = []
      const inner = await Promise.resolve((pool as unknown as { _clients: pg.Client[] })._clients[0]!)
      const query = inner.query.bind(inner) as (...said: unknown[]) => unknown
      inner.query = ((what: string | { text: string }, ...rest: unknown[]) => {
        sent.push(typeof what === 'string' ? what : what.text)
        return query(what, ...rest)
      }) as never
      const inSchool = `select current_setting('app.school', true) as school, pg_current_xact_id_if_assigned() is null as nothing_written`

      await client.query('begin', [])
      expect((await client.query<{ set_config: string }>(TURN_TO_SCHOOL, [SCHOOL])).rows).toEqual([
        { set_config: SCHOOL },
      ])
      expect((await client.query<{ school: string }>(inSchool, [])).rows[0]!.school).toBe(SCHOOL)
      expect((await client.query('commit', [])).command).toBe('COMMIT')
      expect(sent).toEqual([`begin; select set_config('app.school', '${SCHOOL}', true)`, inSchool, 'commit'])

      // Outside nothing is left of it.
      expect((await client.query<{ school: string }>(inSchool, [])).rows[0]!.school).toBe('')

      // What begins with something else begins; what is nothing is nothing.
      sent.length = 0
      await client.query('begin', [])
      await client.query('select 1 as one', [])
      await client.query('rollback', [])
      await client.query('begin', [])
      expect((await client.query('rollback', [])).command).toBe('ROLLBACK')
      expect(sent).toEqual(['begin', 'select 1 as one', 'rollback'])

      // A value is a value, whatever is in it.
      await client.query('begin', [])
      const odd = `'); drop table x; --`
      await client.query(TURN_TO_SCHOOL, [odd])
      expect((await client.query<{ school: string }>(inSchool, [])).rows[0]!.school).toBe(odd)
      await client.query('rollback', [])

      // Where the first statement fails the transaction is broken, and the next is another.
      await client.query('begin', [])
      await client.query(TURN_TO_SCHOOL, [SCHOOL])
      await expect(client.query('select 1 / 0', [])).rejects.toThrow('division by zero')
      await expect(client.query('select 1', [])).rejects.toThrow('current transaction is aborted')
      await client.query('rollback', [])
      expect((await client.query<{ school: string }>(inSchool, [])).rows[0]!.school).toBe('')

      for (let time = 0; time < 3; time++) await client.query('select name from pg_prepared_statements', [])
      const prepared = await client.query<{ statement: string }>('select statement from pg_prepared_statements', [])
      expect(prepared.rows.map(({ statement }) => statement).toSorted()).toEqual([
        inSchool,
        'select name from pg_prepared_statements',
      ])
    } finally {
      client.release()
      await pool.end()
      await server.stop()
    }
  })

  test('behind a pooler of transactions prepares nothing', async () => {
    const server = await startPostgres()
    const pool = poolOf((await createDatabase(server)).url)
    try {
      const client = await frugalPool(pool, { direct: false }).connect()
      for (let time = 0; time < 4; time++) await client.query('select 1 as one', [])
      expect((await client.query('select statement from pg_prepared_statements', [])).rows).toEqual([])
      client.release()
    } finally {
      await pool.end()
      await server.stop()
    }
  })
})

/** A pool says that it has ended before its connection has, and the server may stop between the two. */
function poolOf(connectionString: string, { pipeline = false } = {}): pg.Pool {
  return new pg.Pool({ connectionString, max: 1, pipeline }).on('error', () => {})
}
