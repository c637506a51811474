import { Temporal } from '@gatehouse/shared/time.ts'

/** A moment as the wall of a gate shows it: 1 Monday .. 7 Sunday, minutes since midnight, and `2026-12-24`. */
export type OnTheWall = { readonly dayOfWeek: number; readonly minuteOfDay: number; readonly date: string }

export function onTheWall(epochMs: number, timeZone: string): OnTheWall {
  const at = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone)
  return { dayOfWeek: at.dayOfWeek, minuteOfDay: at.hour * 60 + at.minute, date: at.toPlainDate().toString() }
}
