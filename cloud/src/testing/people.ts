import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { enterSuperAdmin, enterTestSchool, type Said, startCloud, type TestCloud, type TestSchool } from './cloud.ts'

/** A school with a group, its administrator signed in, and students and passes by the front door. */
export type People = AsyncDisposable & {
  readonly cloud: TestCloud
  readonly school: TestSchool
  readonly token: string
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Said>
  as(token: string): (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Said>
  student(fields?: object): Promise<{ id: string; studentNumber: string; version: number }>
  pass(studentId: string, fields?: object): Promise<string>
  passStatus(passId: string): Promise<string>
  superAdmin(): Promise<string>
}

let numbers = 0

export async function people(database: Database): Promise<People> {
  const cloud = await startCloud(database)
  const school = await enterTestSchool(database, cloud.vault)
  const token = await cloud.signIn(school, 'school_admin')
  await inSchool(database.db, school.schoolId, tx => enterGroups(tx, school.schoolId, new Map([[0, 'Campus']])))
  const as =
    (bearer: string) =>
    (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
      cloud.call(method, `/api/v1${path}`, { token: bearer, headers, ...(body !== undefined && { body }) })
  const call = as(token)
  const made = (said: Said) => {
    if (said.status !== 201) throw new Error(JSON.stringify(said.body))
    return said.body.data
  }
  return {
    cloud,
    school,
    token,
    call,
    as,
    student: async (fields = {}) =>
      made(
        await call('POST', '/students', {
          studentNumber: `P-${++numbers}-x`,
          firstName: 'Ada',
          lastName: 'Lovelace',
          ...fields,
        }),
      ),
    pass: async (studentId, fields = {}) =>
      made(
        await call('POST', '/passes', {
          studentId,
          notBefore: '2026-01-01T00:00:00Z',
          expires: '2036-01-01T00:00:00Z',
          groups: [0],
          ...fields,
        }),
      ).passId,
    passStatus: async passId => (await call('GET', `/passes/${passId}`)).body.data.status,
    async superAdmin() {
      const users = new Map([['super_admin' as const, await enterSuperAdmin(database)]])
      return cloud.signIn({ ...school, users }, 'super_admin')
    },
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
