import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { DEFAULT_GATE_RULES, type GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'

export type HoursDocument = Pick<GateRulesContent, 'profiles' | 'holidays'>

/** Hours and days as the signed policy spells them: profiles by number, holidays by date. */
export async function readHours(tx: Tx): Promise<HoursDocument> {
  const profiles = await tx.selectFrom('profiles').selectAll().orderBy('number').execute()
  const holidays = await tx.selectFrom('holidays').select(['day', 'name', 'hours']).orderBy('day').execute()
  return {
    profiles: Object.fromEntries(
      profiles.map(row => [
        row.number,
        { name: row.name, windows: row.windows.map(inOrder), onHolidays: row.on_holidays.map(inOrder) },
      ]),
    ),
    holidays: Object.fromEntries(
      holidays.map(({ day, name, hours }) => [day, { name, hours: hours?.map(inOrder) ?? null }]),
    ),
  }
}

/** Makes the rows say what a document says; days that stay as they are stay of the calendar they came from. */
export async function writeHours(tx: Tx, { schoolId }: Actor, { profiles, holidays }: HoursDocument): Promise<void> {
  const before = await readHours(tx)
  for (const number of Object.keys(before.profiles)) {
    if (profiles[number] === undefined) await tx.deleteFrom('profiles').where('number', '=', Number(number)).execute()
  }
  for (const [number, { name, windows, onHolidays }] of Object.entries(profiles)) {
    if (isSame(before.profiles[number], profiles[number])) continue
    const fields = { name, windows: JSON.stringify(windows), on_holidays: JSON.stringify(onHolidays) }
    await tx
      .insertInto('profiles')
      .values({ school_id: schoolId, number: Number(number), ...fields })
      .onConflict(conflict =>
        conflict.columns(['school_id', 'number']).doUpdateSet({ ...fields, version: sql`profiles.version + 1` }),
      )
      .execute()
  }
  for (const day of Object.keys(before.holidays)) {
    if (holidays[day] === undefined) await tx.deleteFrom('holidays').where('day', '=', day).execute()
  }
  for (const [day, { name, hours }] of Object.entries(holidays)) {
    if (isSame(before.holidays[day], holidays[day])) continue
    const fields = { name, hours: hours === null ? null : JSON.stringify(hours), calendar: null }
    await tx
      .insertInto('holidays')
      .values({ school_id: schoolId, day, ...fields })
      .onConflict(conflict =>
        conflict.columns(['school_id', 'day']).doUpdateSet({ ...fields, version: sql`holidays.version + 1` }),
      )
      .execute()
  }
}

/** Hours or days changed: whoever has the rules open is overtaken, and every list is looked at. Answers the new version. */
export async function touchRules(tx: Tx, { schoolId, userId, nowMs }: Actor): Promise<number> {
  const { profiles: _profiles, holidays: _holidays, ...rest } = DEFAULT_GATE_RULES
  const changed = { changed_by: userId, changed_at: new Date(nowMs) }
  const { version } = await tx
    .insertInto('gate_rules')
    .values({ school_id: schoolId, version: 1, rules: JSON.stringify(rest), ...changed })
    .onConflict(conflict =>
      conflict.column('school_id').doUpdateSet({ ...changed, version: sql`gate_rules.version + 1` }),
    )
    .returning('version')
    .executeTakeFirstOrThrow()
  await leave(tx, schoolId, 'list.changed', {})
  return version
}

/** The order in which they are signed. */
function inOrder<Hours extends HoursWindow | DayHours>(hours: Hours): Hours {
  const { fromMinute, untilMinute } = hours
  return ('day' in hours ? { day: hours.day, fromMinute, untilMinute } : { fromMinute, untilMinute }) as Hours
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
