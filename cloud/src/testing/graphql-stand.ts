import { fail } from 'node:assert'
import { randomUUIDv7 } from 'node:crypto'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { applicantOf, beginApplication } from '../applications/my-applications.repo.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createDepartment } from '../departments/departments.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass } from '../passes/issue-pass.ts'
import { createStudent } from '../students/students.repo.ts'
import type { TestCloud, TestSchool } from './cloud.ts'

export type Answered = {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at what came over the wire, whatever that is
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly errors: readonly any[] | undefined
}

/** One operation by POST. */
export async function ask(
  cloud: TestCloud,
  token: string | undefined,
  query: string,
  variables?: object,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const { status, body } = await cloud.call('POST', '/graphql', {
    ...(token !== undefined && { token }),
    body: { query, ...(variables !== undefined && { variables }) },
    headers,
  })
  return { status, data: body.data, errors: body.errors }
}

export const codesOf = ({ errors }: Answered): string[] => (errors ?? []).map(({ extensions }) => extensions?.code)

/** Students with a department, a phone, a pass and an application that was submitted each. Answers their ids. */
export async function enterPupils(
  database: Database,
  cloud: TestCloud,
  { schoolId }: TestSchool,
  count: number,
): Promise<string[]> {
  const actor = { schoolId, userId: null, nowMs: cloud.clock.nowMs }
  return inSchool(database.db, schoolId, async tx => {
    await enterGroups(tx, schoolId, new Map([[3, 'Labs']]))
    const department = await createDepartment(tx, actor, `Physics ${randomUUIDv7()}`)
    if (!department.ok) return fail(department.failure)
    const ids: string[] = []
    for (let at = 0; at < count; at++) {
      const made = await createStudent(tx, cloud.vault, actor, {
        studentNumber: `P-${randomUUIDv7().slice(-12)}`,
        firstName: `Ada ${at}`,
        lastName: 'Lovelace',
        email: `ada-${randomUUIDv7()}@school.example`,
        phone: '+31612345678',
        departmentId: department.value.id,
      })
      if (!made.ok) return fail(made.failure)
      const { id } = made.value
      const pass = await issuePass(tx, actor, {
        studentId: id,
        class: 'student',
        expiresMs: actor.nowMs + 86_400_000,
        groups: [3],
        profile: 0,
      })
      if (!pass.ok) return fail(pass.failure)
      const begun = await beginApplication(tx, actor, { id, first_name: 'Ada', last_name: 'Lovelace' })
      if (!begun.ok) return fail(begun.failure)
      await tx
        .updateTable('applications')
        .set({ status: 'submitted', submitted_at: new Date(actor.nowMs) })
        .where('id', '=', begun.value.id)
        .execute()
      ids.push(id)
    }
    return ids
  })
}

/** Makes the account with this role the student's own. */
export async function giveAccount(
  database: Database,
  { schoolId, users }: TestSchool,
  studentId: string,
  role: Role = 'student',
): Promise<void> {
  await inSchool(database.db, schoolId, async tx => {
    const { id } = await tx
      .selectFrom('users')
      .select('id')
      .where('email', '=', users.get(role)!)
      .executeTakeFirstOrThrow()
    await tx.updateTable('students').set({ user_id: id }).where('id', '=', studentId).execute()
    if ((await applicantOf(tx, id)) === undefined) fail('no account')
  })
}

/** Arguments that fit: every id is `idFor` its name, every other one that is required is something of its type. */
export function argumentsFor(field: GraphQLField<unknown, unknown>, idFor: (name: string) => string): string {
  const told = field.args.flatMap(arg => {
    const value = valueFor(arg.name, arg.type, idFor)
    return value === null ? [] : [`${arg.name}: ${value}`]
  })
  return told.length === 0 ? '' : `(${told.join(', ')})`
}

function valueFor(name: string, type: GraphQLInputType, idFor: (name: string) => string): string | null {
  const named = getNamedType(type)
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields()).flatMap(field => {
      const value = valueFor(field.name, field.type, idFor)
      return value === null ? [] : [`${field.name}: ${value}`]
    })
    const hasIds = Object.values(named.getFields()).some(field => getNamedType(field.type).name === 'ID')
    return isNonNullType(type) || hasIds ? `{${fields.join(', ')}}` : null
  }
  if (named.name === 'ID') return JSON.stringify(idFor(name))
  if (!isNonNullType(type)) return null
  if (isEnumType(named)) return named.getValues()[0]!.name
  return { Int: '1', Boolean: 'true', String: '"some text"' }[named.name] ?? '"2026-09-01"'
}

/** Every plain field of what it answers, rows of a page too. */
export function selectionFor(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type)
  return isObjectType(type) ? plainOf(type) : ''
}

function plainOf(type: GraphQLObjectType): string {
  const told = Object.values(type.getFields()).flatMap(field => {
    const inner = getNamedType(field.type)
    if (field.extensions.needs !== undefined) return []
    if (isLeafType(inner)) return [field.name]
    return isObjectType(inner) && inner !== type ? [`${field.name} ${plainOf(inner)}`] : []
  })
  return `{ ${told.join(' ')} }`
}
