import { OPEN_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { MERGED_FIELDS, PassEffect } from '@gatehouse/shared/wire/api/students-many.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { effectOf, passesEnd, turnPasses } from './status-effects.ts'
import { columnsOf, differences, factsOf, fieldsOf, type StudentFields, schoolRules } from './student-fields.ts'
import { findStudent, type StudentRow } from './students-found.repo.ts'

type Field = (typeof MERGED_FIELDS)[number]
export type Merge = {
  readonly studentId: string
  readonly otherId: string
  /** From which of the two a field is taken; left out, this one's where it has one. */
  readonly take: Readonly<Partial<Record<Field, 'this' | 'other'>>>
}

export type MergePreview = {
  readonly changes: Field[]
  readonly passes: number
  readonly cards: number
  readonly applications: number
  readonly account: 'none' | 'kept' | 'moves' | 'both'
  readonly freedNumber: string | null
  readonly effects: Readonly<Partial<Record<PassEffect, number>>>
}

type Refused = 'no_such_student' | 'same_student' | 'two_accounts' | 'two_applications'

type Planned = {
  readonly mine: Row<'students'>
  readonly theirs: Row<'students'>
  readonly before: StudentFields
  readonly otherBefore: StudentFields
  readonly after: StudentFields
}

export async function previewMerge(
  tx: Tx,
  vault: Vault,
  actor: Pick<Actor, 'schoolId' | 'nowMs'>,
  merge: Merge,
): Promise<Result<MergePreview, Refused>> {
  const planned = await plan(tx, vault, actor.schoolId, merge)
  if (!planned.ok) return planned
  const { mine, theirs, before, after } = planned.value
  const passes = await tx.selectFrom('passes').selectAll().where('student_id', 'in', [mine.id, theirs.id]).execute()
  const moving = passes.filter(pass => pass.student_id === theirs.id)
  const cards =
    moving.length === 0
      ? 0
      : await cardsOf(
          tx,
          moving.map(pass => pass.pass_id),
        )
  const endAtMs = passesEnd(await schoolRules(tx, actor.schoolId), after.status, { nowMs: actor.nowMs })
  const effects = Map.groupBy(
    passes.map(pass => effectOf(pass, after.status, endAtMs, actor.nowMs)).filter(effect => effect !== 'none'),
    effect => effect,
  )
  return ok({
    changes: Object.keys(differences(before, after)?.after ?? {}) as Field[],
    passes: moving.length,
    cards,
    applications: await applicationsOf(tx, theirs.id),
    account: accountOf(mine, theirs),
    freedNumber: after.studentNumber === theirs.student_number ? null : theirs.student_number,
    effects: Object.fromEntries([...effects].map(([effect, those]) => [effect, those.length])),
  })
}

/**
 * Makes one student of two. Passes with their cards, passages, applications, files and the account of the other are this one's; the other is archived
 * and says into whom it went. What the resulting status means is done to all the passes. Nothing brings the two apart again.
 */
export async function mergeStudents(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  merge: Merge,
): Promise<Result<StudentRow, Refused>> {
  const planned = await plan(tx, vault, actor.schoolId, merge)
  if (!planned.ok) return planned
  const { mine, theirs, before, otherBefore, after } = planned.value
  if (accountOf(mine, theirs) === 'both') return fail('two_accounts')
  if (await bothApply(tx, [mine.id, theirs.id])) return fail('two_applications')
  const now = new Date(actor.nowMs)
  // The other goes first: its number and address may be taken.
  await tx
    .updateTable('students')
    .set({ archived_at: now, updated_at: now, merged_into: mine.id, user_id: null, version: theirs.version + 1 })
    .where('id', '=', theirs.id)
    .execute()
  await tx.updateTable('students').set({ merged_into: mine.id }).where('merged_into', '=', theirs.id).execute()
  const moved = await tx
    .updateTable('passes')
    .set({ student_id: mine.id, changed_by: actor.userId })
    .where('student_id', '=', theirs.id)
    .returning('pass_id')
    .execute()
  await takeOver(tx, { from: theirs.id, to: mine.id })
  await tx
    .updateTable('students')
    .set({
      ...columnsOf(await sealingOf(tx, vault, actor.schoolId), mine.id, after),
      user_id: mine.user_id ?? theirs.user_id,
      updated_at: now,
      version: mine.version + 1,
    })
    .where('id', '=', mine.id)
    .execute()
  const endAtMs = passesEnd(await schoolRules(tx, actor.schoolId), after.status, { nowMs: actor.nowMs })
  await turnPasses(tx, actor, [mine.id], { to: after.status, endAtMs })
  if (moved.length > 0) await leave(tx, actor.schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'student.merge',
    subject: { kind: 'student', id: mine.id },
    studentId: mine.id,
    before: { this: factsOf(before), other: { id: theirs.id, ...factsOf(otherBefore) } },
    after: { ...factsOf(differences(before, after)?.after ?? {}), passesMoved: moved.map(pass => pass.pass_id) },
  })
  await audit(tx, actor, {
    action: 'student.archive',
    subject: { kind: 'student', id: theirs.id },
    studentId: theirs.id,
    after: { mergedInto: mine.id },
  })
  return ok((await findStudent(tx, mine.id))!)
}

