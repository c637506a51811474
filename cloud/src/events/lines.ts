import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'

/** The names that only the cloud knows. */
export type LineNames = {
  readonly gateName: string
  readonly point: { readonly name: string; readonly direction: 'in' | 'out' } | null
  /** Whose pass it is; null where none was proven. */
  readonly holder: AccessLine['holder']
}

/** Whether this record is somebody's: a credential that was only claimed is in nobody's history. */
export function provenPass({ passId, credential }: EventRecord): string | null {
  return passId !== undefined && credential?.proof === 'proven' ? passId : null
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
