import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { furnish } from '../testing/furnish.ts'
import { allPolicies } from '../testing/layers.ts'
import type { Database } from './connect.ts'
import { findGate, findLogins, findSchools } from './definer.ts'
import { leave } from './outbox.ts'
import { inSchool } from './school.ts'
import type { Tables, Tx } from './tables.ts'

const vault = openVault(Buffer.alloc(32, 1))

/** Every table with a school's rows. */
async function schoolTables(database: Database): Promise<string[]> {
  const tables = await database.asOwner(owner =>
    owner.rows<{ name: string }>(`select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'school_id' and table_name not like 'access_events_%' order by 1`),
  )
  return tables.map(({ name }) => name)
}

onBothEngines('tenancy', engine => {
  let database: Database
  let ours: TestSchool
  let theirs: TestSchool
  let their: Awaited<ReturnType<typeof furnish>>
  beforeAll(async () => {
    database = await engine.fresh()
    ours = await enterTestSchool(database, vault)
    theirs = await enterTestSchool(database, vault)
    await furnish(database, ours)
    their = await furnish(database, theirs)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  /** As the program would ask if somebody forgot every `where`. */
  const everything = (table: string, schoolId: string | null) =>
    inSchool(
      database.db,
      schoolId,
      async tx => (await sql<{ school_id: string }>`select * from ${sql.table(table)}`.execute(tx)).rows,
    )

  test('with every filter off, no table shows a row of another school', async () => {
    const tables = await schoolTables(database)
    expect(tables.length).toBeGreaterThan(15)
    for (const name of tables) {
      const seen = new Set((await everything(name, ours.schoolId)).map(row => row.school_id))
      seen.delete(ours.schoolId)
      expect([name, ...seen]).toEqual([name])
    }
    expect((await everything('passes', ours.schoolId)).length).toBe(2)
    expect((await everything('card_offers', ours.schoolId)).length).toBe(1)
    expect(await inSchool(database.db, ours.schoolId, tx => tx.selectFrom('schools').select('id').execute())).toEqual([
      { id: ours.schoolId },
    ])
  })

  test('with every policy off, the filter alone shows and changes nothing of another school', async () => {
    const tables = (await schoolTables(database)).filter(name => name !== 'schools')
    await allPolicies(database, 'disable')
    try {
      const changed = await inSchool(database.db, ours.schoolId, async tx => {
        const unfiltered = (await sql<{ n: string }>`select count(*) as n from students`.execute(tx)).rows[0]!.n
        expect(Number(unfiltered)).toBeGreaterThan(1)
        for (const name of tables as (keyof Tables & 'students')[]) {
          const rows = await tx.selectFrom(name).select('school_id').execute()
          expect([name, ...new Set(rows.map(row => row.school_id))]).toEqual(
            rows.length > 0 ? [name, ours.schoolId] : [name],
          )
        }
        return tx.updateTable('students').set({ first_name: 'Eve' }).returning('school_id').execute()
      })
      expect(changed).toEqual([{ school_id: ours.schoolId }])
    } finally {
      await allPolicies(database, 'enable')
    }
    expect(await everything('students', null)).toEqual([])
  })

  test('where no school was entered, nothing of any school is there', async () => {
    for (const name of ['students', 'passes', 'gates', 'schools', 'signing_keys', 'access_events']) {
      expect([name, await everything(name, null)]).toEqual([name, []])
    }
    expect(await database.db.selectFrom('students').selectAll().execute()).toEqual([])
  })

  test('what was entered ends with its transaction', async () => {
    await inSchool(database.db, ours.schoolId, tx => tx.selectFrom('students').select('id').execute())
    expect(await database.db.selectFrom('students').select('id').execute()).toEqual([])
  })

  test('a row cannot be written into another school, nor moved there', async () => {
    const group = { school_id: theirs.schoolId, number: 9, name: 'x' }
    for (const [layer, refusal] of [
      ['filter', 'this transaction is of'],
      ['policies', 'row-level security'],
    ] as const) {
      const only = (tx: Tx) => (layer === 'policies' ? tx.withoutPlugins() : tx)
      await expect(
        inSchool(database.db, ours.schoolId, tx => only(tx).insertInto('groups').values(group).execute()),
      ).rejects.toThrow(refusal)
      await expect(
        inSchool(database.db, ours.schoolId, tx =>
          only(tx).updateTable('groups').set({ school_id: theirs.schoolId }).execute(),
        ),
      ).rejects.toThrow(refusal)
    }
  })

  test('another school’s rows are neither changed nor deleted', async () => {
    await inSchool(database.db, ours.schoolId, async filtered => {
      for (const tx of [filtered, filtered.withoutPlugins()]) {
        await tx.updateTable('students').set({ first_name: 'Eve' }).where('id', '=', their.studentId).execute()
        await tx.deleteFrom('credentials').where('pass_id', '=', their.passId).execute()
      }
    })
    const student = await inSchool(database.db, theirs.schoolId, tx =>
      tx.selectFrom('students').select('first_name').executeTakeFirst(),
    )
    expect(student).toEqual({ first_name: 'Ada' })
    expect(await everything('credentials', theirs.schoolId)).toHaveLength(1)
  })

  test('a foreign key refuses another school’s row', async () => {
    const pass: Parameters<ReturnType<typeof database.db.insertInto<'passes'>>['values']>[0] = {
      pass_id: 'aaaaaaaaaaaaaaaa',
      school_id: ours.schoolId,
      student_id: their.studentId,
      serial: 99,
      status: 'active',
      class: 'student',
      not_before: new Date(0),
      expires: new Date(1),
      groups: 1,
      revoked_at: null,
      revoked_by: null,
      note: null,
      created_at: new Date(),
    }
    await expect(
      inSchool(database.db, ours.schoolId, tx => tx.insertInto('passes').values(pass).execute()),
    ).rejects.toThrow('passes_school_id_student_id_fkey')
    await expect(
      inSchool(database.db, ours.schoolId, tx =>
        tx
          .insertInto('gate_chains')
          .values({ gate_id: their.gateId, school_id: ours.schoolId })
          .onConflict(c => c.doNothing())
          .execute(),
      ),
    ).resolves.toBeDefined()
    const point = {
      id: randomUUIDv7(),
      school_id: ours.schoolId,
      gate_id: their.gateId,
      lane: 'x',
      name: 'x',
      direction: 'in',
      position: 0,
    } as const
    await expect(
      inSchool(database.db, ours.schoolId, tx => tx.insertInto('access_points').values(point).execute()),
    ).rejects.toThrow('access_points_school_id_gate_id_fkey')
  })

  test('search looks in its own school only', async () => {
    const found = (schoolId: string) =>
      inSchool(
        database.db,
        schoolId,
        async tx => (await sql<{ id: string }>`select id from search_students(array['lovelace'])`.execute(tx)).rows,
      )
    expect(await found(theirs.schoolId)).toEqual([{ id: their.studentId }])
    expect((await found(ours.schoolId)).map(({ id }) => id)).not.toContain(their.studentId)
    expect((await sql`select id from search_students(array['lovelace'])`.execute(database.db)).rows).toEqual([])
  })

  test('the listed functions find across schools, each its one thing', async () => {
    expect((await findGate(database.db, their.gateId))?.tenant).toBe(theirs.tenant)
    expect(await findGate(database.db, "x' or true")).toBe(undefined)
    expect(await findLogins(database.db, theirs.users.get('staff')!)).toHaveLength(1)
    expect((await findSchools(database.db)).map(({ tenant }) => tenant)).toEqual([ours.tenant, theirs.tenant])
  })

  test('events are added and never changed', async () => {
    for (const work of [
      'update access_events set kind = kind',
      'delete from access_events',
      'truncate access_events',
    ]) {
      await expect(inSchool(database.db, ours.schoolId, tx => sql.raw(work).execute(tx))).rejects.toThrow(
        'permission denied',
      )
    }
  })

  test('the runtime role cannot make tables, nor turn a policy off', async () => {
    for (const work of [
      'create table x ()',
      'alter table students disable row level security',
      'drop policy own_school on students',
    ]) {
      await expect(sql.raw(work).execute(database.db)).rejects.toThrow(/permission denied|must be owner/)
    }
  })

  test('a row of the outbox is seen by its own school', async () => {
    await inSchool(database.db, theirs.schoolId, tx => leave(tx, theirs.schoolId, 'gates.changed', {}))
    const rows = await everything('outbox' satisfies keyof Tables, ours.schoolId)
    expect(rows.every(row => row.school_id === ours.schoolId)).toBe(true)
  })
})
