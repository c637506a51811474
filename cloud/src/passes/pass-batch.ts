import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { BatchCounts } from '@gatehouse/shared/wire/api/pass-batches.ts'
import { sql } from 'kysely'
import { findLevel } from '../access-levels/access-levels.repo.ts'
import type { Actor, By } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { inSchool, lockSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import { type ChosenStudents, chosenStudents } from '../invitations/chosen.ts'
import { Hopeless, type JobHandler } from '../jobs/handler.ts'
import { endOfPass } from '../terms/validity.repo.ts'
import { type IssueRefused, newPass, type Opens, opensOf } from './issue-pass.ts'

/** In one transaction: the school's row is held for so long, and single passes wait. */
const CHUNK = 500

export type Batch = ChosenStudents & {
  readonly class?: PassClass | undefined
  readonly levelId?: string | undefined
  readonly expires?: string | undefined
}

export type BatchRefused = Extract<
  IssueRefused,
  'no_such_level' | 'level_archived' | 'level_of_other_kind' | 'no_term' | 'ends_before_it_begins'
>

type Receiver = Pick<Row<'students'>, 'id' | 'department_id'>

/** What issuing would do: who gets one, and of the others why not. */
export async function previewBatch(
  tx: Tx,
  { schoolId, nowMs }: Actor,
  batch: Batch,
): Promise<Result<BatchCounts, BatchRefused>> {
  const kind = await kindOf(tx, batch)
  if (!kind.ok) return kind
  const end = await endOf(tx, { schoolId, kind: kind.value, batch, nowMs })
  if (!end.ok) return end
  const rows = await chosenStudents(tx, batch, nowMs)
    .select([reason(kind.value, nowMs).as('reason'), 'department_id', sql<number>`count(*)::int`.as('count')])
    .groupBy(['reason', 'department_id'])
    .execute()
  const opens = opensByDepartment(tx, batch)
  const counts = { chosen: 0, issued: 0, hasPass: 0, notActive: 0, noDefaultLevel: 0 }
  for (const row of rows) {
    counts.chosen += row.count
    if (row.reason !== 'issued') counts[row.reason] += row.count
    else if ((await opens(row.department_id)) === null) counts.noDefaultLevel += row.count
    else counts.issued += row.count
  }
  return ok(counts)
}

/**
 * The job that issues to everybody who was chosen, five hundred at a time. Begun again, it goes on where it was: who
 * has a pass of the kind gets no second.
 */
export function issueBatch({ db, nowMs }: { readonly db: Db; readonly nowMs: () => number }): JobHandler<'pass_batch'> {
  return async ({ schoolId, body: { wanted, userId, by }, progress }) => {
    const actor = (): Actor => ({ schoolId: schoolId!, userId, nowMs: nowMs(), by: by as By })
    const before = await inSchool(db, schoolId, tx => previewBatch(tx, actor(), wanted))
    if (!before.ok) throw new Hopeless(WHY_NOT[before.failure])
    const total = before.value.issued + before.value.noDefaultLevel
    let [seen, issued, after] = [0, 0, '00000000-0000-0000-0000-000000000000']
    for (;;) {
      const chunk = await inSchool(db, schoolId, tx => issueChunk(tx, actor(), wanted, after))
      if (!chunk.ok) throw new Hopeless(WHY_NOT[chunk.failure])
      seen += chunk.value.seen
      issued += chunk.value.issued
      await progress(seen, Math.max(total, seen))
      if (chunk.value.last === null) return { issued, noDefaultLevel: seen - issued }
      after = chunk.value.last
    }
  }
}

const WHY_NOT: Record<BatchRefused, string> = {
  no_such_level: 'The access level is not there any more. Choose another and begin again.',
  level_archived: 'The access level is archived. Choose another, or bring it back, and begin again.',
  level_of_other_kind: 'The access level is for another kind of pass now. Choose another and begin again.',
  no_term:
    'Passes of this kind end with a term, and none of today or later is entered. Enter the term and begin again.',
  ends_before_it_begins: 'The end that was chosen is over. Choose a later one and begin again.',
}

async function issueChunk(
  tx: Tx,
  actor: Actor,
  batch: Batch,
  after: string,
): Promise<Result<{ seen: number; issued: number; last: string | null }, BatchRefused>> {
  const { schoolId, nowMs } = actor
  // As for a single pass: whoever changes a level, a group or hours waits, and then changes these too.
  await lockSchool(tx, schoolId)
  const kind = await kindOf(tx, batch)
  if (!kind.ok) return kind
  const end = await endOf(tx, { schoolId, kind: kind.value, batch, nowMs })
  if (!end.ok) return end
  const receivers: Receiver[] = await chosenStudents(tx, batch, nowMs)
    .where(reason(kind.value, nowMs), '=', 'issued')
    .where('id', '>', after)
    .select(['id', 'department_id'])
    .orderBy('id')
    .limit(CHUNK)
    .forUpdate()
    .execute()
  const opens = opensByDepartment(tx, batch)
  const passes: { readonly student: Receiver; readonly opens: Opens }[] = []
  for (const student of receivers) {
    const found = await opens(student.department_id)
    if (found !== null) passes.push({ student, opens: found })
  }
  await enter(tx, actor, passes, end.value)
  return ok({
    seen: receivers.length,
    issued: passes.length,
    last: receivers.length < CHUNK ? null : receivers.at(-1)!.id,
  })
}

/** One statement for all of them, with serials that follow each other. */
async function enter(
  tx: Tx,
  actor: Actor,
  passes: readonly { readonly student: Receiver; readonly opens: Opens }[],
  endsMs: number,
): Promise<void> {
  if (passes.length === 0) return
  const { schoolId, nowMs } = actor
  const { pass_serial_last: last } = await tx
    .updateTable('schools')
    .set({ pass_serial_last: sql`pass_serial_last + ${passes.length}` })
    .where('id', '=', schoolId)
    .returning('pass_serial_last')
    .executeTakeFirstOrThrow()
  const rows = passes.map(({ student, opens }, at) =>
    newPass(actor, {
      holder: { student_id: student.id },
      serial: Number(last) - passes.length + 1 + at,
      opens,
      beginsMs: nowMs,
      endsMs,
    }),
  )
  await tx.insertInto('passes').values(rows).execute()
  await leave(tx, schoolId, 'list.changed', {})
  await auditAll(
    tx,
    actor,
    rows.map(({ pass_id: id, student_id: studentId, serial, expires }, at) => ({
      action: 'pass.create',
      subject: { kind: 'pass', id },
      studentId,
      after: { serial, ...passes[at]!.opens, expires: expires.toISOString() },
      note: 'One of many at once.',
    })),
  )
}

/** The kind of pass that is issued: the level's, or the one named. */
async function kindOf(tx: Tx, { levelId, class: kind }: Batch): Promise<Result<PassClass, BatchRefused>> {
  if (levelId === undefined) return ok(kind ?? 'student')
  const level = await findLevel(tx, levelId)
  if (level === undefined) return fail('no_such_level')
  if (level.archived_at !== null) return fail('level_archived')
  return kind === undefined || kind === level.class ? ok(level.class) : fail('level_of_other_kind')
}

async function endOf(
  tx: Tx,
  { schoolId, kind, batch, nowMs }: { schoolId: string; kind: PassClass; batch: Batch; nowMs: number },
): Promise<Result<number, BatchRefused>> {
  const endsMs =
    batch.expires === undefined
      ? (await endOfPass(tx, { schoolId, kind, beginsMs: nowMs }))?.expiresMs
      : Date.parse(batch.expires)
  if (endsMs === undefined) return fail('no_term')
  return endsMs > nowMs ? ok(endsMs) : fail('ends_before_it_begins')
}

/** What a pass of a department opens, looked up once each; null: there is no default. The level that was named is known to be one. */
function opensByDepartment(tx: Tx, { class: kind, levelId }: Batch) {
  const known = new Map<string | null, Opens | null>()
  return async (departmentId: string | null): Promise<Opens | null> => {
    const before = known.get(departmentId)
    if (before !== undefined) return before
    const found = await opensOf(tx, { class: kind, levelId }, departmentId)
    const opens = found.ok ? found.value : null
    known.set(departmentId, opens)
    return opens
  }
}

/** Whether a student gets one, and if not the first thing that is in the way. */
function reason(kind: PassClass, nowMs: number) {
  return sql<'issued' | 'hasPass' | 'notActive'>`case
    when students.status <> 'active' then 'notActive'
    when exists (select from passes where passes.school_id = students.school_id and passes.student_id = students.id
      and passes.class = ${kind} and passes.revoked_at is null and passes.expires > ${new Date(nowMs)}) then 'hasPass'
    else 'issued' end`
}
