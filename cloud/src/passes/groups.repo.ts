import type { Tx } from '../db/tables.ts'

/** Names of the school's groups by number, in the order of the numbers. */
export async function groupNames(tx: Tx): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.selectFrom('groups').select(['number', 'name']).orderBy('number').execute()
  return new Map(rows.map(({ number, name }) => [number, name]))
}

/** Groups that a new access point names and that are not there yet begin with a plain name. */
export async function enterGroups(tx: Tx, schoolId: string, groups: ReadonlyMap<number, string>): Promise<void> {
  if (groups.size === 0) return
  await tx
    .insertInto('groups')
    .values([...groups].map(([number, name]) => ({ school_id: schoolId, number, name })))
    .onConflict(conflict => conflict.doNothing())
    .execute()
}