async function plan(
  tx: Tx,
  vault: Vault,
  schoolId: string,
  { studentId, otherId, take }: Merge,
): Promise<Result<Planned, Refused>> {
  if (studentId === otherId) return fail('same_student')
  const rows = await tx
    .selectFrom('students')
    .selectAll()
    .where('id', 'in', [studentId, otherId])
    .where('archived_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  const mine = rows.find(row => row.id === studentId)
  const theirs = rows.find(row => row.id === otherId)
  if (mine === undefined || theirs === undefined) return fail('no_such_student')
  const sealed = rows.flatMap(row => [row.sealed_personal, row.sealed_notes])
  const opening = await openingOf(tx, vault, schoolId, sealed)
  const before = fieldsOf(mine, opening)
  const otherBefore = fieldsOf(theirs, opening)
  const after = Object.fromEntries(
    (Object.keys(before) as Field[]).map(name => {
      const side = take[name] ?? (before[name] === null ? 'other' : 'this')
      return [name, side === 'this' ? before[name] : otherBefore[name]]
    }),
  ) as unknown as StudentFields
  return ok({ mine, theirs, before, otherBefore, after })
}

function accountOf(mine: Row<'students'>, theirs: Row<'students'>): MergePreview['account'] {
  if (mine.user_id !== null && theirs.user_id !== null) return 'both'
  if (mine.user_id !== null) return 'kept'
  return theirs.user_id === null ? 'none' : 'moves'
}

async function cardsOf(tx: Tx, passIds: readonly string[]): Promise<number> {
  const { count } = await tx
    .selectFrom('credentials')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('pass_id', 'in', [...passIds])
    .executeTakeFirstOrThrow()
  return count
}

async function applicationsOf(tx: Tx, studentId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('applications')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('student_id', '=', studentId)
    .executeTakeFirstOrThrow()
  return count
}

/** A person has one application at a time. */
async function bothApply(tx: Tx, studentIds: readonly string[]): Promise<boolean> {
  const open = await tx
    .selectFrom('applications')
    .select('student_id')
    .where('student_id', 'in', [...studentIds])
    .where('status', 'in', OPEN_STATUSES)
    .execute()
  return open.length > 1
}

/** What is kept of one student is kept of another. Of two photos the one that stays is the other's. */
async function takeOver(tx: Tx, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  for (const table of ['applications', 'notifications', 'deliveries'] as const) {
    await tx.updateTable(table).set({ student_id: to }).where('student_id', '=', from).execute()
  }
  await tx.updateTable('files').set({ owner_student_id: to }).where('owner_student_id', '=', from).execute()
  await tx
    .updateTable('student_photos')
    .set({ student_id: to })
    .where('student_id', '=', from)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('student_photos as kept').select('kept.file_id').where('kept.student_id', '=', to))),
    )
    .execute()
  await tx.deleteFrom('student_photos').where('student_id', '=', from).execute()
}
