import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from './cloud.ts'
import type { Engine } from './database.ts'
import { type ImportStand, importStand } from './import-stand.ts'

const HEAD = 'Student number,First name,Last name,Email,Department,Status,Date of birth,Mobile'
/** A list with the headings that are known, and these rows. */
export const csv = (...rows: string[]) => `${[HEAD, ...rows].join('\r\n')}\r\n`
export const NO_STOP = { percent: 100, students: 1_000_000 }

export type ImportFixture = {
  readonly database: Database
  readonly cloud: TestCloud
  readonly school: TestSchool
  readonly stand: ImportStand
  /** Living students by their number, in its order. */
  students(): Promise<Map<string, Record<string, unknown>>>
  /** Enters one by hand; answers the id. */
  enter(studentNumber: string, fields?: object): Promise<string>
  /** Issues a pass; answers its id. */
  issue(studentId: string): Promise<string>
  passStatus(passId: string): Promise<string>
  rows(importId: string, query?: string): Promise<Record<string, unknown>[]>
  ask<Row>(text: string): Promise<Row[]>
  count(from: string): Promise<number>
}

/** A Dutch school of its own for each test, with one group and the workers behind the service. */
export function importFixture(engine: Engine): ImportFixture {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let stand: ImportStand | undefined
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
  })
  beforeEach(async () => {
    await stand?.[Symbol.asyncDispose]()
    school = await enterTestSchool(database, cloud.vault)
    stand = await importStand(cloud, school)
    await inSchool(database.db, school.schoolId, async tx => {
      await enterGroups(tx, school.schoolId, new Map([[0, 'Campus']]))
      await tx.updateTable('schools').set({ country: 'NL' }).execute()
    })
  })
  afterAll(async () => {
    await stand?.[Symbol.asyncDispose]()
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object) => stand!.call(method, path, body)
  const it: ImportFixture = {
    get database() {
      return database
    },
    get cloud() {
      return cloud
    },
    get school() {
      return school
    },
    get stand() {
      return stand!
    },
    async students() {
      const { data } = (await call('GET', '/students?limit=100&sort=studentNumber')).body
      return new Map(data.map((student: { studentNumber: string }) => [student.studentNumber, student]))
    },
    async enter(studentNumber, fields = {}) {
      const student = { studentNumber, firstName: 'Ada', lastName: 'Lovelace', ...fields }
      return (await call('POST', '/students', student)).body.data.id
    },
    async issue(studentId) {
      const body = { studentId, notBefore: '2026-01-01T00:00:00Z', expires: '2036-01-01T00:00:00Z', groups: [0] }
      return (await call('POST', '/passes', body)).body.data.passId
    },
    passStatus: async passId => (await call('GET', `/passes/${passId}`)).body.data.status,
    rows: async (importId, query = '') => (await call('GET', `/imports/${importId}/rows?limit=100${query}`)).body.data,
    ask: <Row>(text: string) =>
      inSchool(database.db, school.schoolId, async tx => (await sql.raw<Row>(text).execute(tx)).rows),
    count: async from => (await it.ask<{ n: number }>(`select count(*)::int as n from ${from}`))[0]!.n,
  }
  return it
}
