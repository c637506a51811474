import type { DayHours } from '@gatehouse/shared/list/policy.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import ICAL from 'ical.js'

const MINUTES_A_DAY = 1440
const NAME_MAX = 100
/** As many as a day of the policy takes. */
const HOURS_MAX = 24

export type CalendarDay = { readonly date: string; readonly name: string; readonly hours: readonly DayHours[] | null }

export type DaysAsked = {
  /** Dates, both included; what repeats is followed no further. */
  readonly from: string
  readonly to: string
  /** What whole days mean: each profile says what is left, or closed. */
  readonly allDay: 'holiday' | 'closed'
}

/** One event once: whole days, or times in the school's zone. */
export type Span = {
  readonly firstDay: string
  readonly lastDay: string
  /** Minutes of the first and the last day; null: whole days. */
  readonly times: { readonly fromMinute: number; readonly untilMinute: number } | null
}
export type SpanOfDays = Span & { readonly name: string }

/** Where an event lies in the school's days, or why it lies nowhere. */
export function spanOf({
  item,
  start,
  end,
  timeZone,
}: {
  readonly item: ICAL.Component
  readonly start: ICAL.Time
  readonly end: ICAL.Time
  readonly timeZone: string
}): Span | string {
  if (start.isDate) {
    const first = plain(start).toPlainDate()
    // DTEND is the first day after it.
    const last = plain(end).toPlainDate().subtract({ days: 1 })
    const lastDay = Temporal.PlainDate.compare(last, first) < 0 ? first : last
    return { firstDay: first.toString(), lastDay: lastDay.toString(), times: null }
  }
  const startZone = zoneOf(item, 'dtstart', timeZone)
  const endZone = zoneOf(item, item.hasProperty('dtend') ? 'dtend' : 'dtstart', timeZone)
  const [begins, ends] = [momentOf(start, startZone), momentOf(end, endZone)]
  if (begins === null || ends === null) return 'its time zone is not known and not described in the file'
  if (Temporal.Instant.compare(begins, ends) >= 0) return 'has no length'
  const from = begins.toZonedDateTimeISO(timeZone)
  const until = ends.toZonedDateTimeISO(timeZone)
  const untilMinute = minuteOf(until, 'up')
  // Midnight is the end of the day before.
  const lastDay = untilMinute === 0 ? until.toPlainDate().subtract({ days: 1 }) : until.toPlainDate()
  return {
    firstDay: from.toPlainDate().toString(),
    lastDay: lastDay.toString(),
    times: { fromMinute: minuteOf(from, 'down'), untilMinute: untilMinute || MINUTES_A_DAY },
  }
}

/** Null: a zone that nobody knows. */
function momentOf(time: ICAL.Time, zone: string | null): Temporal.Instant | null {
  // UTC, or a zone that the file itself describes.
  if (time.zone !== ICAL.Timezone.localTimezone) return Temporal.Instant.fromEpochMilliseconds(time.toUnixTime() * 1000)
  return zone === null ? null : plain(time).toZonedDateTime(zone).toInstant()
}

function zoneOf(item: ICAL.Component, property: string, otherwise: string): string | null {
  const named = item.getFirstProperty(property)?.getFirstParameter('tzid')
  if (named === undefined || named === '') return otherwise
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(named).timeZoneId
  } catch {
    return null
  }
}

function plain({ year, month, day, hour, minute, second }: ICAL.Time): Temporal.PlainDateTime {
  return new Temporal.PlainDateTime(year, month, day, hour, minute, second)
}

function minuteOf({ hour, minute, second }: Temporal.ZonedDateTime, round: 'up' | 'down'): number {
  return hour * 60 + minute + (round === 'up' && second > 0 ? 1 : 0)
}

/** Each day that something falls on, by date. Times of their own win over whole days: an exception to a holiday. */
export function daysOfSpans(spans: readonly SpanOfDays[], { from, to, allDay }: DaysAsked): CalendarDay[] {
  const days = new Map<string, { whole: string[]; timed: string[]; hours: DayHours[] }>()
  for (const { firstDay, lastDay, times, name } of spans) {
    let day = Temporal.PlainDate.from(firstDay > from ? firstDay : from)
    for (; day.toString() <= lastDay && day.toString() <= to; day = day.add({ days: 1 })) {
      const date = day.toString()
      const entry = days.get(date) ?? { whole: [], timed: [], hours: [] }
      days.set(date, entry)
      if (times === null) {
        entry.whole.push(name)
        continue
      }
      entry.timed.push(name)
      entry.hours.push({
        fromMinute: date === firstDay ? times.fromMinute : 0,
        untilMinute: date === lastDay ? times.untilMinute : MINUTES_A_DAY,
      })
    }
  }
  return [...days]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, { whole, timed, hours }]) =>
      hours.length > 0
        ? { date, name: namesOf(timed), hours: merged(hours) }
        : { date, name: namesOf(whole), hours: allDay === 'closed' ? [] : null },
    )
}

function namesOf(names: readonly string[]): string {
  return [...new Set(names.filter(name => name !== ''))].join(' / ').slice(0, NAME_MAX) || 'Without a name'
}

/** Hours that touch become one; a day of more pieces than a gate keeps is open from the first of the rest to the last. */
function merged(hours: readonly DayHours[]): DayHours[] {
  const joined: DayHours[] = []
  for (const one of hours.toSorted((a, b) => a.fromMinute - b.fromMinute)) {
    const last = joined.at(-1)
    if (last !== undefined && (one.fromMinute <= last.untilMinute || joined.length === HOURS_MAX)) {
      joined[joined.length - 1] = { ...last, untilMinute: Math.max(last.untilMinute, one.untilMinute) }
    } else joined.push({ ...one })
  }
  return joined
}
