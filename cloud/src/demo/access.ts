import { Temporal } from '@gatehouse/shared/time.ts'
import { createLevel } from '../access-levels/access-levels.repo.ts'
import { createDefault } from '../access-levels/defaults.repo.ts'
import type { Actor } from '../audit/actor.ts'
import type { Tx } from '../db/tables.ts'
import { putHoliday } from '../hours/holidays.repo.ts'
import { createProfile } from '../hours/profiles.repo.ts'
import { createTerm } from '../terms/terms.repo.ts'
import { putValidity } from '../terms/validity.repo.ts'
import { must } from './must.ts'

const days = (first: number, last: number, fromMinute: number, untilMinute: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ day: first + at, fromMinute, untilMinute }))

/** What the demo school's passes may open: hours, the holidays to come, levels, a school year of three terms. Answers the usual level. */
export async function seedAccess(
  tx: Tx,
  actor: Actor,
  {
    north,
    south,
    timeZone,
    departments,
  }: {
    readonly north: number
    readonly south: number
    readonly timeZone: string
    /** Ids by the lower case of their names. */
    readonly departments: ReadonlyMap<string, string>
  },
): Promise<{ readonly everywhere: string; readonly southOnly: string }> {
  const daytime = must(
    await createProfile(tx, actor, {
      name: 'Weekdays and Saturday morning',
      windows: [...days(1, 5, 7 * 60, 22 * 60), ...days(6, 6, 9 * 60, 13 * 60)],
      onHolidays: [],
    }),
  )
  const office = must(
    await createProfile(tx, actor, {
      name: 'Office hours',
      windows: days(1, 5, 8 * 60, 18 * 60),
      onHolidays: [{ fromMinute: 10 * 60, untilMinute: 14 * 60 }],
    }),
  )
  const level = async (
    name: string,
    kind: 'student' | 'staff' | 'contractor' | 'visitor',
    groups: readonly number[],
    profile = 0,
  ) => must(await createLevel(tx, actor, { name, class: kind, groups, profile })).id
  const everywhere = await level('Student, both campuses', 'student', [north, south])
  const southOnly = await level('Student, south campus', 'student', [south])
  await level('Student, daytime only', 'student', [north, south], daytime.number)
  const staff = await level('Staff', 'staff', [north, south])
  const contractor = await level('Contractor, office hours', 'contractor', [north, south], office.number)
  const visitor = await level('Visitor, north campus', 'visitor', [north], office.number)
  for (const [kind, levelId] of [
    ['student', everywhere],
    ['staff', staff],
    ['contractor', contractor],
    ['visitor', visitor],
  ] as const)
    must(await createDefault(tx, actor, { class: kind, departmentId: null, levelId }))
  must(
    await createDefault(tx, actor, { class: 'student', departmentId: departments.get('design')!, levelId: southOnly }),
  )

  await seedYear(tx, actor, timeZone)
  const kept = { lastDay: null, renewalDays: 30, reminderDays: [30, 7, 1] }
  for (const [kind, fields] of [
    ['student', { ...kept, ends: 'school_year', days: null }],
    ['staff', { ...kept, ends: 'days', days: 730 }],
    ['contractor', { ...kept, ends: 'days', days: 90, reminderDays: [7] }],
    ['visitor', { ...kept, ends: 'days', days: 1, renewalDays: 0, reminderDays: [] }],
  ] as const)
    must(
      await putValidity(tx, actor, {
        kind,
        fields: { ...fields, reminderDays: [...fields.reminderDays] },
        ifMatch: null,
      }),
    )
  return { everywhere, southOnly }
}

/** The school year of today, September to July, and its holidays. */
async function seedYear(tx: Tx, actor: Actor, timeZone: string): Promise<void> {
  const today = Temporal.Instant.fromEpochMilliseconds(actor.nowMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const year = today.month >= 8 ? today.year : today.year - 1
  const next = year + 1
  for (const [name, kind, firstDay, lastDay] of [
    [`School year ${year}/${next}`, 'school_year', `${year}-08-01`, `${next}-07-31`],
    [`Autumn ${year}`, 'term', `${year}-09-01`, `${year}-12-18`],
    [`Winter ${next}`, 'term', `${next}-01-04`, `${next}-03-26`],
    [`Summer ${next}`, 'term', `${next}-04-06`, `${next}-07-10`],
  ] as const)
    must(await createTerm(tx, actor, { name, kind, firstDay, lastDay }))
  for (const [day, name, hours] of [
    [`${year}-12-24`, 'Christmas Eve', [{ fromMinute: 8 * 60, untilMinute: 12 * 60 }]],
    [`${year}-12-25`, 'Christmas Day', []],
    [`${year}-12-26`, 'Boxing Day', null],
    [`${next}-01-01`, 'New Year', []],
    [`${next}-04-27`, 'King’s Day', null],
    [`${next}-05-05`, 'Liberation Day', null],
  ] as const)
    must(await putHoliday(tx, actor, { day, fields: { name, hours }, ifMatch: null }))
}
