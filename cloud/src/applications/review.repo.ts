import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { DECISIONS } from '@gatehouse/shared/wire/api/applications.ts'
import { may } from '@gatehouse/shared/wire/rights.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { type IssueRefused, issuePass } from '../passes/issue-pass.ts'
import { formOfVersion } from './forms.repo.ts'
import { type Application, enterEntry, lockApplication, moveApplication, tellWatchers } from './move.repo.ts'
import { lockNext } from './queue.repo.ts'

type Decision = (typeof DECISIONS)[number]
type Refused = 'no_such_application' | 'changed_meanwhile' | 'not_now' | 'not_theirs' | 'own_application'

/** The row of an application that was submitted, held; `own_application`: it is the reviewer's. */
async function lockForReview(
  tx: Tx,
  actor: Actor,
  applicationId: string,
  ifVersion: number | null,
): Promise<Result<Application, 'no_such_application' | 'changed_meanwhile' | 'own_application'>> {
  const row = await lockApplication(tx, applicationId)
  if (row === undefined || row.submitted_at === null) return fail('no_such_application')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  return (await isOwn(tx, actor, row)) ? fail('own_application') : ok(row)
}

async function isOwn(tx: Tx, { userId }: Actor, row: Application): Promise<boolean> {
  if (userId === null) return false
  const applicant = await tx
    .selectFrom('students')
    .select('user_id')
    .where('id', '=', row.student_id)
    .executeTakeFirstOrThrow()
  return applicant.user_id === userId
}

/** Approves and issues the pass in one transaction, rejects, or takes a rejection back. What is so already is done. */
export async function decide(
  tx: Tx,
  actor: Actor,
  asked: {
    readonly id: string
    readonly decision: Decision
    readonly reason: string | null
    readonly ifVersion?: number | null
  },
): Promise<Result<Application, Refused | 'checks_waiting' | 'one_is_open' | IssueRefused>> {
  // Before any other row: the pass takes its serial from it.
  if (asked.decision === 'approve') await lockSchool(tx, actor.schoolId)
  const found = await lockForReview(tx, actor, asked.id, asked.ifVersion ?? null)
  if (!found.ok) return found
  const row = found.value
  const form = await formOfVersion(tx, row.form_version)
  const move = { event: asked.decision, by: 'reviewer', form, text: asked.reason } as const
  if (asked.decision === 'reopen' && (await hasOpenOne(tx, row))) return fail('one_is_open')
  if (asked.decision !== 'approve') return moveApplication(tx, actor, row, move)
  if (row.status !== 'submitted' && row.status !== 'under_review') return fail('not_now')
  if (row.status === 'submitted' && (await checksWait(tx, row))) return fail('checks_waiting')
  const pass = await issuePass(tx, actor, { studentId: row.student_id })
  if (!pass.ok) return pass
  return moveApplication(tx, actor, row, { ...move, set: { pass_id: pass.value.pass_id } })
}

async function checksWait(tx: Tx, { id }: Application): Promise<boolean> {
  const waiting = await tx
    .selectFrom('application_checks')
    .select('kind')
    .where('application_id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return waiting !== undefined
}

async function hasOpenOne(tx: Tx, { id, student_id }: Application): Promise<boolean> {
  const open = await tx
    .selectFrom('applications')
    .select('id')
    .where('student_id', '=', student_id)
    .where('status', 'in', ['draft', 'submitted', 'under_review', 'requires_documents'])
    .where('id', '!=', id)
    .executeTakeFirst()
  return open !== undefined
}

export async function askDocuments(
  tx: Tx,
  actor: Actor,
  { id, reason, ifVersion }: { readonly id: string; readonly reason: string; readonly ifVersion: number | null },
): Promise<Result<Application, Refused>> {
  const found = await lockForReview(tx, actor, id, ifVersion)
  if (!found.ok) return found
  const form = await formOfVersion(tx, found.value.form_version)
  return moveApplication(tx, actor, found.value, { event: 'ask_documents', by: 'reviewer', form, text: reason })
}

/** Names the reviewer. Who takes a submitted one for oneself begins the review. */
export async function assign(
  tx: Tx,
  actor: Actor,
  { id, userId, ifVersion }: { readonly id: string; readonly userId: string | null; readonly ifVersion: number | null },
): Promise<Result<Application, Refused | 'no_such_reviewer'>> {
  const found = await lockForReview(tx, actor, id, ifVersion)
  if (!found.ok) return found
  const row = found.value
  if (row.status === 'approved' || row.status === 'rejected' || row.status === 'withdrawn') return fail('not_now')
  if (userId !== null) {
    const named = await reviewer(tx, userId)
    if (!named || (await isOwn(tx, { ...actor, userId }, row))) return fail('no_such_reviewer')
  }
  return ok(await give(tx, actor, row, userId))
}

/** The one that waits longest and is nobody's; null: there is none. */
export async function takeNext(tx: Tx, actor: Actor): Promise<string | null> {
  const id = await lockNext(tx, actor.userId)
  if (id === null) return null
  await give(tx, actor, (await lockApplication(tx, id))!, actor.userId)
  return id
}

async function give(tx: Tx, actor: Actor, row: Application, userId: string | null): Promise<Application> {
  const given = await tx
    .updateTable('applications')
    .set({ assigned_to: userId, version: row.version + 1, updated_at: new Date(actor.nowMs) })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, {
    action: 'application.assign',
    subject: { kind: 'application', id: row.id },
    studentId: row.student_id,
    before: { assignee: row.assigned_to },
    after: { assignee: userId },
  })
  await tellWatchers(tx, given)
  if (row.status !== 'submitted' || userId !== actor.userId) return given
  const form = await formOfVersion(tx, row.form_version)
  const moved = await moveApplication(tx, actor, given, { event: 'take', by: 'reviewer', form })
  return moved.ok ? moved.value : given
}

/** Whether somebody of the school decides applications. */
async function reviewer(tx: Tx, userId: string): Promise<boolean> {
  const user = await tx
    .selectFrom('users')
    .select(['role', 'grants'])
    .where('id', '=', userId)
    .where('active', '=', true)
    .executeTakeFirst()
  return user !== undefined && may(user.role, 'application:decide', user.grants)
}

export async function comment(
  tx: Tx,
  actor: Actor,
  { id, text, internal }: { readonly id: string; readonly text: string; readonly internal: boolean },
): Promise<Result<null, 'no_such_application' | 'changed_meanwhile' | 'own_application'>> {
  const found = await lockForReview(tx, actor, id, null)
  if (!found.ok) return found
  await enterEntry(tx, actor, id, { side: 'reviewer', text, internal })
  await audit(tx, actor, {
    action: 'application.comment',
    subject: { kind: 'application', id },
    studentId: found.value.student_id,
    after: { internal },
  })
  return ok(null)
}
