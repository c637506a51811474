import { randomUUIDv7 } from 'node:crypto'
import type { FormContent } from '@gatehouse/shared/applications/form.ts'
import {
  type ApplicationActor,
  type ApplicationEvent,
  type ApplicationStatus,
  next,
} from '@gatehouse/shared/applications/machine.ts'
import { ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { tellOfMove } from './tell.ts'

const DAY_MS = 86_400_000

export type Application = Row<'applications'>

/** Held until the commit: of two who decide at once the second sees what the first did. */
export function lockApplication(tx: Tx, applicationId: string): Promise<Application | undefined> {
  return tx.selectFrom('applications').selectAll().where('id', '=', applicationId).forUpdate().executeTakeFirst()
}

type Move = {
  readonly event: ApplicationEvent
  readonly by: ApplicationActor
  readonly form: Pick<FormContent, 'decideWithinDays' | 'handInWithinDays'>
  /** Told to the applicant. */
  readonly text?: string | null
  readonly set?: Partial<Pick<Application, 'assigned_to' | 'submitted_at' | 'person_index' | 'pass_id'>>
}

/** One event of the state machine, in the history and in the audit log. The row is held by the caller. */
export async function moveApplication(
  tx: Tx,
  actor: Actor,
  row: Application,
  { event, by, form, text = null, set = {} }: Move,
): Promise<Result<Application, 'not_now' | 'not_theirs'>> {
  const moved = next(row.status, event, by)
  if (!moved.ok) return moved
  const status = moved.value
  const now = new Date(actor.nowMs)
  const decided = status === 'approved' || status === 'rejected'
  const changed = await tx
    .updateTable('applications')
    .set({
      ...set,
      status,
      ...dueOf(row.status, status, form, actor.nowMs),
      decided_at: decided ? now : null,
      decided_by: decided ? actor.userId : null,
      reason: decided ? text : null,
      version: row.version + 1,
      updated_at: now,
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await enterEntry(tx, actor, row.id, { side: by, event, to_status: status, text })
  await audit(tx, actor, {
    action: `application.${event}`,
    subject: { kind: 'application', id: row.id },
    studentId: row.student_id,
    before: { status: row.status },
    after: { status, ...(changed.pass_id !== null && { passId: changed.pass_id }) },
    ...(text !== null && by !== 'system' && { note: text.slice(0, 1_000) }),
  })
  await tellOfMove(tx, changed, event, text)
  await tellWatchers(tx, changed)
  return ok(changed)
}

/** For who watches: what it became, in the transaction in which it did. */
export function tellWatchers(
  tx: Tx,
  { id, school_id, student_id: studentId, status, version, updated_at }: Application,
): Promise<void> {
  const at = updated_at.toISOString()
  return leave(tx, school_id, 'application.changed', { applicationId: id, studentId, status, version, at })
}

type Entry = {
  readonly side: ApplicationActor
  readonly event?: ApplicationEvent
  readonly to_status?: ApplicationStatus
  readonly internal?: boolean
  readonly text: string | null
}

export async function enterEntry(
  tx: Tx,
  { schoolId, userId, nowMs }: Actor,
  applicationId: string,
  { side, event, to_status, internal = false, text }: Entry,
): Promise<void> {
  await tx
    .insertInto('application_entries')
    .values({
      id: randomUUIDv7(),
      school_id: schoolId,
      application_id: applicationId,
      at: new Date(nowMs),
      side,
      made_by: userId,
      kind: event === undefined ? 'comment' : 'event',
      event: event ?? null,
      to_status: to_status ?? null,
      internal,
      text,
    })
    .execute()
}

/** Until when somebody is to act. Being taken into review gives a reviewer no more time. */
function dueOf(
  from: ApplicationStatus,
  to: ApplicationStatus,
  { decideWithinDays, handInWithinDays }: Move['form'],
  nowMs: number,
): { due_at?: Date | null; reminded_at?: null } {
  if (from === 'submitted' && to === 'under_review') return {}
  const days = to === 'requires_documents' ? handInWithinDays : decideWithinDays
  const waits = to === 'requires_documents' || to === 'submitted' || to === 'under_review'
  return { due_at: waits ? new Date(nowMs + days * DAY_MS) : null, reminded_at: null }
}
