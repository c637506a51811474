import { z } from 'zod'
import { DayHours } from '../../list/policy.ts'
import { route } from '../contract.ts'
import { RowVersion } from './envelope.ts'

/** A gate keeps so many at most. */
export const HOLIDAYS_MAX = 400
export const CALENDAR_BYTES_MAX = 1024 * 1024

const Day = z.iso.date('must be a day such as 2026-12-24')
const name = z.string().trim().min(1, 'give it a name').max(100)
const calendarName = z.string().trim().min(1, 'give the calendar a name').max(100)
/** Null: each profile says what is left. Empty: closed. Otherwise the hours of every profile. */
const hours = z.array(DayHours).max(24).nullable()

export const Holiday = z.object({
  date: z.string(),
  name: z.string(),
  hours,
  /** The calendar file it came from; null: entered by hand. */
  calendar: z.string().nullable(),
  version: RowVersion,
})
export type Holiday = z.infer<typeof Holiday>

const params = z.object({ date: Day })

export const listHolidays = route({
  method: 'get',
  path: '/holidays',
  can: 'settings:read',
  summary: 'Days that are not like their weekday, by date.',
  data: z.array(Holiday),
})

export const putHoliday = route({
  method: 'put',
  path: '/holidays/:date',
  can: 'settings:update',
  summary: 'Enter a holiday or a day with hours of its own, or change it. If-Match "0": only where there is none.',
  params,
  body: z.strictObject({ name, hours: hours.default(null) }),
  data: Holiday,
})

export const deleteHoliday = route({
  method: 'delete',
  path: '/holidays/:date',
  can: 'settings:update',
  summary: 'Make a day like its weekday again.',
  params,
  data: z.object({ date: z.string() }),
})

const PlannedDay = z.object({ date: z.string(), name: z.string(), hours })
export type PlannedDay = z.infer<typeof PlannedDay>

export const CalendarPlan = z.object({
  /** Both included: the school year of today, or a year from today where there is none. */
  from: z.string(),
  to: z.string(),
  /** Events of the file, repetitions not counted. */
  events: z.int(),
  added: z.array(PlannedDay),
  changed: z.array(z.object({ before: PlannedDay, after: PlannedDay })),
  removed: z.array(PlannedDay),
  /** Days that stay as they are, because they were entered by hand or come from another calendar. */
  kept: z.array(PlannedDay.extend({ calendar: z.string().nullable() })),
  same: z.int(),
  /** Events that were left out and why, 50 at most. */
  skipped: z.array(z.object({ event: z.string(), why: z.string() })),
  /** Of hours and days as a whole: `If-Match` with it does exactly this, or nothing. */
  version: z.int(),
})
export type CalendarPlan = z.infer<typeof CalendarPlan>

const query = z.object({
  /** Days that came from the calendar of this name before are compared with the file. */
  calendar: calendarName,
  /** What an event of a whole day means: a holiday, where each profile says what is left, or closed to all. */
  allDay: z.enum(['holiday', 'closed']).default('holiday'),
})

/** The file itself as text; an event with times makes a day with just these hours. */
const body = z.string('must be a calendar file (text/calendar)').min(1, 'is empty')

export const previewCalendar = route({
  method: 'post',
  path: '/holidays/calendar-preview',
  can: 'settings:update',
  summary: 'What an iCalendar file (text/calendar, 1 MB, 2,000 events) would change. Nothing is changed.',
  query,
  body,
  takesText: 'text/calendar',
  data: CalendarPlan,
})

export const importCalendar = route({
  method: 'post',
  path: '/holidays/calendar-import',
  can: 'settings:update',
  summary: 'Enter the days of an iCalendar file. If-Match with the version of the preview does exactly what it showed.',
  query,
  body,
  takesText: 'text/calendar',
  data: CalendarPlan,
})
