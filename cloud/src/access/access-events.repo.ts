import type { Refusal } from '@gatehouse/shared/decision/refusals.ts'
import type { EventKind } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'
import { holderOf } from '../events/lines.ts'
import { HOLDER_NAME } from '../visitors/holder-name.ts'
import { holdersFound } from '../visitors/visitors-found.ts'

/** Where a page ended: the row after it comes next. */
export type Cursor = { readonly atMs: number; readonly gateId: string; readonly sequence: string }

export type EventQuery = {
  readonly after: Cursor | null
  readonly limit: number
  readonly gateId?: string | undefined
  readonly kind?: EventKind | undefined
  readonly refusal?: Refusal | undefined
  readonly studentId?: string | undefined
  readonly passId?: string | undefined
  readonly search?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

export type EventRow = Row<'access_events'> & {
  readonly gate_name: string | null
  readonly lane_name: string | null
  readonly direction: 'in' | 'out' | null
  readonly first_name: string | null
  readonly last_name: string | null
  readonly department: string | null
  readonly visitor_id: string | null
  readonly organisation: string | null
}

/** So many holders have their events read by their ids; where more are found, the newest events are walked and will soon be some of theirs. */
const HOLDERS_MAX = 1_000

/** Events that match, newest first, from the cursor on. Names are those of today; the event keeps the ids. */
export async function listEvents(tx: Tx, query: EventQuery): Promise<EventRow[]> {
  const { after, limit, gateId, kind, refusal, studentId, passId, search, from, to } = query
  const found = search === undefined || search === '' ? null : await holdersOf(tx, search)
  if (found?.length === 0) return []
  return withNames(tx)
    .$if(after !== null, events =>
      events.where(
        sql<boolean>`(event_time, access_events.gate_id, sequence) < (${new Date(after!.atMs)}, ${after!.gateId}::uuid, ${after!.sequence}::bigint)`,
      ),
    )
    .$if(gateId !== undefined, events => events.where('access_events.gate_id', '=', gateId!))
    .$if(kind !== undefined, events => events.where('kind', '=', kind!))
    .$if(refusal !== undefined, events => events.where('refusal', '=', refusal!))
    .$if(studentId !== undefined, events =>
      events.where('access_events.student_id', '=', sql<string>`any (${allOf(studentId!)})`),
    )
    .$if(passId !== undefined, events => events.where('access_events.pass_id', '=', passId!))
    .$if(found !== null, events =>
      found!.length > HOLDERS_MAX
        ? events.where(sql<boolean>`(access_events.student_id in ${holdersFound(search!)}) is true`)
        : events.where('access_events.student_id', '=', sql<string>`any (${found!}::uuid[])`),
    )
    .$if(from !== undefined, events => events.where('event_time', '>=', from!))
    .$if(to !== undefined, events => events.where('event_time', '<', to!))
    .orderBy('event_time', 'desc')
    .orderBy('access_events.gate_id', 'desc')
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
}

/** Whom a search means, and one more than are told apart at most. */
async function holdersOf(tx: Tx, search: string): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select id from ${holdersFound(search)} as found limit ${HOLDERS_MAX + 1}`.execute(tx)
  return rows.map(({ id }) => id)
}

/** The holder and who was merged into them: an event is evidence, and keeps the id that it was written with. */
function allOf(studentId: string) {
  return sql`array(select ${studentId}::uuid union select id from students where merged_into = ${studentId}::uuid)`
}

function withNames(tx: Tx) {
  return tx
    .selectFrom('access_events')
    .leftJoin('gates', 'gates.id', 'access_events.gate_id')
    .leftJoin('access_points', join =>
      join
        .onRef('access_points.gate_id', '=', 'access_events.gate_id')
        .onRef('access_points.lane', '=', 'access_events.lane'),
    )
    .leftJoin('students', 'students.id', 'access_events.student_id')
    .leftJoin('departments', 'departments.id', 'students.department_id')
    .leftJoin('visitors', 'visitors.id', 'access_events.student_id')
    .selectAll('access_events')
    .select([
      'gates.name as gate_name',
      'access_points.name as lane_name',
      'access_points.direction',
      'departments.name as department',
      'visitors.id as visitor_id',
      'visitors.organisation',
    ])
    .select(HOLDER_NAME)
}

/** A claimed credential names nobody: its student_id was never set. */
export function lineOf(row: EventRow): AccessLine {
  return {
    gateId: row.gate_id,
    gateName: row.gate_name ?? row.gate_id,
    sequence: Number(row.sequence),
    kind: row.kind as EventKind,
    lane: row.lane,
    laneName: row.lane_name,
    direction: row.direction,
    at: row.event_time.toISOString(),
    receivedAt: row.received_at.toISOString(),
    passId: row.pass_id,
    holder:
      row.student_id === null || row.first_name === null ? null : holderOf({ ...row, first_name: row.first_name }),
    technology: row.technology,
    refusal: row.refusal as Refusal | null,
    objection: row.objection as Refusal | null,
    listVersion: row.list_version,
  }
}
