import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { nameOf } from '../students/name.ts'

/** The names that only the cloud knows. */
export type LineNames = {
  readonly gateName: string
  readonly point: { readonly name: string; readonly direction: 'in' | 'out' } | null
  /** Whose pass it is; null where none was proven. */
  readonly holder: AccessLine['holder']
}

/** What becomes of a grant names a pass only where the grant's credential was proven. */
const OF_A_GRANT: readonly EventRecord['kind'][] = ['opened', 'passage', 'no_passage']

/** Whether this record is somebody's: a credential that was only claimed is in nobody's history. */
export function provenPass({ kind, passId, credential }: EventRecord): string | null {
  if (passId === undefined) return null
  return credential?.proof === 'proven' || OF_A_GRANT.includes(kind) ? passId : null
}

/** A holder by name: a student with the department, a visitor with the organisation. */
export function holderOf(row: {
  readonly student_id: string | null
  readonly visitor_id: string | null
  readonly first_name: string
  readonly last_name: string | null
  readonly department: string | null
  readonly organisation: string | null
}): NonNullable<AccessLine['holder']> {
  const name = nameOf({ first_name: row.first_name, last_name: row.last_name ?? '' })
  if (row.visitor_id === null) return { studentId: row.student_id, name, department: row.department }
  return { studentId: null, visitorId: row.visitor_id, name, department: row.organisation }
}

/** An event as the live page shows it. */
export function lineOf(record: EventRecord, receivedAt: Date, { gateName, point, holder }: LineNames): AccessLine {
  return {
    gateId: record.gate,
    gateName,
    sequence: record.sequence,
    kind: record.kind,
    lane: record.lane ?? null,
    laneName: point?.name ?? null,
    direction: point?.direction ?? null,
    at: new Date(record.trustedTimeMs).toISOString(),
    receivedAt: receivedAt.toISOString(),
    passId: record.passId ?? null,
    holder: provenPass(record) === null ? null : holder,
    technology: record.credential?.technology ?? null,
    refusal: record.decision?.refusal ?? null,
    objection: record.decision?.objection ?? null,
    listVersion: record.listVersion,
  }
}
