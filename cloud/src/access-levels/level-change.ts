import { rowsLet } from '@gatehouse/shared/list/guard.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { LevelEffect } from '@gatehouse/shared/wire/api/access-levels.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { readGateRules } from '../lists/gate-rules.repo.ts'
import { groupMask } from '../passes/passes.repo.ts'
import {
  factsOf,
  fieldsOf,
  findLevel,
  type LevelFields,
  type LevelRefused,
  type LevelRow,
  setGroups,
  subjectOf,
  whyNotKept,
} from './access-levels.repo.ts'

export type ChangeRefused = LevelRefused | 'no_such_level' | 'level_archived' | 'kind_of_default' | 'changed_meanwhile'

export type LevelChange = {
  readonly levelId: string
  readonly change: Partial<LevelFields>
  readonly ifMatch: number | null
}

/** A holder who left keeps the pass until then. */
const OPENS_UNTIL = sql`least(expires, coalesce(revoke_at, expires))`

type Wanted = { readonly before: LevelRow; readonly was: LevelFields; readonly is: LevelFields }

async function wantedOf(
  tx: Tx,
  { schoolId }: Actor,
  { levelId, change, ifMatch }: LevelChange,
): Promise<Result<Wanted, ChangeRefused>> {
  await lockSchool(tx, schoolId)
  const before = await findLevel(tx, levelId)
  if (before === undefined) return fail('no_such_level')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  if (before.archived_at !== null) return fail('level_archived')
  const was = fieldsOf(before)
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  const is: LevelFields = { ...was, ...Object.fromEntries(given) }
  if (was.class !== is.class && (await isDefaultOfKind(tx, levelId))) return fail('kind_of_default')
  const refused = await whyNotKept(tx, is, levelId)
  return refused === null ? ok({ before, was, is }) : fail(refused)
}

/** A default of a kind would name a level of another. */
async function isDefaultOfKind(tx: Tx, levelId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('access_level_defaults')
    .select('id')
    .where('level_id', '=', levelId)
    .where('class', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** What a change would do to the passes that follow the level. */
export async function previewLevel(
  tx: Tx,
  actor: Actor,
  change: LevelChange,
): Promise<Result<LevelEffect, ChangeRefused>> {
  const wanted = await wantedOf(tx, actor, change)
  return wanted.ok ? ok(await effectOf(tx, actor, wanted.value)) : wanted
}

/**
 * Changes a level and every pass that follows it, in the caller's transaction. What passes gain takes a new number: the certificate
 * of the old one is an upper bound, and gates that have not heard yet take a newer number on its signature.
 */
export async function updateLevel(tx: Tx, actor: Actor, change: LevelChange): Promise<Result<LevelRow, ChangeRefused>> {
  const wanted = await wantedOf(tx, actor, change)
  if (!wanted.ok) return wanted
  const { before, was, is } = wanted.value
  const { levelId } = change
  await tx
    .updateTable('access_levels')
    .set({ name: is.name, class: is.class, profile: is.profile || null, version: before.version + 1 })
    .where('id', '=', levelId)
    .execute()
  await setGroups(tx, actor, levelId, is.groups)
  const passes = opensSame(was, is) ? 0 : await changePasses(tx, actor, levelId, is)
  const renumbered = widens(was, is) ? await renumber(tx, actor, levelId) : 0
  if (passes > 0) await leave(tx, actor.schoolId, 'list.changed', {})
  const after = (await findLevel(tx, levelId))!
  await audit(tx, actor, {
    action: 'access_level.update',
    subject: subjectOf(levelId),
    ...changes(factsOf(before), factsOf(after)),
    note: `${passes} passes changed, ${renumbered} renumbered`,
  })
  return ok(after)
}

async function changePasses(tx: Tx, { userId }: Actor, levelId: string, is: LevelFields): Promise<number> {
  const changed = await tx
    .updateTable('passes')
    .set({ groups: groupMask(is.groups), profile: is.profile, class: is.class, changed_by: userId })
    .where('access_level_id', '=', levelId)
    .where('status', '!=', 'revoked')
    .executeTakeFirst()
  return Number(changed.numUpdatedRows)
}

/** The next numbers of the school, in the order of the old ones; the school's row is held. */
async function renumber(tx: Tx, { schoolId, nowMs }: Actor, levelId: string): Promise<number> {
  const { rows } = await sql<{ serial: string }>`
    with base as (select pass_serial_last as last from schools where id = ${schoolId}),
      numbered as (select pass_id, row_number() over (order by serial) as place from passes
        where school_id = ${schoolId} and access_level_id = ${levelId} and status <> 'revoked' and expires > ${new Date(nowMs)})
    update passes set serial = base.last + numbered.place
    from base, numbered where passes.school_id = ${schoolId} and passes.pass_id = numbered.pass_id
    returning passes.serial`.execute(tx)
  if (rows.length === 0) return 0
  await tx
    .updateTable('schools')
    .set({ pass_serial_last: sql`pass_serial_last + ${rows.length}` })
    .where('id', '=', schoolId)
    .execute()
  return rows.length
}

async function effectOf(tx: Tx, { schoolId, nowMs }: Actor, { before, was, is }: Wanted): Promise<LevelEffect> {
  const now = new Date(nowMs)
  const { valid, living, all } = await tx
    .selectFrom('passes')
    .select([
      sql<number>`count(*) filter (where access_level_id = ${before.id} and status <> 'revoked' and expires > ${now})::int`.as(
        'valid',
      ),
      sql<number>`count(*) filter (where access_level_id = ${before.id} and status = 'active' and ${OPENS_UNTIL} > ${now})::int`.as(
        'living',
      ),
      sql<number>`count(*) filter (where status = 'active' and ${OPENS_UNTIL} > ${now})::int`.as('all'),
    ])
    .executeTakeFirstOrThrow()
  const { rules } = await readGateRules(tx, schoolId)
  const names = new Map(
    (await tx.selectFrom('groups').select(['number', 'name']).execute()).map(({ number, name }) => [number, name]),
  )
  const missing = (from: readonly number[], in_: readonly number[]) =>
    from.filter(number => !in_.includes(number)).map(number => ({ number, name: names.get(number)! }))
  const hoursOf = (profile: number) => (profile === 0 ? 'Always' : rules.profiles[profile]!.name)
  const lose = narrows(was, is) ? living : 0
  const limit = rowsLet(rules.guard, all)
  return {
    passes: before.passes,
    living,
    gain: widens(was, is) || (is.profile === 0 && was.profile !== 0) ? living : 0,
    lose,
    groupsGained: missing(is.groups, was.groups),
    groupsLost: missing(was.groups, is.groups),
    hours: was.profile === is.profile ? null : { from: hoursOf(was.profile), to: hoursOf(is.profile) },
    class: was.class === is.class ? null : { from: was.class, to: is.class },
    renumbered: widens(was, is) ? valid : 0,
    guard: { limit, waits: lose > limit },
  }
}

function opensSame(was: LevelFields, is: LevelFields): boolean {
  return groupMask(was.groups) === groupMask(is.groups) && was.profile === is.profile && was.class === is.class
}

/** What a certificate of before does not allow: another group, another kind. Hours are the row's alone. */
function widens(was: LevelFields, is: LevelFields): boolean {
  return is.class !== was.class || is.groups.some(number => !was.groups.includes(number))
}

/** As the publish guard measures it: a group less, or other hours than always. */
function narrows(was: LevelFields, is: LevelFields): boolean {
  return was.groups.some(number => !is.groups.includes(number)) || (is.profile !== was.profile && is.profile !== 0)
}
