import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { passesEnd, turnPasses } from './status-effects.ts'
import {
  changed,
  columnsOf,
  completed,
  differences,
  factsOf,
  fieldsOf,
  type NewStudent,
  readFields,
  type StudentFields,
  schoolRules,
  type Unreadable,
} from './student-fields.ts'
import { findStudent, type StudentRow } from './students-found.repo.ts'

type Taken = 'number_taken' | 'email_taken'
export type Refused = Taken | Unreadable | 'no_such_department'

export async function createStudent(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  fields: NewStudent,
): Promise<Result<StudentRow, Refused>> {
  const { schoolId, nowMs } = actor
  const read = readFields(await schoolRules(tx, schoolId), completed(fields), nowMs)
  if (!read.ok) return read
  if (!(await departmentThere(tx, read.value.departmentId))) return fail('no_such_department')
  const now = new Date(nowMs)
  const id = randomUUIDv7()
  const row = await tx
    .insertInto('students')
    .values({
      id,
      school_id: schoolId,
      user_id: null,
      ...columnsOf(await sealingOf(tx, vault, schoolId), id, read.value),
      archived_at: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return fail((await takenBy(tx, read.value, null)) ?? 'number_taken')
  const subject = { kind: 'student', id }
  await audit(tx, actor, { action: 'student.create', subject, studentId: id, after: factsOf(read.value) })
  return ok((await findStudent(tx, id))!)
}

export type StudentChange = Partial<StudentFields> & {
  /** The day from which the passes of who leaves no longer open; left out: as many days as the school gives. */
  readonly passesEndOn?: string | undefined
}

/** Changes a student; what the new status means for the passes is done in the same transaction. `ifVersion`: only if nobody changed it since. */
export async function updateStudent(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  studentId: string,
  { passesEndOn, ...change }: StudentChange,
  ifVersion: number | null = null,
): Promise<Result<StudentRow, Refused | 'no_such_student' | 'changed_meanwhile'>> {
  const row = await lockStudent(tx, studentId)
  if (row === undefined) return fail('no_such_student')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  const rules = await schoolRules(tx, actor.schoolId)
  const read = readFields(rules, change, actor.nowMs)
  if (!read.ok) return read
  const before = fieldsOf(row, await openingOf(tx, vault, actor.schoolId, [row.sealed_personal, row.sealed_notes]))
  const after = changed(before, read.value)
  const endAtMs = passesEnd(rules, after.status, { nowMs: actor.nowMs, on: passesEndOn })
  // The day alone may be moved while the student is away.
  const passesTurn = after.status !== before.status || (passesEndOn !== undefined && endAtMs > 0)
  const differ = differences(before, after)
  if (differ === null && !passesTurn) return ok((await findStudent(tx, studentId))!)

  const taken = await takenBy(tx, after, studentId)
  if (taken !== null) return fail(taken)
  if (!(await departmentThere(tx, change.departmentId ?? null))) return fail('no_such_department')
  await tx
    .updateTable('students')
    .set({
      ...columnsOf(await sealingOf(tx, vault, actor.schoolId), studentId, after),
      updated_at: new Date(actor.nowMs),
      version: row.version + 1,
    })
    .where('id', '=', studentId)
    .execute()
  const effects = passesTurn ? await turnPasses(tx, actor, [studentId], { to: after.status, endAtMs }) : new Map()
  await audit(tx, actor, {
    action: 'student.update',
    subject: { kind: 'student', id: studentId },
    studentId,
    before: factsOf(differ?.before ?? {}),
    after: { ...factsOf(differ?.after ?? {}), ...(effects.size > 0 && { passes: Object.fromEntries(effects) }) },
  })
  return ok((await findStudent(tx, studentId))!)
}

/** Archives a student; every pass is revoked. Answers how many were. */
export async function archiveStudent(
  tx: Tx,
  actor: Actor,
  studentId: string,
  ifVersion: number | null = null,
): Promise<Result<number, 'no_such_student' | 'changed_meanwhile'>> {
  const row = await lockStudent(tx, studentId)
  if (row === undefined) return fail('no_such_student')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  await tx
    .updateTable('students')
    .set({ archived_at: new Date(actor.nowMs), updated_at: new Date(actor.nowMs), version: row.version + 1 })
    .where('id', '=', studentId)
    .execute()
  const effects = await turnPasses(tx, actor, [studentId], { to: 'archived', endAtMs: 0 })
  const passesRevoked = effects.get('revoked') ?? 0
  await audit(tx, actor, {
    action: 'student.archive',
    subject: { kind: 'student', id: studentId },
    studentId,
    after: { passesRevoked },
  })
  return ok(passesRevoked)
}

function lockStudent(tx: Tx, studentId: string): Promise<Row<'students'> | undefined> {
  return tx
    .selectFrom('students')
    .selectAll()
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

async function departmentThere(tx: Tx, departmentId: string | null): Promise<boolean> {
  if (departmentId === null) return true
  const row = await tx.selectFrom('departments').select('id').where('id', '=', departmentId).executeTakeFirst()
  return row !== undefined
}

/** Which of the two another living student has. */
async function takenBy(tx: Tx, { studentNumber, email }: StudentFields, self: string | null): Promise<Taken | null> {
  const others = tx
    .selectFrom('students')
    .where('archived_at', 'is', null)
    .$if(self !== null, query => query.where('id', '!=', self!))
  const number = await others.where('student_number', '=', studentNumber).select('id').executeTakeFirst()
  if (number !== undefined) return 'number_taken'
  if (email === null) return null
  const mail = await others.where(sql<boolean>`lower(email) = lower(${email})`).select('id').executeTakeFirst()
  return mail === undefined ? null : 'email_taken'
}
