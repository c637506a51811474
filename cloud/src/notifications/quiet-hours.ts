import { Temporal } from '@gatehouse/shared/time.ts'
import type { QuietHours } from '@gatehouse/shared/wire/api/notifications.ts'

const DAILY_AT = '07:00'

/** Milliseconds until the end of the quiet hours in which `nowMs` falls, as the clocks there show; 0 outside them. */
export function quietForMs(nowMs: number, timeZone: string, quiet: QuietHours | null): number {
  if (quiet === null) return 0
  const now = at(nowMs, timeZone).toPlainTime()
  const [from, to] = [Temporal.PlainTime.from(quiet.from), Temporal.PlainTime.from(quiet.to)]
  const [begun, over] = [isBefore(from, now) || from.equals(now), !isBefore(now, to)]
  const overNight = isBefore(to, from)
  const isQuiet = overNight ? begun || !over : begun && !over
  return isQuiet ? untilMs(nowMs, timeZone, to) : 0
}

/** Milliseconds until the next daily mail. */
export function untilDailyMs(nowMs: number, timeZone: string): number {
  return untilMs(nowMs, timeZone, Temporal.PlainTime.from(DAILY_AT))
}

function untilMs(nowMs: number, timeZone: string, time: Temporal.PlainTime): number {
  const now = at(nowMs, timeZone)
  const today = now.withPlainTime(time)
  const next = today.epochMilliseconds > nowMs ? today : now.add({ days: 1 }).withPlainTime(time)
  return next.epochMilliseconds - nowMs
}

const at = (ms: number, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
const isBefore = (one: Temporal.PlainTime, other: Temporal.PlainTime) => Temporal.PlainTime.compare(one, other) < 0
