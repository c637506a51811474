import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { listStudents, type StudentQuery } from '../students/students-found.repo.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'

onBothEngines('searching students', engine => {
  test('reads the index as the role that searches: no condition of a policy comes before the words', async () => {
    await using database = await engine.fresh()
    const plan = await database.asOwner(async sql => {
      await sql.run('set local enable_seqscan = off')
      await sql.run('set local role gatehouse_definer')
      const rows = await sql.rows<{ 'QUERY PLAN': string }>(
        `explain select id from students where search_text like '%angstrom%'`,
      )
      await sql.run('reset role')
      return rows.map(row => row['QUERY PLAN']).join('\n')
    })
    expect(plan).toMatch(/Bitmap Index Scan on students_search\b[\s\S]*Index Cond: \(search_text ~~/)
  })

  test('of a beginning that thousands share the first thousand are found, last names first; of anything narrower all', async () => {
    await using database = await engine.fresh()
    const { schoolId } = await enterTestSchool(database, openVault(Buffer.alloc(32, 1)))
    const enter = (first: string, last: string, from: number, count: number, status = 'active') =>
      inSchool(database.db, schoolId, tx =>
        sql`insert into students (id, school_id, student_number, first_name, last_name, status, search_text, created_at, updated_at)
          select gen_random_uuid(), ${schoolId}, 'N-' || n, ${first}, ${last} || n, ${status},
            ' ' || lower(${last} || n || ' ' || ${first} || ' n-' || n), now(), now()
          from generate_series(${from}::int, ${from + count - 1}::int) as n`.execute(tx),
      )
    // By first name they would come before, by last name after.
    await enter('Berta', 'Aalto', 1, 600)
    await enter('Zoe', 'Berg', 1_001, 900)
    await enter('Zoe', 'Ber', 2_000, 1)
    await enter('Carl', 'Cobb', 3_000, 50, 'graduated')
    await enter('Berta', 'Dahl', 4_000, 40, 'graduated')
    const found = (query: Partial<StudentQuery>) =>
      inSchool(database.db, schoolId, tx =>
        listStudents(tx, schoolId, { page: 1, limit: 25, sort: 'name', nowMs: Date.now(), ...query }),
      )

    const many = await found({ search: 'ber' })
    expect(many).toMatchObject({ total: 1_000, isCapped: true })
    expect(many.rows).toHaveLength(25)
    // 901 whose last name begins so are all there; of the first names some are.
    const names = async (page: number) =>
      (await found({ search: 'ber', page, limit: 100 })).rows.map(({ last_name }) => last_name)
    const pages = (await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(names))).flat()
    expect(pages).toHaveLength(1_000)
    expect(new Set(pages).size).toBe(1_000)
    expect(pages.filter(name => name.startsWith('Ber')).length).toBeGreaterThanOrEqual(900)
    expect(pages).toContain('Ber2000')

    expect(await found({ search: 'berg' })).toMatchObject({ total: 900, isCapped: false })
    expect(await found({ search: 'berta' })).toMatchObject({ total: 640, isCapped: false })
    expect(await found({ search: 'ber', status: 'graduated' })).toMatchObject({ total: 40, isCapped: false })
    const two = await found({ search: 'zoe berg10' })
    expect(two).toMatchObject({ total: 99, isCapped: false })
    expect(two.rows[0]!.last_name).toBe('Berg1001')
    expect(await found({ search: 'nobody' })).toMatchObject({ total: 0, rows: [], isCapped: false })
  })
})
