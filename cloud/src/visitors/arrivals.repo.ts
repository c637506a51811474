import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import type { Tx } from '../db/tables.ts'
import { notify } from '../notifications/notify.ts'
import { dayIn, timeZoneOf } from '../schools/time-zone.ts'

type Grant = {
  readonly passId: string
  readonly visitorId: string
  readonly name: string
  readonly gateId: string
  readonly gateName: string
  readonly at: string
  readonly isIn: boolean
}

/**
 * Notes of events that were not there before, oldest first, which visitors came and went, and tells their hosts of the first time in a
 * day, in the transaction of the events: an event that is said again is not new, and of two gates at once one writes the day's row.
 */
export async function noteArrivals(tx: Tx, schoolId: string, lines: readonly AccessLine[]): Promise<void> {
  const grants = lines.flatMap(grantOf)
  if (grants.length === 0) return
  const timeZone = await timeZoneOf(tx, schoolId)
  const hosts = await hostsOf(tx, grants)
  for (const grant of grants) {
    const userId = hosts.get(grant.visitorId)
    // Forgotten meanwhile: a gate that was away tells of somebody whom nobody remembers.
    if (userId === undefined) continue
    const day = dayIn(timeZone, Date.parse(grant.at))
    if (!grant.isIn) {
      await noteGone(tx, grant, day)
      continue
    }
    if (!(await noteFirst(tx, schoolId, grant, day))) {
      await noteBack(tx, grant, day)
      continue
    }
    await notify(tx, schoolId, {
      kind: 'visitor_arrived',
      to: { userId },
      facts: { visitor: grant.name, gate: grant.gateName, at: grant.at },
      path: visitorPath(grant.visitorId),
    })
  }
}

/** Where the dashboard shows a visitor; what was told of one is found again by it when they are forgotten. */
export const visitorPath = (visitorId: string) => `/visitors?open=${visitorId}`

/** Only what a gate let happen, with a credential that was proven: nobody else is named. */
function grantOf({ kind, passId, holder, gateId, gateName, at, direction }: AccessLine): Grant[] {
  if (kind !== 'granted' || passId === null || holder?.visitorId === undefined) return []
  const { visitorId, name } = holder
  return [{ passId, visitorId, name, gateId, gateName, at, isIn: direction !== 'out' }]
}

async function hostsOf(tx: Tx, grants: readonly Grant[]): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('visitors')
    .select(['id', 'host_user_id'])
    .where('id', 'in', [...new Set(grants.map(({ visitorId }) => visitorId))])
    .where('archived_at', 'is', null)
    .execute()
  return new Map(rows.map(({ id, host_user_id }) => [id, host_user_id]))
}

/** Whether it is the first time that this day lets them in with this pass. */
async function noteFirst(tx: Tx, schoolId: string, { passId, visitorId, gateId, at }: Grant, day: string) {
  const row = await tx
    .insertInto('visitor_arrivals')
    .values({
      school_id: schoolId,
      pass_id: passId,
      day,
      visitor_id: visitorId,
      gate_id: gateId,
      arrived_at: new Date(at),
    })
    .onConflict(on => on.columns(['school_id', 'pass_id', 'day']).doNothing())
    .returning('pass_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Gates tell when they can: what is older than what is known changes nothing. */
async function noteBack(tx: Tx, { passId, at }: Grant, day: string): Promise<void> {
  await tx
    .updateTable('visitor_arrivals')
    .set({ left_at: null })
    .where('pass_id', '=', passId)
    .where('day', '=', day)
    .where('left_at', '<', new Date(at))
    .execute()
}

async function noteGone(tx: Tx, { passId, at }: Grant, day: string): Promise<void> {
  await tx
    .updateTable('visitor_arrivals')
    .set({ left_at: new Date(at) })
    .where('pass_id', '=', passId)
    .where('day', '=', day)
    .where('arrived_at', '<=', new Date(at))
    .where(eb => eb.or([eb('left_at', 'is', null), eb('left_at', '<', new Date(at))]))
    .execute()
}
