import {
  deleteHoliday as deleteHolidayRoute,
  HOLIDAYS_MAX,
  type Holiday,
  listHolidays as listHolidaysRoute,
  putHoliday as putHolidayRoute,
} from '@gatehouse/shared/wire/api/holidays.ts'
import {
  createProfile as createRoute,
  deleteProfile as deleteRoute,
  listProfiles as listRoute,
  type TimeProfile,
  updateProfile as updateRoute,
} from '@gatehouse/shared/wire/api/profiles.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import { inUseBy } from '../http/used.ts'
import { deleteHoliday, type HolidayRow, listHolidays, putHoliday } from './holidays.repo.ts'
import {
  createProfile,
  deleteProfile,
  listProfiles,
  type ProfileFields,
  type ProfileRow,
  updateProfile,
} from './profiles.repo.ts'

const PROBLEMS = {
  no_such_profile: { status: 404, code: 'not_found', message: 'There are no hours with that number.' },
  no_such_day: { status: 404, code: 'not_found', message: 'That day is like its weekday already.' },
  name_taken: {
    status: 409,
    code: 'name_taken',
    message: 'Other hours have this name.',
    details: [{ path: 'name', message: 'is the name of other hours' }],
  },
  no_number_left: {
    status: 409,
    code: 'no_number_left',
    message: 'A school has 255 hours at most. Take some away that nobody uses.',
  },
  too_many_days: {
    status: 409,
    code: 'too_many_days',
    message: `A gate keeps ${HOLIDAYS_MAX} days at most. Take away those that are over.`,
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export type HoursRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

/** Hours of the week, and days that are not like their weekday. */
export function hoursRoutes(routes: Binder, { db, nowMs }: HoursRoutesNeeds): void {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listProfiles(tx)).map(profileOf) })),
  )

  routes.inSchool(createRoute, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createProfile(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: profileOf(made.value) } : { problem: PROBLEMS[made.failure] }
  })

  routes.inSchool(updateRoute, async ({ params: { number }, body, ifMatch, who }) => {
    const change = body as Partial<ProfileFields>
    const changed = await inSchool(db, who.school.id, tx =>
      updateProfile(tx, actorOf(who, nowMs()), { number, change, ifMatch }),
    )
    return changed.ok ? { data: profileOf(changed.value) } : { problem: PROBLEMS[changed.failure] }
  })

  routes.inSchool(deleteRoute, async ({ params: { number }, ifMatch, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteProfile(tx, actorOf(who, nowMs()), { number, ifMatch }))
    if (gone.ok) return { data: { number } }
    return { problem: 'inUse' in gone ? inUse(gone.inUse) : PROBLEMS[gone.failure] }
  })

  routes.inSchool(listHolidaysRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listHolidays(tx)).map(holidayOf) })),
  )

  routes.inSchool(putHolidayRoute, async ({ params: { date: day }, body: fields, ifMatch, who }) => {
    const kept = await inSchool(db, who.school.id, tx =>
      putHoliday(tx, actorOf(who, nowMs()), { day, fields, ifMatch }),
    )
    return kept.ok ? { data: holidayOf(kept.value) } : { problem: PROBLEMS[kept.failure] }
  })

  routes.inSchool(deleteHolidayRoute, async ({ params: { date }, ifMatch, who }) => {
    const gone = await inSchool(db, who.school.id, tx =>
      deleteHoliday(tx, actorOf(who, nowMs()), { day: date, ifMatch }),
    )
    return gone.ok ? { data: { date } } : { problem: PROBLEMS[gone.failure] }
  })
}

function inUse({ passes, levels }: Pick<ProfileRow, 'passes' | 'levels'>): Problem {
  return inUseBy('This', [
    [passes, 'pass', 'passes'],
    [levels, 'access level', 'access levels'],
  ])
}

function profileOf({ number, name, windows, on_holidays, passes, levels, version }: ProfileRow): TimeProfile {
  return { number, name, windows, onHolidays: on_holidays, passes, levels, version }
}

function holidayOf({ day, name, hours, calendar, version }: HolidayRow): Holiday {
  return { date: day, name, hours, calendar, version }
}
