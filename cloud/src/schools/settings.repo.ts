import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Actor } from '../audit/actor.ts'
import { audit, changes, type Facts } from '../audit/audit.ts'
import { nothingChanged } from '../audit/noted.ts'
import { endSessions } from '../auth/sessions.repo.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { numberPattern } from '../students/number-pattern.ts'

export type SettingsChange = {
  readonly name?: string | undefined
  readonly timeZone?: string | undefined
  readonly country?: string | null | undefined
  readonly studentNumberPattern?: string | null | undefined
  readonly language?: Language | undefined
  readonly graceDays?: { readonly inactive?: number | undefined; readonly graduated?: number | undefined } | undefined
}

export function readSettings(tx: Tx, schoolId: string): Promise<Row<'schools'> | undefined> {
  return tx.selectFrom('schools').selectAll().where('id', '=', schoolId).executeTakeFirst()
}

function holdSchool(tx: Tx, schoolId: string): Promise<Row<'schools'> | undefined> {
  return tx.selectFrom('schools').selectAll().where('id', '=', schoolId).forUpdate().executeTakeFirst()
}

/** Changes what a school says of itself; `tx` is in it. Another time zone is another policy for its gates. */
export async function updateSettings(
  tx: Tx,
  actor: Actor,
  { name, timeZone, country, studentNumberPattern, language, graceDays }: SettingsChange,
  ifVersion: number | null,
): Promise<Result<Row<'schools'>, 'no_such_school' | 'changed_meanwhile' | 'no_pattern'>> {
  const row = await holdSchool(tx, actor.schoolId)
  if (row === undefined) return fail('no_such_school')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  if (typeof studentNumberPattern === 'string' && numberPattern(studentNumberPattern) === null)
    return fail('no_pattern')
  const wanted = {
    name,
    time_zone: timeZone,
    country,
    student_number_pattern: studentNumberPattern,
    language,
    grace_days_inactive: graceDays?.inactive,
    grace_days_graduated: graceDays?.graduated,
  }
  const { before, after } = changes(row as unknown as Facts, wanted as Partial<Facts>)
  if (Object.keys(after).length === 0) {
    nothingChanged()
    return ok(row)
  }
  const changed = await tx
    .updateTable('schools')
    .set({ ...(after as object), version: row.version + 1, updated_at: new Date(actor.nowMs) })
    .where('id', '=', actor.schoolId)
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, { action: 'school.update', subject: subjectOf(actor), before, after })
  if (after.time_zone !== undefined) await leave(tx, actor.schoolId, 'list.changed', {})
  return ok(changed)
}

/** Shuts everybody of the school out, at once. Nothing is deleted. */
export async function deactivateSchool(
  tx: Tx,
  actor: Actor,
): Promise<Result<Row<'schools'>, 'no_such_school' | 'deactivated_already'>> {
  const row = await holdSchool(tx, actor.schoolId)
  if (row === undefined) return fail('no_such_school')
  if (row.deactivated_at !== null) return fail('deactivated_already')
  const people = await tx
    .updateTable('users')
    .set({ active: false, deactivated_with_school: true })
    .where('active', '=', true)
    .returning('id')
    .execute()
  const sessions = await tx.selectFrom('sessions').select('id').where('ended_at', 'is', null).execute()
  const { schoolId, nowMs, by } = actor
  const keys = await tx.selectFrom('access_keys').select('id').execute()
  await endSessions(tx, {
    schoolId,
    sessionIds: sessions.map(({ id }) => id),
    why: 'deactivated',
    nowMs,
    ...(by && { by }),
  })
  // Their keys are refused with them; connections that hang on one are closed.
  if (keys.length > 0) await leave(tx, schoolId, 'session.ended', { ids: keys.map(({ id }) => id) })
  return ok(await turn(tx, actor, row, { deactivated: true, people: people.length }))
}

/** Lets in again whom the deactivation shut out. */
export async function reactivateSchool(
  tx: Tx,
  actor: Actor,
): Promise<Result<Row<'schools'>, 'no_such_school' | 'not_deactivated'>> {
  const row = await holdSchool(tx, actor.schoolId)
  if (row === undefined) return fail('no_such_school')
  if (row.deactivated_at === null) return fail('not_deactivated')
  const people = await tx
    .updateTable('users')
    .set({ active: true, deactivated_with_school: false })
    .where('deactivated_with_school', '=', true)
    .returning('id')
    .execute()
  return ok(await turn(tx, actor, row, { deactivated: false, people: people.length }))
}

async function turn(
  tx: Tx,
  actor: Actor,
  { version }: Row<'schools'>,
  { deactivated, people }: { readonly deactivated: boolean; readonly people: number },
): Promise<Row<'schools'>> {
  const now = new Date(actor.nowMs)
  await audit(tx, actor, {
    action: deactivated ? 'school.deactivate' : 'school.reactivate',
    subject: subjectOf(actor),
    after: { people },
  })
  return tx
    .updateTable('schools')
    .set({ deactivated_at: deactivated ? now : null, version: version + 1, updated_at: now })
    .where('id', '=', actor.schoolId)
    .returningAll()
    .executeTakeFirstOrThrow()
}

const subjectOf = ({ schoolId }: Actor) => ({ kind: 'school', id: schoolId })
