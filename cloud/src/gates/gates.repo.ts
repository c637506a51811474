import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { type GateLine, GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { FIRST_SCOPE } from '../schools/schools.repo.ts'

export type NewAccessPoint = {
  readonly lane: string
  readonly name: string
  readonly direction: 'in' | 'out'
  readonly groups: readonly number[]
}

export type NewGate = {
  readonly name: string
  readonly shortName: string
  readonly accessPoints: readonly NewAccessPoint[]
}

/** Enters a gate, its access points, its place in the event chain and its state: never seen. */
export async function createGate(
  tx: Tx,
  actor: Actor,
  { name, shortName, accessPoints }: NewGate,
): Promise<Result<string, 'short_name_taken'>> {
  const { schoolId, nowMs } = actor
  const id = randomUUIDv7()
  const made = await tx
    .insertInto('gates')
    .values({
      id,
      school_id: schoolId,
      short_name: shortName,
      name,
      scope: FIRST_SCOPE,
      public_jwk: null,
      broker_secret_hash: null,
      enrolled_at: null,
      created_at: new Date(nowMs),
    })
    .onConflict(conflict => conflict.columns(['school_id', 'short_name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return fail('short_name_taken')

  await enterGroups(
    tx,
    schoolId,
    new Map(accessPoints.flatMap(({ groups }) => groups.map(one => [one, `Group ${one}`]))),
  )
  for (const [position, { lane, name, direction, groups }] of accessPoints.entries()) {
    const pointId = randomUUIDv7()
    await tx
      .insertInto('access_points')
      .values({ id: pointId, school_id: schoolId, gate_id: id, lane, name, direction, position })
      .execute()
    await tx
      .insertInto('access_point_groups')
      .values([...new Set(groups)].map(one => ({ school_id: schoolId, access_point_id: pointId, group_number: one })))
      .execute()
  }
  await tx.insertInto('gate_chains').values({ gate_id: id, school_id: schoolId }).execute()
  await tx
    .insertInto('gate_states')
    .values({ gate_id: id, school_id: schoolId, since: null, state: null, last_event_at: null })
    .execute()
  await leave(tx, schoolId, 'gates.changed', {})
  // Its groups are on its list from now on.
  await leave(tx, schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'gate.create',
    subject: { kind: 'gate', id },
    after: {
      name,
      shortName,
      accessPoints: accessPoints.map(({ lane, name, direction, groups }) => ({ lane, name, direction, groups })),
    },
  })
  return ok(id)
}

export type GateRow = Row<'gates'> & Pick<Row<'gate_states'>, 'online' | 'since' | 'state' | 'last_event_at'>

/** The school's gates with what they last said of themselves, by short name. */
export function listGates(tx: Tx): Promise<GateRow[]> {
  return withState(tx).orderBy('gates.short_name').execute()
}

export function findGateRow(tx: Tx, gateId: string): Promise<GateRow | undefined> {
  return withState(tx).where('gates.id', '=', gateId).executeTakeFirst()
}

function withState(tx: Tx) {
  return tx
    .selectFrom('gates')
    .innerJoin('gate_states', 'gate_states.gate_id', 'gates.id')
    .selectAll('gates')
    .select(['gate_states.online', 'gate_states.since', 'gate_states.state', 'gate_states.last_event_at'])
}

export type AccessPointRow = Omit<Row<'access_points'>, 'school_id'> & { readonly groups: number[] }

/** Access points of every gate of the school, with their groups, in the order they were entered. */
export async function accessPoints(tx: Tx): Promise<ReadonlyMap<string, AccessPointRow[]>> {
  const points = await tx.selectFrom('access_points').selectAll().orderBy('position').execute()
  const groups = Map.groupBy(
    await tx.selectFrom('access_point_groups').selectAll().orderBy('group_number').execute(),
    row => row.access_point_id,
  )
  return Map.groupBy(
    points.map(point => ({ ...point, groups: (groups.get(point.id) ?? []).map(row => row.group_number) })),
    point => point.gate_id,
  )
}

/** A gate as the feed and the gates page show it. What it once said of itself is shown only if it is still readable. */
export function gateLine(row: GateRow): GateLine {
  const said = GateState.safeParse(row.state).data
  return {
    gateId: row.id,
    shortName: row.short_name,
    name: row.name,
    online: row.online,
    since: row.since?.toISOString() ?? null,
    enrolled: row.enrolled_at !== null,
    listVersion: said?.listVersion ?? null,
    listIssuedAt: said?.listIssuedAtS === undefined ? null : new Date(said.listIssuedAtS * 1000).toISOString(),
    lastEventAt: row.last_event_at?.toISOString() ?? null,
    waiting: said?.waiting ?? null,
    inside: said?.inside ?? null,
    lanes: said?.lanes ?? [],
  }
}
