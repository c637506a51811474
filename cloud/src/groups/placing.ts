import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import type { Tx } from '../db/tables.ts'
import { newestConfiguration, sendConfiguration } from '../gates/gate-configuration.repo.ts'
import { accessPoints } from '../gates/gates.repo.ts'

export type PointsRefused = 'no_such_point' | 'point_left_alone'

/** Why a group cannot open exactly these access points; null: it can. A gate takes no lane without a group. */
export async function whyNotPlaced(tx: Tx, number: number, ids: readonly string[]): Promise<PointsRefused | null> {
  const wanted = [...new Set(ids)]
  const known = await tx
    .selectFrom('access_points')
    .select('id')
    .where(sql<boolean>`id = any(${wanted}::uuid[])`)
    .execute()
  if (known.length !== wanted.length) return 'no_such_point'
  const alone = await tx
    .selectFrom('access_point_groups')
    .select('access_point_id')
    .where(sql<boolean>`not access_point_id = any(${wanted}::uuid[])`)
    .groupBy('access_point_id')
    .having(sql<boolean>`array_agg(group_number) = array[${number}::int]`)
    .limit(1)
    .executeTakeFirst()
  return alone === undefined ? null : 'point_left_alone'
}

/** Makes a group open exactly these access points, and tells the gates concerned which groups theirs are in now. */
export async function placeGroup(tx: Tx, actor: Actor, number: number, ids: readonly string[]): Promise<void> {
  const wanted = [...new Set(ids)]
  const before = await tx
    .selectFrom('access_point_groups')
    .select('access_point_id as id')
    .where('group_number', '=', number)
    .execute()
  await tx.deleteFrom('access_point_groups').where('group_number', '=', number).execute()
  await sql`insert into access_point_groups (school_id, access_point_id, group_number)
    select ${actor.schoolId}::uuid, one, ${number}::int from unnest(${wanted}::uuid[]) as one`.execute(tx)
  const was = new Set(before.map(({ id }) => id))
  const is = new Set(wanted)
  await tellGates(tx, actor, [...was.symmetricDifference(is)])
}

/** A gate keeps the groups of its lanes in its configuration; one that was never sent any is told with the first. */
async function tellGates(tx: Tx, actor: Actor, pointIds: readonly string[]): Promise<void> {
  if (pointIds.length === 0) return
  const gates = await tx
    .selectFrom('access_points')
    .select('gate_id')
    .distinct()
    .where(sql<boolean>`id = any(${pointIds}::uuid[])`)
    .execute()
  const points = await accessPoints(tx)
  for (const { gate_id: gateId } of gates) {
    const groupsOf = new Map(points.get(gateId)?.map(({ lane, groups }) => [lane, groups]))
    await tellGate(tx, actor, gateId, groupsOf)
  }
}

/** Each time that somebody sends the gate something in between, theirs is what is sent with the groups of now. */
const TRIES_MAX = 10

async function tellGate(tx: Tx, actor: Actor, gateId: string, groupsOf: ReadonlyMap<string, readonly number[]>) {
  for (let tried = 0; tried < TRIES_MAX; tried++) {
    const newest = await newestConfiguration(tx, gateId)
    if (newest === undefined) return
    const { boards, lanes } = newest.document
    const placed = lanes.map(lane => ({ ...lane, groups: [...(groupsOf.get(lane.lane) ?? lane.groups)] }))
    const hardware = { ...newest.document, boards, lanes: placed }
    const sent = await sendConfiguration(tx, actor, { gateId, basedOn: newest.version, hardware })
    if (sent.ok) return
  }
  throw new Error(`gate ${gateId} was sent ${TRIES_MAX} other configurations meanwhile`)
}
