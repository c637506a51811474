import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import { type CalendarPlan, HOLIDAYS_MAX, type PlannedDay } from '@gatehouse/shared/wire/api/holidays.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { nothingChanged } from '../audit/noted.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { listTerms } from '../terms/terms.repo.ts'
import type { CalendarDay } from './calendar-days.ts'
import type { CalendarRead } from './calendar-file.ts'
import { countDays, enterHoliday, type HolidayRow, listHolidays } from './holidays.repo.ts'
import { touchRules } from './hours-document.ts'

export type Range = { readonly from: string; readonly to: string }

/** The days a calendar is read for: today to the end of this school year or the next, or a year where none is entered. */
export async function calendarRange(tx: Tx, today: string): Promise<Range> {
  const years = (await listTerms(tx)).filter(({ kind, last_day }) => kind === 'school_year' && last_day >= today)
  const year = years.toSorted((a, b) => (a.first_day < b.first_day ? -1 : 1))[0]
  if (year === undefined) return { from: today, to: Temporal.PlainDate.from(today).add({ days: 365 }).toString() }
  return { from: year.first_day > today ? year.first_day : today, to: year.last_day }
}

type Asked = Range & { readonly calendar: string; readonly read: CalendarRead }

/** What the days of a file would change against those that came from it before. Nothing that came from elsewhere is touched. */
export async function planCalendar(tx: Tx, schoolId: string, asked: Asked): Promise<CalendarPlan> {
  const { from, to, calendar, read } = asked
  const rows = (await listHolidays(tx)).filter(({ day }) => day >= from && day <= to)
  const there = new Map(rows.map(row => [row.day, row]))
  const named = new Set(read.days.map(({ date }) => date))
  const ours = (row: HolidayRow) => row.calendar === calendar
  const found = read.days.map(day => ({ day: plannedOf(day), row: there.get(day.date) }))
  const isSame = ({ day, row }: (typeof found)[number]) =>
    row !== undefined && JSON.stringify(rowOf(row)) === JSON.stringify(day)
  const others = found.filter(one => !isSame(one))
  const rules = await tx.selectFrom('gate_rules').select('version').where('school_id', '=', schoolId).executeTakeFirst()
  return {
    from,
    to,
    events: read.events,
    added: others.filter(({ row }) => row === undefined).map(({ day }) => day),
    changed: others.flatMap(({ day, row }) => (row && ours(row) ? [{ before: rowOf(row), after: day }] : [])),
    removed: rows.filter(row => ours(row) && !named.has(row.day)).map(rowOf),
    kept: others.flatMap(({ row }) => (row && !ours(row) ? [{ ...rowOf(row), calendar: row.calendar }] : [])),
    same: found.length - others.length,
    skipped: [...read.skipped],
    version: rules?.version ?? 0,
  }
}

/** Does what the plan says, all of it or nothing. `ifMatch` is the version that the plan was made for. */
export async function importCalendar(
  tx: Tx,
  actor: Actor,
  asked: Asked,
  ifMatch: number | null,
): Promise<Result<CalendarPlan, 'too_many_days' | 'changed_meanwhile'>> {
  await lockSchool(tx, actor.schoolId)
  const plan = await planCalendar(tx, actor.schoolId, asked)
  if (ifMatch !== null && ifMatch !== plan.version) return fail('changed_meanwhile')
  const { added, changed, removed } = plan
  if ((await countDays(tx)) + added.length - removed.length > HOLIDAYS_MAX) return fail('too_many_days')
  if (added.length + changed.length + removed.length === 0) {
    nothingChanged()
    return ok(plan)
  }
  const { calendar } = asked
  for (const { date } of removed) await tx.deleteFrom('holidays').where('day', '=', date).execute()
  for (const { date, name, hours } of [...added, ...changed.map(({ after }) => after)]) {
    await enterHoliday(tx, actor, { day: date, name, hours, calendar })
  }
  const version = await touchRules(tx, actor)
  await audit(tx, actor, {
    action: 'calendar.import',
    subject: { kind: 'calendar', id: calendar },
    before: { removed: removed.map(said), changed: changed.map(({ before }) => said(before)) },
    after: { added: added.map(said), changed: changed.map(({ after }) => said(after)) },
  })
  return ok({ ...plan, version })
}

const said = ({ date, name }: PlannedDay) => `${date} ${name}`
const plannedOf = ({ date, name, hours }: CalendarDay): PlannedDay => ({ date, name, hours: hours && [...hours] })
const rowOf = ({ day: date, name, hours }: HolidayRow): PlannedDay => ({ date, name, hours })
