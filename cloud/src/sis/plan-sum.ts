import type { ImportPlan, Stop } from '@gatehouse/shared/wire/api/imports.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { type Effect, effectOf, passesEnd } from '../students/status-effects.ts'
import { schoolRules } from '../students/student-fields.ts'
import type { StudentStatus } from '../students/tables.ts'

const PASSES_AT_ONCE = 2_000

/** What all rows together would do. */
export async function sumUp(
  tx: Tx,
  schoolId: string,
  importId: string,
  nowMs: number,
): Promise<Omit<ImportPlan, 'terms'>> {
  const { rows: actions } = await sql<{ action: string; in_file: boolean; n: number }>`
    select action, in_file, count(*)::int as n from import_rows where import_id = ${importId}::uuid group by 1, 2`.execute(
    tx,
  )
  const count = (...wanted: string[]) =>
    actions.filter(({ action }) => wanted.includes(action)).reduce((sum, { n }) => sum + n, 0)
  const { rows: fields } = await sql<{ field: string; n: number }>`
    select field, count(*)::int as n from import_rows, unnest(fields) as field
    where import_id = ${importId}::uuid and in_file group by 1 order by 1`.execute(tx)
  const { rows: statuses } = await sql<{ from: StudentStatus; to: StudentStatus; students: number }>`
    select status_from as "from", status_to as "to", count(*)::int as students from import_rows
    where import_id = ${importId}::uuid and status_to is not null and status_from is not null group by 1, 2 order by 1, 2`.execute(
    tx,
  )
  const { rows: departments } = await sql<{ name: string; n: number }>`
    select min(department) as name, (count(*) over ())::int as n from import_rows
    where import_id = ${importId}::uuid and department is not null and action in ('make', 'change')
      and not exists (select from departments where lower(departments.name) = lower(import_rows.department))
    group by lower(department) order by 1 limit 50`.execute(tx)
  const { rows: words } = await sql<{ word: string }>`
    select status_word as word from import_rows where import_id = ${importId}::uuid and status_word is not null
    group by 1 order by count(*) desc, 1 limit 20`.execute(tx)
  const { living } = await tx
    .selectFrom('students')
    .where('archived_at', 'is', null)
    .select(sql<number>`count(*)::int`.as('living'))
    .executeTakeFirstOrThrow()
  const leaving = statuses.filter(({ to }) => to !== 'active').reduce((sum, { students }) => sum + students, 0)
  const archived = count('archive')
  return {
    rows: actions.filter(({ in_file }) => in_file).reduce((sum, { n }) => sum + n, 0),
    made: count('make'),
    changed: count('change'),
    unchanged: count('none'),
    refused: count('refuse'),
    absent: count('inactivate', 'archive'),
    archived,
    fields: Object.fromEntries(fields.map(({ field, n }) => [field, n])),
    statuses,
    passes: await passesTouched(tx, schoolId, importId, nowMs),
    newDepartments: { count: departments[0]?.n ?? 0, names: departments.map(({ name }) => name) },
    unknownStatuses: words.map(({ word }) => word),
    living,
    hurt: archived + leaving,
  }
}

/** Whether a plan needs a person who says its number: more than so many, or more than such a part of the living. */
export function isHeld({ hurt, living }: Pick<ImportPlan, 'hurt' | 'living'>, { percent, students }: Stop): boolean {
  return hurt > 0 && (hurt > students || hurt * 100 > living * percent)
}

async function passesTouched(tx: Tx, schoolId: string, importId: string, nowMs: number): Promise<ImportPlan['passes']> {
  const rules = await schoolRules(tx, schoolId)
  const effects = new Map<Effect, number>()
  let after = ''
  for (;;) {
    const passes = await tx
      .selectFrom('passes')
      .innerJoin('import_rows', join =>
        join.onRef('import_rows.student_id', '=', 'passes.student_id').on('import_rows.import_id', '=', importId),
      )
      .where('passes.revoked_at', 'is', null)
      .where(eb => eb.or([eb('import_rows.status_to', 'is not', null), eb('import_rows.action', '=', 'archive')]))
      .where('passes.pass_id', '>', after)
      .select([
        'passes.pass_id',
        'passes.status',
        'suspended_with_student',
        'revoke_at',
        'not_before',
        'import_rows.status_to',
      ])
      .orderBy('passes.pass_id')
      .limit(PASSES_AT_ONCE)
      .execute()
    for (const pass of passes) {
      const to = pass.status_to ?? 'archived'
      const effect = effectOf(pass, to, passesEnd(rules, to, { nowMs }), nowMs)
      effects.set(effect, (effects.get(effect) ?? 0) + 1)
    }
    if (passes.length < PASSES_AT_ONCE) break
    after = passes.at(-1)!.pass_id
  }
  return passesOf(effects)
}

/** A pass that is to be revoked on a day to come is counted as revoked. */
export function passesOf(effects: ReadonlyMap<Effect, number>): ImportPlan['passes'] {
  const of = (...names: Effect[]) => names.reduce((sum, name) => sum + (effects.get(name) ?? 0), 0)
  return {
    revoked: of('revoked', 'revoked_later'),
    suspended: of('suspended'),
    givenBack: of('given_back', 'kept_after_all'),
  }
}
