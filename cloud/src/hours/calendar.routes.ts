import {
  CALENDAR_BYTES_MAX,
  HOLIDAYS_MAX,
  importCalendar as importRoute,
  previewCalendar as previewRoute,
} from '@gatehouse/shared/wire/api/holidays.ts'
import express from 'express'
import { inSchool } from '../db/school.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import { dayIn } from '../schools/time-zone.ts'
import { calendarRange, importCalendar, planCalendar } from './calendar.repo.ts'
import { CALENDAR_EVENTS_MAX } from './calendar-limits.ts'
import { readCalendarAside } from './calendar-thread.ts'
import type { HoursRoutesNeeds } from './hours.routes.ts'

const PROBLEMS = {
  not_a_calendar: {
    status: 422,
    code: 'not_a_calendar',
    message: 'This is no calendar file. Export it as iCalendar (.ics) and upload that.',
  },
  too_many_events: {
    status: 422,
    code: 'too_many_events',
    message: `The calendar has more than ${CALENDAR_EVENTS_MAX.toLocaleString('en')} events. Export only the one with the holidays.`,
  },
  too_much: {
    status: 422,
    code: 'too_much',
    message:
      'An event of this calendar repeats in a way that takes too long to follow. Export only the one with the holidays.',
  },
  too_many_days: {
    status: 409,
    code: 'too_many_days',
    message: `A gate keeps ${HOLIDAYS_MAX} days at most. Take away those that are over, or export fewer.`,
  },
  changed_meanwhile: {
    ...CHANGED_MEANWHILE,
    message: 'Hours or days were changed since you saw the preview. Look at it again. Nothing was changed.',
  },
} satisfies Record<string, Problem>

/** Read once it is known who asks. */
const file = express.text({ type: ['text/calendar', 'text/plain'], limit: CALENDAR_BYTES_MAX })

type Asked = { readonly calendar: string; readonly allDay: 'holiday' | 'closed' }

/** Days from a calendar file: shown first, then entered. */
export function calendarRoutes(routes: Binder, { db, nowMs }: HoursRoutesNeeds): void {
  const readFor = async (who: SchoolPerson, { calendar, allDay }: Asked, text: string) => {
    const { id: schoolId, timeZone } = who.school
    const today = dayIn(timeZone, nowMs())
    const range = await inSchool(db, schoolId, tx => calendarRange(tx, today))
    const read = await readCalendarAside({ text, timeZone, ...range, allDay })
    return read.ok ? { ok: true as const, value: { ...range, calendar, read: read.value } } : read
  }

  routes.inSchool(
    previewRoute,
    async ({ query, body, who }) => {
      const read = await readFor(who, query, body)
      if (!read.ok) return { problem: PROBLEMS[read.failure] }
      return { data: await inSchool(db, who.school.id, tx => planCalendar(tx, who.school.id, read.value)) }
    },
    [file],
  )

  routes.inSchool(
    importRoute,
    async ({ query, body, ifMatch, who }) => {
      const read = await readFor(who, query, body)
      if (!read.ok) return { problem: PROBLEMS[read.failure] }
      const done = await inSchool(db, who.school.id, tx =>
        importCalendar(tx, actorOf(who, nowMs()), read.value, ifMatch),
      )
      return done.ok ? { data: done.value } : { problem: PROBLEMS[done.failure] }
    },
    [file],
  )
}
