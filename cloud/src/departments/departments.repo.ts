import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'

/** People choose from them in one list. */
export const DEPARTMENTS_MAX = 500

export type DepartmentRow = Row<'departments'> & { readonly student_count: number }

export function listDepartments(tx: Tx): Promise<DepartmentRow[]> {
  return withCount(tx).orderBy(sql`lower(name)`).orderBy('id').execute()
}

export function findDepartment(tx: Tx, departmentId: string): Promise<DepartmentRow | undefined> {
  return withCount(tx).where('id', '=', departmentId).executeTakeFirst()
}

/** Ids of departments by the lower case of their names, for who has names only. Not the database's: in the locale C its É has none. */
export async function departmentsByName(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx.selectFrom('departments').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [name.toLowerCase(), id]))
}

export async function createDepartment(
  tx: Tx,
  actor: Actor,
  name: string,
): Promise<Result<DepartmentRow, 'name_taken' | 'too_many'>> {
  const { count } = await tx
    .selectFrom('departments')
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow()
  if (count >= DEPARTMENTS_MAX) return fail('too_many')
  const now = new Date(actor.nowMs)
  const row = await tx
    .insertInto('departments')
    .values({ id: randomUUIDv7(), school_id: actor.schoolId, name, created_at: now, updated_at: now })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return fail('name_taken')
  await audit(tx, actor, { action: 'department.create', subject: { kind: 'department', id: row.id }, after: { name } })
  return ok({ ...row, student_count: 0 })
}

export async function renameDepartment(
  tx: Tx,
  actor: Actor,
  departmentId: string,
  name: string,
  ifVersion: number | null,
): Promise<Result<DepartmentRow, 'no_such_department' | 'name_taken' | 'changed_meanwhile'>> {
  const row = await lockDepartment(tx, departmentId)
  if (row === undefined) return fail('no_such_department')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  if (row.name !== name) {
    const taken = await tx
      .selectFrom('departments')
      .select('id')
      .where(sql<boolean>`lower(name) = lower(${name})`)
      .where('id', '!=', departmentId)
      .executeTakeFirst()
    if (taken !== undefined) return fail('name_taken')
    await tx
      .updateTable('departments')
      .set({ name, version: row.version + 1, updated_at: new Date(actor.nowMs) })
      .where('id', '=', departmentId)
      .execute()
    const subject = { kind: 'department', id: departmentId }
    await audit(tx, actor, { action: 'department.update', subject, before: { name: row.name }, after: { name } })
  }
  return ok((await findDepartment(tx, departmentId))!)
}

/** What stands in the way of deleting: how many living students are in it. */
export type InUse = { readonly why: 'in_use'; readonly students: number }

/** Deletes a department and moves its students, archived ones too. Answers how many living ones were moved. */
export async function deleteDepartment(
  tx: Tx,
  actor: Actor,
  departmentId: string,
  { moveTo, ifVersion }: { readonly moveTo: string | 'none' | undefined; readonly ifVersion: number | null },
): Promise<Result<number, 'no_such_department' | 'no_such_target' | 'changed_meanwhile'> | InUse> {
  const row = await lockDepartment(tx, departmentId)
  if (row === undefined) return fail('no_such_department')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  const { student_count: students } = (await findDepartment(tx, departmentId))!
  if (students > 0 && moveTo === undefined) return { why: 'in_use', students }
  const target = moveTo === undefined || moveTo === 'none' ? null : moveTo
  if (target !== null && (target === departmentId || (await findDepartment(tx, target)) === undefined))
    return fail('no_such_target')
  await tx
    .updateTable('students')
    .set(eb => ({ department_id: target, updated_at: new Date(actor.nowMs), version: eb('version', '+', 1) }))
    .where('department_id', '=', departmentId)
    .execute()
  await tx.deleteFrom('departments').where('id', '=', departmentId).execute()
  await audit(tx, actor, {
    action: 'department.delete',
    subject: { kind: 'department', id: departmentId },
    before: { name: row.name },
    after: { movedTo: target, studentsMoved: students },
  })
  return ok(students)
}

function lockDepartment(tx: Tx, departmentId: string): Promise<Row<'departments'> | undefined> {
  return tx.selectFrom('departments').selectAll().where('id', '=', departmentId).forUpdate().executeTakeFirst()
}

function withCount(tx: Tx) {
  return tx
    .selectFrom('departments')
    .selectAll()
    .select(
      sql<number>`(select count(*)::int from students where students.school_id = departments.school_id
        and students.department_id = departments.id and archived_at is null)`.as('student_count'),
    )
}
