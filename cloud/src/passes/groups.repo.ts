import type { Tx } from '../db/tables.ts'

/** Names of the school's groups by number, in the order of the numbers. */
export async function groupNames(tx: Tx): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.selectFrom('groups').select(['number', 'name']).orderBy('number').execute()
  return new Map(rows.map(({ number, name }) => [number, name]))
}

/** What each group opens, as people say it: `North gate, In`. */
export async function accessPointsOfGroups(tx: Tx): Promise<ReadonlyMap<number, string[]>> {
  const rows = await tx
    .selectFrom('access_point_groups')
    .innerJoin('access_points', 'access_points.id', 'access_point_groups.access_point_id')
    .innerJoin('gates', 'gates.id', 'access_points.gate_id')
    .select(['group_number', 'gates.name as gate', 'access_points.name as point'])
    .orderBy('gates.short_name')
    .orderBy('access_points.position')
    .execute()
  const points = new Map<number, string[]>()
  for (const { group_number, gate, point } of rows) {
    points.set(group_number, [...(points.get(group_number) ?? []), `${gate}, ${point}`])
  }
  return points
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
