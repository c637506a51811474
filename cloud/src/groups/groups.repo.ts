import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { readGateRules } from '../lists/gate-rules.repo.ts'
import { type PointsRefused, placeGroup, whyNotPlaced } from './placing.ts'
import { isSameName } from './same-name.ts'

/** A pass has a bit for each. */
export const GROUPS_MAX = 31

export type GroupRow = {
  readonly number: number
  readonly name: string
  readonly version: number
  /** Passes that name it and are not revoked: an expired one may be renewed. */
  readonly passes: number
  readonly levels: number
  readonly accessPoints: readonly { readonly id: string; readonly words: string }[]
}

/** The school's groups by number, with what they open and who names them. */
export async function listGroups(tx: Tx): Promise<GroupRow[]> {
  const rows = await tx
    .selectFrom('groups')
    .select(['number', 'name', 'version'])
    .select(
      sql<number>`(select count(*)::int from access_level_groups as one where one.school_id = groups.school_id and one.group_number = groups.number)`.as(
        'levels',
      ),
    )
    .orderBy('number')
    .execute()
  const passes = await passesByGroup(tx)
  const points = await pointsByGroup(tx)
  return rows.map(row => ({
    ...row,
    passes: passes.get(row.number) ?? 0,
    accessPoints: points.get(row.number) ?? [],
  }))
}

async function findGroup(tx: Tx, number: number): Promise<GroupRow | undefined> {
  return (await listGroups(tx)).find(row => row.number === number)
}

export function listAccessPoints(tx: Tx) {
  return tx
    .selectFrom('access_points')
    .innerJoin('gates', 'gates.id', 'access_points.gate_id')
    .select(['access_points.id', 'gates.name as gate', 'access_points.name', 'access_points.direction'])
    .orderBy('gates.short_name')
    .orderBy('access_points.position')
    .execute()
}

export type GroupFields = { readonly name: string; readonly accessPointIds: readonly string[] }
type GroupRefused = 'no_such_group' | 'name_taken' | 'changed_meanwhile' | PointsRefused

/** Makes a group under the lowest free number. */
export async function createGroup(
  tx: Tx,
  actor: Actor,
  { name, accessPointIds }: GroupFields,
): Promise<Result<GroupRow, 'name_taken' | 'no_number_left' | PointsRefused>> {
  await lockSchool(tx, actor.schoolId)
  const there = await tx.selectFrom('groups').select(['number', 'name']).execute()
  if (there.some(one => isSameName(one.name, name))) return fail('name_taken')
  const taken = new Set(there.map(one => one.number))
  const number = Array.from({ length: GROUPS_MAX }, (_, at) => at).find(at => !taken.has(at))
  if (number === undefined) return fail('no_number_left')
  const refused = await whyNotPlaced(tx, number, accessPointIds)
  if (refused !== null) return fail(refused)
  await tx.insertInto('groups').values({ school_id: actor.schoolId, number, name }).execute()
  await placeGroup(tx, actor, number, accessPointIds)
  await leave(tx, actor.schoolId, 'list.changed', {})
  const row = (await findGroup(tx, number))!
  await audit(tx, actor, { action: 'group.create', subject: subjectOf(number), after: factsOf(row) })
  return ok(row)
}

/** Changes name and access points. What its passes open changes with it: the gates hear of it with their configuration. */
export async function updateGroup(
  tx: Tx,
  actor: Actor,
  {
    number,
    change: { name, accessPointIds },
    ifMatch,
  }: { readonly number: number; readonly change: Partial<GroupFields>; readonly ifMatch: number | null },
): Promise<Result<GroupRow, GroupRefused>> {
  await lockSchool(tx, actor.schoolId)
  const before = await findGroup(tx, number)
  if (before === undefined) return fail('no_such_group')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  if (name !== undefined) {
    const others = await tx.selectFrom('groups').select('name').where('number', '!=', number).execute()
    if (others.some(one => isSameName(one.name, name))) return fail('name_taken')
  }
  const refused = accessPointIds === undefined ? null : await whyNotPlaced(tx, number, accessPointIds)
  if (refused !== null) return fail(refused)
  await tx
    .updateTable('groups')
    .set({ version: before.version + 1, name: name ?? before.name })
    .where('number', '=', number)
    .execute()
  if (accessPointIds !== undefined) {
    await placeGroup(tx, actor, number, accessPointIds)
    await leave(tx, actor.schoolId, 'list.changed', {})
  }
  const after = (await findGroup(tx, number))!
  await audit(tx, actor, {
    action: 'group.update',
    subject: subjectOf(number),
    ...changes(factsOf(before), factsOf(after)),
  })
  return ok(after)
}

/** Who still names a group. */
export type GroupUse = { readonly passes: number; readonly levels: number; readonly groupSets: number }

/** Takes a group away that nobody names: its number is given again, and must open nothing of today. */
export async function deleteGroup(
  tx: Tx,
  actor: Actor,
  { number, ifMatch }: { readonly number: number; readonly ifMatch: number | null },
): Promise<
  Result<null, 'no_such_group' | 'changed_meanwhile' | PointsRefused> | { readonly ok: false; readonly inUse: GroupUse }
> {
  await lockSchool(tx, actor.schoolId)
  const row = await findGroup(tx, number)
  if (row === undefined) return fail('no_such_group')
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  const { rules } = await readGateRules(tx, actor.schoolId)
  const groupSets = Object.values(rules.groupSets).filter(mask => (mask & (1 << number)) !== 0).length
  if (row.passes + row.levels + groupSets > 0) {
    return { ok: false, inUse: { passes: row.passes, levels: row.levels, groupSets } }
  }
  const refused = await whyNotPlaced(tx, number, [])
  if (refused !== null) return fail(refused)
  await placeGroup(tx, actor, number, [])
  await tx.deleteFrom('groups').where('number', '=', number).execute()
  await leave(tx, actor.schoolId, 'list.changed', {})
  await audit(tx, actor, { action: 'group.delete', subject: subjectOf(number), before: factsOf(row) })
  return ok(null)
}

async function passesByGroup(tx: Tx): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ number: number; passes: number }>`
    select bit as number, sum(masks.passes)::int as passes
    from (select groups, count(*) as passes from passes where status <> 'revoked' group by groups) as masks,
      generate_series(0, 30) as bit
    where masks.groups & (1 << bit) <> 0 group by bit`.execute(tx)
  return new Map(rows.map(({ number, passes }) => [number, passes]))
}

async function pointsByGroup(tx: Tx): Promise<ReadonlyMap<number, { id: string; words: string }[]>> {
  const rows = await tx
    .selectFrom('access_point_groups')
    .innerJoin('access_points', 'access_points.id', 'access_point_groups.access_point_id')
    .innerJoin('gates', 'gates.id', 'access_points.gate_id')
    .select(['group_number', 'access_points.id', 'gates.name as gate', 'access_points.name as point'])
    .orderBy('gates.short_name')
    .orderBy('access_points.position')
    .execute()
  const points = new Map<number, { id: string; words: string }[]>()
  for (const { group_number: number, id, gate, point } of rows) {
    points.set(number, [...(points.get(number) ?? []), { id, words: `${gate}, ${point}` }])
  }
  return points
}

const subjectOf = (number: number) => ({ kind: 'group', id: String(number) })
const factsOf = ({ name, accessPoints }: GroupRow) => ({ name, accessPoints: accessPoints.map(({ words }) => words) })
