import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import ICAL from 'ical.js'
import { type CalendarDay, type DaysAsked, daysOfSpans, type SpanOfDays, spanOf } from './calendar-days.ts'
import { CALENDAR_EVENTS_MAX } from './calendar-limits.ts'

export type CalendarAsked = DaysAsked & {
  readonly text: string
  /** Of the school: times without a zone are its own. */
  readonly timeZone: string
}

export type CalendarRead = {
  readonly events: number
  readonly days: readonly CalendarDay[]
  readonly skipped: readonly { readonly event: string; readonly why: string }[]
}

export type CalendarRefused = 'not_a_calendar' | 'too_many_events' | 'too_much'

/** Repetitions looked at in one file: a daily event that began in 1990 is 13,000 by itself. */
const STEPS_MAX = 30_000
const SKIPPED_TOLD_MAX = 50
const TOO_FINE = new Set(['SECONDLY', 'MINUTELY', 'HOURLY'])

/**
 * The days that an iCalendar file (RFC 5545) speaks of, in the school's zone. Runs in a thread of its own with a deadline: the
 * library follows a rule that never comes true (30 February) without end.
 */
export function readCalendar(asked: CalendarAsked): Result<CalendarRead, CalendarRefused> {
  const calendars = parsed(asked.text)
  if (calendars === null) return fail('not_a_calendar')
  const events = calendars.flatMap(calendar => calendar.getAllSubcomponents('vevent'))
  if (events.length > CALENDAR_EVENTS_MAX) return fail('too_many_events')
  const reading = reader(asked)
  for (const series of seriesOf(events)) if (!reading.follow(series)) return fail('too_much')
  const days = daysOfSpans(reading.spans, asked)
  return ok({ events: events.length, days, skipped: reading.skipped.slice(0, SKIPPED_TOLD_MAX) })
}

function parsed(text: string): ICAL.Component[] | null {
  try {
    const said = ICAL.parse(text)
    const all = (typeof said[0] === 'string' ? [said] : said) as unknown as ConstructorParameters<
      typeof ICAL.Component
    >[0][]
    const calendars = all.map(one => new ICAL.Component(one))
    return calendars.length > 0 && calendars.every(({ name }) => name === 'vcalendar') ? calendars : null
  } catch {
    return null
  }
}

type Series = { readonly master: ICAL.Component | null; readonly exceptions: readonly ICAL.Component[] }

/** An event that repeats, and the single times of it that are otherwise. */
function seriesOf(events: readonly ICAL.Component[]): Series[] {
  const byUid = Map.groupBy(events, event => String(event.getFirstPropertyValue('uid') ?? ''))
  return [...byUid].flatMap(([uid, all]): Series[] => {
    const exceptions = all.filter(event => event.hasProperty('recurrence-id'))
    const masters = all.filter(event => !event.hasProperty('recurrence-id'))
    // Without an id each stands for itself.
    if (uid === '') return all.map(master => ({ master, exceptions: [] }))
    if (masters.length === 0) return [{ master: null, exceptions }]
    return masters.map((master, at) => ({ master, exceptions: at === 0 ? exceptions : [] }))
  })
}

function reader(asked: CalendarAsked) {
  const spans: SpanOfDays[] = []
  const skipped: { event: string; why: string }[] = []
  let steps = 0
  const skip = (event: ICAL.Component, why: string) => void skipped.push({ event: nameOf(event), why })

  const take = (item: ICAL.Component, start: ICAL.Time, end: ICAL.Time) => {
    if (String(item.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED') return
    const span = spanOf({ item, start, end, timeZone: asked.timeZone })
    if (typeof span === 'string') return skip(item, span)
    if (span.lastDay >= asked.from && span.firstDay <= asked.to) spans.push({ ...span, name: nameOf(item) })
  }

  const single = (component: ICAL.Component) => {
    const { startDate, endDate } = new ICAL.Event(component)
    take(component, startDate, endDate)
  }

  /** False: more repetitions than anybody looks at. */
  const follow = ({ master, exceptions }: Series): boolean => {
    for (const exception of exceptions) attempt(exception, () => single(exception))
    if (master === null) return true
    let goesOn = true
    attempt(master, () => {
      const event = new ICAL.Event(master, { exceptions: [...exceptions], strictExceptions: false })
      if (!event.isRecurring()) return single(master)
      if (ruleParts(master, 'freq').some(freq => TOO_FINE.has(freq))) {
        return skip(master, 'repeats within a day')
      }
      goesOn = repeat(event, exceptions)
    })
    return goesOn
  }

  const repeat = (event: ICAL.Event, exceptions: readonly ICAL.Component[]): boolean => {
    const otherwise = new Set(exceptions.map(one => keyOf(one.getFirstPropertyValue('recurrence-id') as ICAL.Time)))
    const until = Temporal.PlainDate.from(asked.to).add({ days: 1 }).toString()
    // What ended before the first day is stepped over without a look.
    const lengthDays = Math.ceil(Math.abs(event.duration.toSeconds()) / 86_400) + 1
    const earliest = Temporal.PlainDate.from(asked.from).subtract({ days: lengthDays }).toString()
    const occurrences = event.iterator()
    for (let time = occurrences.next(); time; time = occurrences.next()) {
      if (++steps > STEPS_MAX) return false
      const day = dayOf(time)
      if (day > until) return true
      if (day < earliest) continue
      if (otherwise.has(keyOf(time)) || !isDayOfRule(event.component, time)) continue
      const { item, startDate, endDate } = event.getOccurrenceDetails(time)
      take(item.component, startDate, endDate)
    }
    return true
  }

  const attempt = (event: ICAL.Component, work: () => void) => {
    try {
      work()
    } catch {
      skip(event, 'could not be read')
    }
  }

  return { spans, skipped, follow }
}

/** The library makes 2 March of 30 February: a day that the rule does not name is none of its days. */
function isDayOfRule(event: ICAL.Component, time: ICAL.Time): boolean {
  const [rule] = event.getAllProperties('rrule')
  if (rule === undefined || event.hasProperty('rdate')) return true
  const { month, day, year } = time
  const months = numbersOf(rule, 'BYMONTH')
  const days = numbersOf(rule, 'BYMONTHDAY')
  const length = Temporal.PlainYearMonth.from({ year, month }).daysInMonth
  const isDay = days.some(one => one === day || one === day - length - 1)
  return (months.length === 0 || months.includes(month)) && (days.length === 0 || isDay)
}

function numbersOf(rule: ICAL.Property, part: string): number[] {
  const recur = rule.getFirstValue() as ICAL.Recur
  return recur.getComponent(part).map(Number)
}

function ruleParts(event: ICAL.Component, part: 'freq'): string[] {
  return event.getAllProperties('rrule').map(rule => String((rule.getFirstValue() as ICAL.Recur)[part]).toUpperCase())
}

/** The same moment in whichever zone it was written. */
function keyOf(time: ICAL.Time): string {
  return time.isDate ? dayOf(time) : time.convertToZone(ICAL.Timezone.utcTimezone).toString()
}

function dayOf({ year, month, day }: ICAL.Time): string {
  const padded = (number: number, digits: number) => String(number).padStart(digits, '0')
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`
}

const NAME_MAX = 100

function nameOf(event: ICAL.Component): string {
  const said = String(event.getFirstPropertyValue('summary') ?? '')
  return said
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, NAME_MAX)
}
