import { randomUUIDv7 } from 'node:crypto'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { isSameName } from '../groups/same-name.ts'

export const LEVELS_MAX = 500

export type LevelFields = {
  readonly name: string
  readonly class: PassClass
  readonly groups: readonly number[]
  /** 0: always. */
  readonly profile: number
}

export type LevelRow = Row<'access_levels'> & {
  readonly groups: readonly { readonly number: number; readonly name: string }[]
  readonly profile_name: string | null
  /** Passes that follow it and are not revoked. */
  readonly passes: number
}

export async function listLevels(tx: Tx, { archived }: { readonly archived: boolean }): Promise<LevelRow[]> {
  const rows = await withUse(tx)
    .where('archived_at', archived ? 'is not' : 'is', null)
    .orderBy(sql`lower(access_levels.name)`)
    .execute()
  return withGroups(tx, rows)
}

export async function findLevel(tx: Tx, levelId: string): Promise<LevelRow | undefined> {
  return (await findLevels(tx, [levelId]))[0]
}

/** Archived ones too. */
export async function findLevels(tx: Tx, levelIds: readonly string[]): Promise<LevelRow[]> {
  return withGroups(tx, await withUse(tx).where('id', 'in', levelIds).execute())
}

function withUse(tx: Tx) {
  return tx
    .selectFrom('access_levels')
    .leftJoin('profiles', join =>
      join
        .onRef('profiles.school_id', '=', 'access_levels.school_id')
        .onRef('profiles.number', '=', 'access_levels.profile'),
    )
    .selectAll('access_levels')
    .select([
      'profiles.name as profile_name',
      sql<number>`(select count(*)::int from passes where passes.school_id = access_levels.school_id and passes.access_level_id = access_levels.id and passes.status <> 'revoked')`.as(
        'passes',
      ),
    ])
}

async function withGroups(tx: Tx, rows: readonly Omit<LevelRow, 'groups'>[]): Promise<LevelRow[]> {
  const groups = Map.groupBy(
    await tx
      .selectFrom('access_level_groups')
      .innerJoin('groups', join =>
        join
          .onRef('groups.school_id', '=', 'access_level_groups.school_id')
          .onRef('groups.number', '=', 'access_level_groups.group_number'),
      )
      .select(['level_id', 'groups.number', 'groups.name'])
      .where(sql<boolean>`level_id = any(${rows.map(({ id }) => id)}::uuid[])`)
      .orderBy('groups.number')
      .execute(),
    one => one.level_id,
  )
  return rows.map(row => ({
    ...row,
    groups: (groups.get(row.id) ?? []).map(({ number, name }) => ({ number, name })),
  }))
}

export type LevelRefused = 'name_taken' | 'no_such_group' | 'no_such_profile'

export async function createLevel(
  tx: Tx,
  actor: Actor,
  fields: LevelFields,
): Promise<Result<LevelRow, LevelRefused | 'too_many_levels'>> {
  await lockSchool(tx, actor.schoolId)
  const { levels } = await tx
    .selectFrom('access_levels')
    .select(sql<number>`count(*)::int`.as('levels'))
    .executeTakeFirstOrThrow()
  if (levels >= LEVELS_MAX) return fail('too_many_levels')
  const refused = await whyNotKept(tx, fields, null)
  if (refused !== null) return fail(refused)
  const id = randomUUIDv7()
  const { name, class: kind, profile } = fields
  await tx
    .insertInto('access_levels')
    .values({
      id,
      school_id: actor.schoolId,
      name,
      class: kind,
      profile: profile || null,
      created_at: new Date(actor.nowMs),
    })
    .execute()
  await setGroups(tx, actor, id, fields.groups)
  const row = (await findLevel(tx, id))!
  await audit(tx, actor, { action: 'access_level.create', subject: subjectOf(id), after: factsOf(row) })
  return ok(row)
}

/** What stands against a level like this. */
export async function whyNotKept(tx: Tx, fields: LevelFields, self: string | null): Promise<LevelRefused | null> {
  const living = await tx.selectFrom('access_levels').select(['id', 'name']).where('archived_at', 'is', null).execute()
  if (living.some(({ id, name }) => id !== self && isSameName(name, fields.name))) return 'name_taken'
  return (await whyNotNamed(tx, fields)) ?? null
}

/** Whether the school has these groups and hours. The caller holds the school, so they stay until the end of the transaction. */
export async function whyNotNamed(
  tx: Tx,
  { groups, profile }: Pick<LevelFields, 'groups' | 'profile'>,
): Promise<'no_such_group' | 'no_such_profile' | null> {
  const known = await tx
    .selectFrom('groups')
    .select('number')
    .where('number', 'in', [...groups])
    .execute()
  if (known.length !== new Set(groups).size) return 'no_such_group'
  if (profile === 0) return null
  const hours = await tx.selectFrom('profiles').select('number').where('number', '=', profile).executeTakeFirst()
  return hours === undefined ? 'no_such_profile' : null
}

export async function setGroups(tx: Tx, { schoolId }: Actor, id: string, groups: readonly number[]): Promise<void> {
  await tx.deleteFrom('access_level_groups').where('level_id', '=', id).execute()
  await tx
    .insertInto('access_level_groups')
    .values([...new Set(groups)].map(group_number => ({ school_id: schoolId, level_id: id, group_number })))
    .execute()
}

/** Archives a level that is nobody's default, or brings it back. Its passes keep what they open. */
export async function turnLevel(
  tx: Tx,
  actor: Actor,
  {
    levelId,
    to,
    ifMatch,
  }: { readonly levelId: string; readonly to: 'archived' | 'living'; readonly ifMatch: number | null },
): Promise<
  | Result<LevelRow, 'no_such_level' | 'already_so' | 'name_taken' | 'changed_meanwhile'>
  | { ok: false; defaults: number }
> {
  await lockSchool(tx, actor.schoolId)
  const row = await findLevel(tx, levelId)
  if (row === undefined) return fail('no_such_level')
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  if ((row.archived_at !== null) === (to === 'archived')) return fail('already_so')
  if (to === 'archived') {
    const { defaults } = await tx
      .selectFrom('access_level_defaults')
      .select(sql<number>`count(*)::int`.as('defaults'))
      .where('level_id', '=', levelId)
      .executeTakeFirstOrThrow()
    if (defaults > 0) return { ok: false, defaults }
  } else {
    const living = await tx.selectFrom('access_levels').select('name').where('archived_at', 'is', null).execute()
    if (living.some(({ name }) => isSameName(name, row.name))) return fail('name_taken')
  }
  await tx
    .updateTable('access_levels')
    .set({ archived_at: to === 'archived' ? new Date(actor.nowMs) : null, version: row.version + 1 })
    .where('id', '=', levelId)
    .execute()
  const action = to === 'archived' ? 'access_level.archive' : 'access_level.restore'
  await audit(tx, actor, { action, subject: subjectOf(levelId), note: row.name })
  return ok((await findLevel(tx, levelId))!)
}

export function fieldsOf({ name, class: kind, groups, profile }: LevelRow): LevelFields {
  return { name, class: kind, groups: groups.map(({ number }) => number), profile: profile ?? 0 }
}

export const subjectOf = (id: string) => ({ kind: 'access_level', id })
export const factsOf = (row: LevelRow) => ({
  name: row.name,
  class: row.class,
  groups: row.groups.map(({ name }) => name),
  hours: row.profile_name ?? 'always',
})
