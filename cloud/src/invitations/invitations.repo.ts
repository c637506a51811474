import type { ClaimCheck, InvitationState } from '@gatehouse/shared/wire/api/invitations.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tables, Tx } from '../db/tables.ts'
import { idsFound } from '../students/students-found.repo.ts'

export type InvitationRow = Row<'invitations'> & Pick<Row<'students'>, 'student_number' | 'first_name' | 'last_name'>

type InvitationFilters = {
  readonly state?: InvitationState | undefined
  readonly batchId?: string | undefined
  readonly search?: string | undefined
  readonly nowMs: number
}

export type InvitationQuery = InvitationFilters & { readonly page: number; readonly limit: number }

/** One page, newest first, and how many there are. */
export async function listInvitations(
  tx: Tx,
  { page, limit, ...filters }: InvitationQuery,
): Promise<{ rows: InvitationRow[]; total: number }> {
  const matching = wanted(tx, filters)
  const { total } = await matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll('invitations')
    .select(STUDENT)
    .orderBy('invitations.made_at', 'desc')
    .orderBy('invitations.id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** The same without pages, oldest first, from the one after this id on. */
export function invitationsAfter(
  tx: Tx,
  { after, limit, ...filters }: InvitationFilters & { readonly after: string | null; readonly limit: number },
): Promise<InvitationRow[]> {
  return wanted(tx, filters)
    .$if(after !== null, rows => rows.where('invitations.id', '>', after!))
    .selectAll('invitations')
    .select(STUDENT)
    .orderBy('invitations.id')
    .limit(limit)
    .execute()
}

const wanted = (tx: Tx, { state, batchId, search = '', nowMs }: InvitationFilters) =>
  withStudent(tx)
    .$if(state !== undefined, rows => rows.where(inState(state!, nowMs)))
    .$if(batchId !== undefined, rows => rows.where('invitations.batch_id', '=', batchId!))
    .$if(search !== '', rows => rows.where('invitations.student_id', 'in', idsFound(search)))

export function findInvitation(tx: Tx, invitationId: string): Promise<InvitationRow | undefined> {
  return withStudent(tx)
    .where('invitations.id', '=', invitationId)
    .selectAll('invitations')
    .select(STUDENT)
    .executeTakeFirst()
}

/** What can be printed of a batch: open, on paper, and not older than a day. */
export function printableOf(tx: Tx, batchId: string, nowMs: number): Promise<InvitationRow[]> {
  return withStudent(tx)
    .where('invitations.batch_id', '=', batchId)
    .where('invitations.sealed_code', 'is not', null)
    .where(inState('open', nowMs))
    .selectAll('invitations')
    .select(STUDENT)
    .orderBy(sql`lower(last_name), lower(first_name), invitations.id`)
    .execute()
}

export function stateOf(
  { claimed_at, ended_at, expires_at }: Pick<Row<'invitations'>, 'claimed_at' | 'ended_at' | 'expires_at'>,
  nowMs: number,
): InvitationState {
  if (claimed_at !== null) return 'claimed'
  if (ended_at !== null) return 'ended'
  return expires_at.getTime() <= nowMs ? 'expired' : 'open'
}

/** Ends the open invitations of these students but those of one batch. */
export async function endEarlier(
  tx: Tx,
  { studentIds, exceptBatchId, now }: { studentIds: readonly string[]; exceptBatchId: string | null; now: Date },
): Promise<void> {
  if (studentIds.length === 0) return
  await tx
    .updateTable('invitations')
    .set({ ended_at: now, sealed_code: null })
    .where('student_id', 'in', [...studentIds])
    .where('claimed_at', 'is', null)
    .where('ended_at', 'is', null)
    .$if(exceptBatchId !== null, rows => rows.where('batch_id', '!=', exceptBatchId!))
    .execute()
}

/** Takes one back; undefined: it is over already. */
export async function endInvitation(tx: Tx, actor: Actor, row: InvitationRow): Promise<boolean> {
  if (stateOf(row, actor.nowMs) !== 'open') return false
  await endEarlier(tx, { studentIds: [row.student_id], exceptBatchId: null, now: new Date(actor.nowMs) })
  const subject = { kind: 'invitation', id: row.id }
  await audit(tx, actor, { action: 'invitation.end', subject, studentId: row.student_id })
  return true
}

export async function checksOf(tx: Tx, schoolId: string): Promise<ClaimCheck[]> {
  const { claim_checks } = await tx
    .selectFrom('schools')
    .select('claim_checks')
    .where('id', '=', schoolId)
    .executeTakeFirstOrThrow()
  return claim_checks
}

export async function setChecks(tx: Tx, actor: Actor, checks: readonly ClaimCheck[]): Promise<ClaimCheck[]> {
  const before = await checksOf(tx, actor.schoolId)
  const after = [...new Set(checks)]
  await tx.updateTable('schools').set({ claim_checks: after }).where('id', '=', actor.schoolId).execute()
  await audit(tx, actor, {
    action: 'settings.update',
    subject: { kind: 'invitations', id: actor.schoolId },
    before: { checks: before },
    after: { checks: after },
  })
  return after
}

const SEALED_MS = 24 * 3_600_000
const KEEP_MS = 365 * 86_400_000

/** Codes that are not on paper after a day are forgotten, and invitations a year after they ended. */
export async function forgetInvitations(tx: Tx, nowMs: number): Promise<void> {
  await tx
    .updateTable('invitations')
    .set({ sealed_code: null })
    .where('sealed_code', 'is not', null)
    .where('made_at', '<', new Date(nowMs - SEALED_MS))
    .execute()
  await tx
    .deleteFrom('invitations')
    .where('expires_at', '<', new Date(nowMs - KEEP_MS))
    .execute()
}

function inState(state: InvitationState, nowMs: number) {
  const now = new Date(nowMs)
  return ({ and, eb }: ExpressionBuilder<Tables, 'invitations'>) => {
    if (state === 'claimed') return eb('invitations.claimed_at', 'is not', null)
    if (state === 'ended') return eb('invitations.ended_at', 'is not', null)
    return and([
      eb('invitations.claimed_at', 'is', null),
      eb('invitations.ended_at', 'is', null),
      eb('invitations.expires_at', state === 'open' ? '>' : '<=', now),
    ])
  }
}

const STUDENT = ['students.student_number', 'students.first_name', 'students.last_name'] as const

const withStudent = (tx: Tx) =>
  tx
    .selectFrom('invitations')
    .innerJoin('students', join =>
      join
        .onRef('students.school_id', '=', 'invitations.school_id')
        .onRef('students.id', '=', 'invitations.student_id'),
    )
