import { randomBytes } from 'node:crypto'
import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import { fieldsOf, findLevel, whyNotNamed } from '../access-levels/access-levels.repo.ts'
import { type DefaultGround, defaultLevel } from '../access-levels/defaults.repo.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { PassEnd } from '../terms/pass-end.ts'
import { endOfPass, validityOf } from '../terms/validity.repo.ts'
import { aboutPass, findPass, groupMask, type PassRow } from './passes.repo.ts'
import { tellOfPass } from './tell-of-pass.ts'

export type NewPass = {
  readonly studentId: string
  /** Left out: the level's, or `student`. */
  readonly class?: PassClass | undefined
  /** Left out: now. */
  readonly notBeforeMs?: number | undefined
  /** Left out: as the school has it for the kind. */
  readonly expiresMs?: number | undefined
  readonly levelId?: string | undefined
  /** Left out, and no level either: the default of kind and department. */
  readonly groups?: readonly number[] | undefined
  /** Beside `groups`; left out: always. */
  readonly profile?: number | undefined
}

export type IssueRefused =
  | 'no_such_student'
  | 'student_not_active'
  | 'no_such_group'
  | 'no_such_profile'
  | 'no_such_level'
  | 'level_archived'
  | 'level_of_other_kind'
  | 'no_default_level'
  | 'no_term'
  | 'ends_before_it_begins'

export type Opens = {
  readonly class: PassClass
  readonly groups: readonly number[]
  readonly profile: number
  readonly levelId: string | null
}

/**
 * Issues a pass with the next serial of the school. The school's row is held until the commit, so serials are
 * committed in their order and none is left out.
 */
export async function issuePass(tx: Tx, actor: Actor, asked: NewPass): Promise<Result<PassRow, IssueRefused>> {
  const { schoolId, nowMs } = actor
  // Whoever changes a level, a group or hours waits for this pass, and then changes it too.
  await lockSchool(tx, schoolId)
  const student = await activeStudent(tx, asked.studentId)
  if (!student.ok) return student
  const opens = await opensOf(tx, asked, student.value.department_id)
  if (!opens.ok) return opens
  const beginsMs = asked.notBeforeMs ?? nowMs
  const endsMs =
    asked.expiresMs ?? (await endOfPass(tx, { schoolId, kind: opens.value.class, beginsMs }))?.expiresMs ?? null
  if (endsMs === null) return fail('no_term')
  if (endsMs <= beginsMs) return fail('ends_before_it_begins')

  const pass = await enterPass(tx, actor, {
    holder: { student_id: asked.studentId },
    opens: opens.value,
    beginsMs,
    endsMs,
  })
  await tellOfPass(tx, pass, 'pass_issued')
  return ok(pass)
}

/** One of the two, and `escort` where the holder comes with somebody who belongs here. */
export type PassHolder =
  | { readonly student_id: string }
  | { readonly student_id: null; readonly visitor_id: string; readonly escort: boolean }

type PassMade = {
  readonly holder: PassHolder
  readonly opens: Opens
  readonly beginsMs: number
  readonly endsMs: number
}

/** Enters a pass under the next serial of the school, whose row the caller holds. */
export async function enterPass(tx: Tx, actor: Actor, made: PassMade): Promise<PassRow> {
  const { schoolId } = actor
  const { pass_serial_last: serial } = await tx
    .updateTable('schools')
    .set({ pass_serial_last: sql`pass_serial_last + 1` })
    .where('id', '=', schoolId)
    .returning('pass_serial_last')
    .executeTakeFirstOrThrow()
  const row = newPass(actor, { ...made, serial })
  await tx.insertInto('passes').values(row).execute()
  await leave(tx, schoolId, 'list.changed', {})
  const pass = (await findPass(tx, row.pass_id))!
  await audit(tx, actor, {
    action: 'pass.create',
    ...aboutPass(pass),
    after: { serial: Number(serial), ...made.opens, expires: row.expires.toISOString() },
  })
  return pass
}

/** A pass's row as it begins, with an id of its own. */
export function newPass<Holder extends PassHolder>(
  { schoolId, userId, nowMs }: Actor,
  { holder, serial, opens, beginsMs, endsMs }: PassMade & { holder: Holder; serial: string | number },
) {
  return {
    pass_id: randomBytes(8).toString('hex'),
    school_id: schoolId,
    ...holder,
    serial,
    status: 'active' as const,
    class: opens.class,
    not_before: new Date(beginsMs),
    expires: new Date(endsMs),
    groups: groupMask(opens.groups),
    profile: opens.profile,
    access_level_id: opens.levelId,
    revoked_at: null,
    revoked_by: null,
    note: null,
    changed_by: userId,
    created_at: new Date(nowMs),
  }
}

export type Proposal = {
  readonly level: { readonly id: string; readonly name: string; readonly because: DefaultGround } | null
  readonly end: PassEnd | null
  readonly ends: 'date' | 'term' | 'school_year' | 'days'
}

/** What a pass of this kind would take if it were issued now and nobody said more. */
export async function proposePass(
  tx: Tx,
  { schoolId, nowMs }: Actor,
  { studentId, class: kind }: { readonly studentId: string; readonly class: PassClass },
): Promise<Result<Proposal, 'no_such_student'>> {
  const student = await tx
    .selectFrom('students')
    .select('department_id')
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
  if (student === undefined) return fail('no_such_student')
  const level = await defaultLevel(tx, { kind, departmentId: student.department_id })
  const { ends } = await validityOf(tx, kind)
  return ok({
    level: level === null ? null : { id: level.levelId, name: level.name, because: level.because },
    end: await endOfPass(tx, { schoolId, kind, beginsMs: nowMs }),
    ends,
  })
}

async function activeStudent(
  tx: Tx,
  studentId: string,
): Promise<Result<Pick<Row<'students'>, 'department_id'>, 'no_such_student' | 'student_not_active'>> {
  const student = await tx
    .selectFrom('students')
    .select(['status', 'department_id'])
    .where('id', '=', studentId)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (student === undefined) return fail('no_such_student')
  return student.status === 'active' ? ok(student) : fail('student_not_active')
}

/** What the pass opens: by its groups, by the level named, or by the default. */
export async function opensOf(
  tx: Tx,
  asked: Pick<NewPass, 'groups' | 'profile' | 'class' | 'levelId'>,
  departmentId: string | null,
): Promise<Result<Opens, IssueRefused>> {
  const { groups, profile = 0, class: kind } = asked
  if (groups !== undefined) {
    const refused = await whyNotNamed(tx, { groups, profile })
    return refused === null ? ok({ class: kind ?? 'student', groups, profile, levelId: null }) : fail(refused)
  }
  const levelId = asked.levelId ?? (await defaultLevel(tx, { kind: kind ?? 'student', departmentId }))?.levelId
  if (levelId === undefined) return fail('no_default_level')
  const level = await findLevel(tx, levelId)
  if (level === undefined) return fail('no_such_level')
  if (level.archived_at !== null) return fail('level_archived')
  if (kind !== undefined && level.class !== kind) return fail('level_of_other_kind')
  const { name: _name, ...opens } = fieldsOf(level)
  return ok({ ...opens, levelId })
}
