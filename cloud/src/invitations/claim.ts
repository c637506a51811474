import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { ClaimCheck } from '@gatehouse/shared/wire/api/invitations.ts'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { findInvitation } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { createUser } from '../schools/schools.repo.ts'
import { nameOf } from '../students/name.ts'
import { openPersonal } from '../students/personal.ts'
import { codeHash, readCode } from './code.ts'
import { checksOf, endEarlier, stateOf } from './invitations.repo.ts'

export type Claim = {
  readonly code: string
  readonly studentNumber?: string | undefined
  readonly birthDate?: string | undefined
  readonly email?: string | undefined
  readonly passwordHash: string
}

export type Claimed = { readonly email: string; readonly schoolName: string }

/** `refused`: the code, or what was asked for beside it. Which of them, nobody is told. */
export type NotClaimed = 'refused' | 'email_needed' | 'email_taken'

/** Makes the account of whoever has the code and knows what the school asks for. A wrong answer takes one of the code's five tries. */
export async function claim(
  { db, vault }: { readonly db: Db; readonly vault: Vault },
  told: Claim,
  { by, nowMs }: { readonly by: By; readonly nowMs: number },
): Promise<Result<Claimed, NotClaimed>> {
  const code = readCode(told.code)
  const found = code === null ? undefined : await findInvitation(db, codeHash(vault, code))
  if (found === undefined) return fail('refused')
  const { school_id: schoolId, invitation_id: invitationId } = found
  return inSchool(db, schoolId, async tx => {
    const invitation = await tx
      .selectFrom('invitations')
      .selectAll()
      .where('id', '=', invitationId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const student = await claimable(tx, invitation, nowMs)
    if (student === null) return fail('refused')
    const actor = { schoolId, userId: null, nowMs, by }
    const subject = { kind: 'invitation', id: invitationId }
    if (!(await knows(tx, vault, student, told))) {
      await tx
        .updateTable('invitations')
        .set({ tries_left: invitation.tries_left - 1 })
        .where('id', '=', invitationId)
        .execute()
      await audit(tx, actor, { action: 'invitation.refuse', subject, studentId: student.id })
      return fail('refused')
    }

    const email = student.email ?? told.email
    if (email === undefined) return fail('email_needed')
    const displayName = nameOf(student)
    const user = await createUser(tx, {
      schoolId,
      email,
      displayName,
      role: 'student',
      passwordHash: told.passwordHash,
    })
    if (!user.ok) return fail(user.failure)
    const now = new Date(nowMs)
    await tx.updateTable('students').set({ user_id: user.value }).where('id', '=', student.id).execute()
    await tx
      .updateTable('invitations')
      .set({ claimed_at: now, sealed_code: null })
      .where('id', '=', invitationId)
      .execute()
    await endEarlier(tx, { studentIds: [student.id], exceptBatchId: null, now })
    await audit(tx, actor, {
      action: 'invitation.claim',
      subject,
      studentId: student.id,
      after: { userId: user.value, email },
    })
    const school = await tx.selectFrom('schools').select('name').where('id', '=', schoolId).executeTakeFirstOrThrow()
    return ok({ email, schoolName: school.name })
  })
}

/** The student an open invitation is for, held until the account is there; null where there is nothing to claim any more. */
async function claimable(tx: Tx, invitation: Row<'invitations'>, nowMs: number): Promise<Row<'students'> | null> {
  if (stateOf(invitation, nowMs) !== 'open' || invitation.tries_left === 0) return null
  const student = await tx
    .selectFrom('students')
    .selectAll()
    .where('id', '=', invitation.student_id)
    .where('archived_at', 'is', null)
    .where('user_id', 'is', null)
    .where('status', '=', 'active')
    .forUpdate()
    .executeTakeFirst()
  return student ?? null
}

async function knows(tx: Tx, vault: Vault, student: Row<'students'>, told: Claim): Promise<boolean> {
  const opening = await openingOf(tx, vault, student.school_id, [student.sealed_personal])
  const { birthDate } = openPersonal(opening, student)
  const right: Record<ClaimCheck, boolean> = {
    student_number: same(told.studentNumber, student.student_number),
    birth_date: birthDate !== null && same(told.birthDate, birthDate),
  }
  return (await checksOf(tx, student.school_id)).every(check => right[check])
}

/** A number is typed from a card: capitals do not matter. */
function same(told: string | undefined, kept: string): boolean {
  return told !== undefined && told.trim().toLowerCase() === kept.toLowerCase()
}
