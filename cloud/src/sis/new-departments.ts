import { randomUUIDv7 } from 'node:crypto'
import type { Actor } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'

/** Makes the departments that are not there, by their names, whatever their case. */
export async function enterDepartments(tx: Tx, actor: Actor, names: readonly string[], note: string): Promise<void> {
  const now = new Date(actor.nowMs)
  // Of two spellings the first stands.
  const wanted = new Map([...names].toReversed().map(name => [name.toLowerCase(), name]))
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
  const entries = made.map(({ id, name }) => ({
    action: 'department.create' as const,
    subject: { kind: 'department', id },
    after: { name },
    note,
  }))
  await auditAll(tx, actor, entries)
}
