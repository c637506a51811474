import type { DayHours } from '@gatehouse/shared/list/policy.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { HOLIDAYS_MAX } from '@gatehouse/shared/wire/api/holidays.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { touchRules } from './hours-document.ts'

export type HolidayRow = Row<'holidays'>
export type HolidayFields = { readonly name: string; readonly hours: readonly DayHours[] | null }

export function listHolidays(tx: Tx): Promise<HolidayRow[]> {
  return tx.selectFrom('holidays').selectAll().orderBy('day').execute()
}

/** Enters a day or changes it. A day that a person changed is no calendar's any more. `ifMatch` 0: only where there is none. */
export async function putHoliday(
  tx: Tx,
  actor: Actor,
  { day, fields, ifMatch }: { readonly day: string; readonly fields: HolidayFields; readonly ifMatch: number | null },
): Promise<Result<HolidayRow, 'too_many_days' | 'changed_meanwhile'>> {
  await lockSchool(tx, actor.schoolId)
  const before = await tx.selectFrom('holidays').selectAll().where('day', '=', day).executeTakeFirst()
  if (ifMatch !== null && ifMatch !== (before?.version ?? 0)) return fail('changed_meanwhile')
  if (before === undefined && (await countDays(tx)) >= HOLIDAYS_MAX) return fail('too_many_days')
  const row = await enterHoliday(tx, actor, { day, ...fields, calendar: null })
  await touchRules(tx, actor)
  await audit(tx, actor, {
    action: before === undefined ? 'holiday.create' : 'holiday.update',
    subject: { kind: 'holiday', id: day },
    ...(before === undefined ? { after: factsOf(row) } : changes(factsOf(before), factsOf(row))),
  })
  return ok(row)
}

export async function deleteHoliday(
  tx: Tx,
  actor: Actor,
  { day, ifMatch }: { readonly day: string; readonly ifMatch: number | null },
): Promise<Result<null, 'no_such_day' | 'changed_meanwhile'>> {
  const row = await tx.selectFrom('holidays').selectAll().where('day', '=', day).forUpdate().executeTakeFirst()
  if (row === undefined) return fail('no_such_day')
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  await tx.deleteFrom('holidays').where('day', '=', day).execute()
  await touchRules(tx, actor)
  await audit(tx, actor, { action: 'holiday.delete', subject: { kind: 'holiday', id: day }, before: factsOf(row) })
  return ok(null)
}

export async function enterHoliday(
  tx: Tx,
  { schoolId }: Actor,
  { day, name, hours, calendar }: HolidayFields & { readonly day: string; readonly calendar: string | null },
): Promise<HolidayRow> {
  const fields = { name, hours: hours === null ? null : JSON.stringify(hours), calendar }
  return tx
    .insertInto('holidays')
    .values({ school_id: schoolId, day, ...fields })
    .onConflict(conflict =>
      conflict.columns(['school_id', 'day']).doUpdateSet({ ...fields, version: sql`holidays.version + 1` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function countDays(tx: Tx): Promise<number> {
  const { days } = await tx
    .selectFrom('holidays')
    .select(sql<number>`count(*)::int`.as('days'))
    .executeTakeFirstOrThrow()
  return days
}

const factsOf = ({ name, hours, calendar }: HolidayRow) => ({ name, hours, calendar })
