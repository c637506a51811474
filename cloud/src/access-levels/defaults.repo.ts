import { randomUUIDv7 } from 'node:crypto'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { DEFAULT_GROUNDS } from '@gatehouse/shared/wire/api/passes.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { findDepartment } from '../departments/departments.repo.ts'

export const DEFAULTS_MAX = 500

export type DefaultRow = Row<'access_level_defaults'> & {
  readonly level_name: string
  readonly level_class: PassClass
  readonly department_name: string | null
}
export type DefaultGround = (typeof DEFAULT_GROUNDS)[number]

/** Most specific first: of kind and department, of the department, of the kind, of the school. */
export async function listDefaults(tx: Tx): Promise<DefaultRow[]> {
  const rows = await withLevel(tx)
    .orderBy(sql`lower(departments.name)`)
    .orderBy('access_level_defaults.class')
    .execute()
  return rows.toSorted((a, b) => rank(a) - rank(b))
}

function withLevel(tx: Tx) {
  return tx
    .selectFrom('access_level_defaults')
    .innerJoin('access_levels', join =>
      join
        .onRef('access_levels.school_id', '=', 'access_level_defaults.school_id')
        .onRef('access_levels.id', '=', 'access_level_defaults.level_id'),
    )
    .leftJoin('departments', join =>
      join
        .onRef('departments.school_id', '=', 'access_level_defaults.school_id')
        .onRef('departments.id', '=', 'access_level_defaults.department_id'),
    )
    .selectAll('access_level_defaults')
    .select([
      'access_levels.name as level_name',
      'access_levels.class as level_class',
      'departments.name as department_name',
    ])
}

const findDefault = (tx: Tx, id: string) => withLevel(tx).where('access_level_defaults.id', '=', id).executeTakeFirst()

const GROUNDS: readonly DefaultGround[] = ['kind_and_department', 'department', 'kind', 'school']

function groundOf({
  class: kind,
  department_id: department,
}: Pick<DefaultRow, 'class' | 'department_id'>): DefaultGround {
  if (department !== null) return kind === null ? 'department' : 'kind_and_department'
  return kind === null ? 'school' : 'kind'
}

const rank = (row: DefaultRow) => GROUNDS.indexOf(groundOf(row))

/** The level that a new pass of this kind takes, for somebody of this department; of levels of the kind only. Null: there is none. */
export async function defaultLevel(
  tx: Tx,
  { kind, departmentId }: { readonly kind: PassClass; readonly departmentId: string | null },
): Promise<{ readonly levelId: string; readonly name: string; readonly because: DefaultGround } | null> {
  const found = (await listDefaults(tx)).find(
    row =>
      row.level_class === kind &&
      (row.class === null || row.class === kind) &&
      (row.department_id === null || row.department_id === departmentId),
  )
  return found === undefined ? null : { levelId: found.level_id, name: found.level_name, because: groundOf(found) }
}

export type NewDefault = {
  readonly class: PassClass | null
  readonly departmentId: string | null
  readonly levelId: string
}

type Refused = 'no_such_level' | 'level_archived' | 'other_kind' | 'changed_meanwhile'

export async function createDefault(
  tx: Tx,
  actor: Actor,
  { class: kind, departmentId, levelId }: NewDefault,
): Promise<Result<DefaultRow, Refused | 'no_such_department' | 'default_taken' | 'too_many_defaults'>> {
  await lockSchool(tx, actor.schoolId)
  const there = await listDefaults(tx)
  if (there.length >= DEFAULTS_MAX) return fail('too_many_defaults')
  const isSame = (row: DefaultRow) => row.class === kind && row.department_id === departmentId
  if (there.some(isSame)) return fail('default_taken')
  if (departmentId !== null && (await findDepartment(tx, departmentId)) === undefined) return fail('no_such_department')
  const refused = await whyNotLevel(tx, levelId, kind)
  if (refused !== null) return fail(refused)
  const id = randomUUIDv7()
  await tx
    .insertInto('access_level_defaults')
    .values({ id, school_id: actor.schoolId, class: kind, department_id: departmentId, level_id: levelId })
    .execute()
  const row = (await findDefault(tx, id))!
  await audit(tx, actor, { action: 'access_level_default.create', subject: subjectOf(id), after: factsOf(row) })
  return ok(row)
}

export async function updateDefault(
  tx: Tx,
  actor: Actor,
  { id, levelId, ifMatch }: { readonly id: string; readonly levelId: string; readonly ifMatch: number | null },
): Promise<Result<DefaultRow, Refused | 'no_such_default'>> {
  await lockSchool(tx, actor.schoolId)
  const before = await findDefault(tx, id)
  if (before === undefined) return fail('no_such_default')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  const refused = await whyNotLevel(tx, levelId, before.class)
  if (refused !== null) return fail(refused)
  await tx
    .updateTable('access_level_defaults')
    .set({ level_id: levelId, version: before.version + 1 })
    .where('id', '=', id)
    .execute()
  const after = (await findDefault(tx, id))!
  await audit(tx, actor, {
    action: 'access_level_default.update',
    subject: subjectOf(id),
    before: factsOf(before),
    after: factsOf(after),
  })
  return ok(after)
}

export async function deleteDefault(
  tx: Tx,
  actor: Actor,
  { id, ifMatch }: { readonly id: string; readonly ifMatch: number | null },
): Promise<Result<null, 'no_such_default' | 'changed_meanwhile'>> {
  await lockSchool(tx, actor.schoolId)
  const before = await findDefault(tx, id)
  if (before === undefined) return fail('no_such_default')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  await tx.deleteFrom('access_level_defaults').where('id', '=', id).execute()
  await audit(tx, actor, { action: 'access_level_default.delete', subject: subjectOf(id), before: factsOf(before) })
  return ok(null)
}

/** A default of a kind names a level of that kind: another one would never be taken. */
async function whyNotLevel(tx: Tx, levelId: string, kind: PassClass | null): Promise<Refused | null> {
  const level = await tx
    .selectFrom('access_levels')
    .select(['class', 'archived_at'])
    .where('id', '=', levelId)
    .executeTakeFirst()
  if (level === undefined) return 'no_such_level'
  if (level.archived_at !== null) return 'level_archived'
  return kind === null || level.class === kind ? null : 'other_kind'
}

const subjectOf = (id: string) => ({ kind: 'access_level_default', id })
const factsOf = ({ class: kind, department_name: department, level_name: level }: DefaultRow) => ({
  class: kind,
  department,
  level,
})
