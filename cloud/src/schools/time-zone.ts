import { Temporal } from '@gatehouse/shared/time.ts'
import type { Tx } from '../db/tables.ts'

export async function timeZoneOf(tx: Tx, schoolId: string): Promise<string> {
  const { time_zone } = await tx
    .selectFrom('schools')
    .select('time_zone')
    .where('id', '=', schoolId)
    .executeTakeFirstOrThrow()
  return time_zone
}

/** `2026-09-01`: the day in this zone. */
export function dayIn(timeZone: string, atMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}
