import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { kindOfQuery } from '../db/queries.ts'
import { enterTestSchool, startCloud, type TestCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, enterPupils } from '../testing/graphql-stand.ts'

/** Everything that stands beside a student, and what leads back and forth. */
const PAGE = `{ students(pagination: { limit: 100 }) { data {
  id studentId firstName lastName email phone status createdAt updatedAt
  school { id name } department { id name studentCount }
  passes { id serial status groups { name } student { id firstName } }
  applications { id status submittedAt student { id } pass { id } }
} pagination { total } } }`

onBothEngines('a page of students with everything beside them', engine => {
  let database: Database
  let cloud: TestCloud
  const statements: string[] = []
  beforeAll(async () => {
    database = await engine.fresh(({ sql }) => void statements.push(sql))
    cloud = await startCloud(database)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  /** What one page of so many students asks of the database. */
  async function statementsFor(count: number): Promise<string[]> {
    const school = await enterTestSchool(database, cloud.vault)
    await enterPupils(database, cloud, school, count)
    const token = await cloud.signIn(school, 'staff')
    await ask(cloud, token, '{ school { id } }')
    statements.length = 0
    const page = await ask(cloud, token, PAGE)
    expect(page.errors).toBeUndefined()
    expect(page.data.students.data).toHaveLength(count)
    for (const student of page.data.students.data) {
      expect([student.passes.length, student.applications.length]).toEqual([1, 1])
      expect(student.passes[0].student.id).toBe(student.id)
    }
    return statements.map(sql => Object.values(kindOfQuery(sql)).join(' '))
  }

  test('takes the same statements for ten and for a hundred', async () => {
    const [ten, hundred] = [await statementsFor(10), await statementsFor(100)]
    expect(hundred).toEqual(ten)
    expect(hundred.length).toBeLessThan(30)
  }, 60_000)

  test('other names with other limits are one statement too', async () => {
    const school = await enterTestSchool(database, cloud.vault)
    await enterPupils(database, cloud, school, 5)
    const token = await cloud.signIn(school, 'staff')
    const aliases = Array.from({ length: 40 }, (_, at) => `p${at}: passes(limit: ${at + 1}) { id }`).join(' ')
    const passesRead = async (fields: string) => {
      statements.length = 0
      expect((await ask(cloud, token, `{ students { data { ${fields} } } }`)).errors).toBeUndefined()
      return statements.filter(sql => /from "passes" left join/.test(sql)).length
    }
    expect([await passesRead('passes(limit: 1) { id }'), await passesRead(aliases)]).toEqual([1, 1])
  })
})
