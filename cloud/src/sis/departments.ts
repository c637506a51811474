import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'

/** Departments by their name, whatever its case. */
export type Departments = { idOf(name: string): string | undefined; nameOf(id: string): string | undefined }

export async function departmentsByName(tx: Tx): Promise<Departments> {
  const rows = await tx.selectFrom('departments').select(['id', 'name', sql<string>`lower(name)`.as('key')]).execute()
  const ids = new Map(rows.map(({ id, key }) => [key, id]))
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return { idOf: name => ids.get(name.toLowerCase()), nameOf: id => names.get(id) }
}

/** Makes those that are not there. */
export async function enterDepartments(tx: Tx, actor: Actor, names: Iterable<string>, note: string): Promise<void> {
  const now = new Date(actor.nowMs)
  const wanted = new Map([...names].map(name => [name.toLowerCase(), name]))
  if (wanted.size === 0) return
  const made = await tx
    .insertInto('departments')
    .values(
      [...wanted.values()].map(name => ({
        id: randomUUIDv7(),
        school_id: actor.schoolId,
        name,
        created_at: now,
        updated_at: now,
      })),
    )
    .onConflict(conflict => conflict.doNothing())
    .returning(['id', 'name'])
    .execute()
  await auditAll(
    tx,
    actor,
    made.map(({ id, name }) => ({
      action: 'department.create' as const,
      subject: { kind: 'department', id },
      after: { name },
      note,
    })),
  )
}
