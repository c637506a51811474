import type { DayHours, HoursWindow } from '@gatehouse/shared/list/policy.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { isSameName } from '../groups/same-name.ts'
import { touchRules } from './hours-document.ts'

const PROFILES_MAX = 255

export type ProfileFields = {
  readonly name: string
  readonly windows: readonly HoursWindow[]
  readonly onHolidays: readonly DayHours[]
}

export type ProfileRow = Row<'profiles'> & { readonly passes: number; readonly levels: number }

/** The school's hours by number, with how many name them. */
export function listProfiles(tx: Tx): Promise<ProfileRow[]> {
  return withUse(tx).orderBy('number').execute()
}

function withUse(tx: Tx) {
  return tx
    .selectFrom('profiles')
    .selectAll()
    .select([
      sql<number>`(select count(*)::int from passes where passes.school_id = profiles.school_id and passes.profile = profiles.number and passes.status <> 'revoked')`.as(
        'passes',
      ),
      sql<number>`(select count(*)::int from access_levels as level where level.school_id = profiles.school_id and level.profile = profiles.number)`.as(
        'levels',
      ),
    ])
}

const findProfile = (tx: Tx, number: number) => withUse(tx).where('number', '=', number).executeTakeFirst()

/** Enters hours under the lowest free number. */
export async function createProfile(
  tx: Tx,
  actor: Actor,
  fields: ProfileFields,
): Promise<Result<ProfileRow, 'name_taken' | 'no_number_left'>> {
  await lockSchool(tx, actor.schoolId)
  const there = await tx.selectFrom('profiles').select(['number', 'name']).execute()
  if (there.some(({ name }) => isSameName(name, fields.name))) return fail('name_taken')
  const taken = new Set(there.map(one => one.number))
  const number = Array.from({ length: PROFILES_MAX }, (_, at) => at + 1).find(at => !taken.has(at))
  if (number === undefined) return fail('no_number_left')
  await tx
    .insertInto('profiles')
    .values({ school_id: actor.schoolId, number, ...columnsOf(fields) })
    .execute()
  await touchRules(tx, actor)
  await audit(tx, actor, { action: 'profile.create', subject: subjectOf(number), after: factsOf(fields) })
  return ok((await findProfile(tx, number))!)
}

export async function updateProfile(
  tx: Tx,
  actor: Actor,
  {
    number,
    change,
    ifMatch,
  }: { readonly number: number; readonly change: Partial<ProfileFields>; readonly ifMatch: number | null },
): Promise<Result<ProfileRow, 'no_such_profile' | 'name_taken' | 'changed_meanwhile'>> {
  await lockSchool(tx, actor.schoolId)
  const before = await findProfile(tx, number)
  if (before === undefined) return fail('no_such_profile')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  const was = fieldsOf(before)
  const is = { ...was, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
  if (change.name !== undefined) {
    const others = await tx.selectFrom('profiles').select('name').where('number', '!=', number).execute()
    if (others.some(({ name }) => isSameName(name, is.name))) return fail('name_taken')
  }
  await tx
    .updateTable('profiles')
    .set({ ...columnsOf(is), version: before.version + 1 })
    .where('number', '=', number)
    .execute()
  await touchRules(tx, actor)
  await audit(tx, actor, {
    action: 'profile.update',
    subject: subjectOf(number),
    ...changes(factsOf(was), factsOf(is)),
  })
  return ok((await findProfile(tx, number))!)
}

export async function deleteProfile(
  tx: Tx,
  actor: Actor,
  { number, ifMatch }: { readonly number: number; readonly ifMatch: number | null },
): Promise<
  | Result<null, 'no_such_profile' | 'changed_meanwhile'>
  | { readonly ok: false; readonly inUse: Pick<ProfileRow, 'passes' | 'levels'> }
> {
  await lockSchool(tx, actor.schoolId)
  const row = await findProfile(tx, number)
  if (row === undefined) return fail('no_such_profile')
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  if (row.passes + row.levels > 0) return { ok: false, inUse: row }
  await tx.deleteFrom('profiles').where('number', '=', number).execute()
  await touchRules(tx, actor)
  await audit(tx, actor, { action: 'profile.delete', subject: subjectOf(number), before: factsOf(fieldsOf(row)) })
  return ok(null)
}

function fieldsOf({ name, windows, on_holidays: onHolidays }: Row<'profiles'>): ProfileFields {
  return { name, windows, onHolidays }
}

function columnsOf({ name, windows, onHolidays }: ProfileFields) {
  return { name, windows: JSON.stringify(windows), on_holidays: JSON.stringify(onHolidays) }
}

const subjectOf = (number: number) => ({ kind: 'profile', id: String(number) })
const factsOf = ({ name, windows, onHolidays }: ProfileFields) => ({ name, windows, onHolidays })
