import { Temporal } from '@gatehouse/shared/time.ts'

/** The same moment on the wall of a gate: 1 Monday .. 7 Sunday, and minutes since midnight as the clock there shows them. */
export function onTheWall(
  epochMs: number,
  timeZone: string,
): { readonly dayOfWeek: number; readonly minuteOfDay: number } {
  const at = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone)
  return { dayOfWeek: at.dayOfWeek, minuteOfDay: at.hour * 60 + at.minute }
}
