import { expect, test } from 'vitest'
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
})
