import { Temporal } from '@gatehouse/shared/time.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'
import type { SchoolRules } from './student-fields.ts'
import type { StudentStatus } from './tables.ts'

/** What happens to a pass of a student whose status changes. */
export const EFFECTS = ['suspended', 'given_back', 'kept_after_all', 'revoked', 'revoked_later', 'none'] as const
export type Effect = (typeof EFFECTS)[number]

export type PassAsItIs = {
  readonly status: 'active' | 'suspended' | 'revoked' | 'lost'
  readonly suspended_with_student: boolean
  readonly not_before: Date
  readonly revoke_at: Date | null
}

/**
 * What the new status does to a pass. Suspending takes the active ones and coming back gives those back; one that was suspended by itself
 * stays so. Leaving and graduating revoke at `endAtMs`, or at once when that is past; coming back before then undoes it. A revoked pass
 * stays revoked.
 */
export function effectOf(pass: PassAsItIs, to: StudentStatus | 'archived', endAtMs: number, nowMs: number): Effect {
  if (pass.status === 'revoked') return 'none'
  if (to === 'archived') return 'revoked'
  if (to === 'inactive' || to === 'graduated') {
    // One that would only begin after that day never opens anything.
    if (endAtMs <= Math.max(nowMs, pass.not_before.getTime())) return 'revoked'
    return pass.revoke_at?.getTime() === endAtMs ? 'none' : 'revoked_later'
  }
  if (to === 'suspended' && pass.status === 'active') return 'suspended'
  if (to === 'active' && pass.status === 'suspended' && pass.suspended_with_student) return 'given_back'
  return pass.revoke_at === null ? 'none' : 'kept_after_all'
}

/** From when the passes of who leaves today no longer open: midnight in the school's zone, `on` that day or so many days from now. */
export function passesEnd(
  { timeZone, graceDays }: Pick<SchoolRules, 'timeZone' | 'graceDays'>,
  status: StudentStatus | 'archived',
  { nowMs, on }: { readonly nowMs: number; readonly on?: string | undefined },
): number {
  if (status !== 'inactive' && status !== 'graduated') return 0
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const day = on === undefined ? today.add({ days: graceDays[status] }) : Temporal.PlainDate.from(on)
  return day.toZonedDateTime(timeZone).epochMilliseconds
}

const NOTES = {
  inactive: 'The student left.',
  graduated: 'The student graduated.',
  archived: 'The student was archived.',
} as const

export type Turn = { readonly to: StudentStatus | 'archived'; readonly endAtMs: number }

/** Does to the passes of these students what the status they now have means. Answers how many passes each effect had; the order of ids is that of the locks. */
export async function turnPasses(
  tx: Tx,
  actor: Actor,
  studentIds: readonly string[],
  { to, endAtMs }: Turn,
): Promise<ReadonlyMap<Effect, number>> {
  const passes = await tx
    .selectFrom('passes')
    .select(['pass_id', 'status', 'suspended_with_student', 'not_before', 'revoke_at'])
    .where('student_id', '=', sql<string>`any (${[...studentIds]}::uuid[])`)
    .where('revoked_at', 'is', null)
    .orderBy('pass_id')
    .forUpdate()
    .execute()
  const byEffect = Map.groupBy(passes, pass => effectOf(pass, to, endAtMs, actor.nowMs))
  byEffect.delete('none')
  for (const [effect, turned] of byEffect) {
    await tx
      .updateTable('passes')
      .set({ ...columnsFor(effect, actor, { to, endAtMs }), changed_by: actor.userId })
      .where('pass_id', '=', sql<string>`any (${turned.map(pass => pass.pass_id)}::text[])`)
      .execute()
  }
  if (byEffect.size > 0) await leave(tx, actor.schoolId, 'list.changed', {})
  return new Map([...byEffect].map(([effect, turned]) => [effect, turned.length]))
}

function columnsFor(effect: Effect, { userId, nowMs }: Actor, { to, endAtMs }: Turn) {
  switch (effect) {
    case 'suspended':
      return { status: 'suspended', suspended_with_student: true, revoke_at: null } as const
    case 'given_back':
      return { status: 'active', suspended_with_student: false, revoke_at: null } as const
    case 'kept_after_all':
      return { revoke_at: null }
    case 'revoked_later':
      return { revoke_at: new Date(endAtMs) }
    default:
      return revokedColumns({ userId, nowMs, note: NOTES[to as keyof typeof NOTES] })
  }
}

export function revokedColumns({ userId, nowMs, note }: Pick<Actor, 'userId' | 'nowMs'> & { readonly note: string }) {
  return {
    status: 'revoked',
    revoked_at: new Date(nowMs),
    revoked_by: userId,
    note,
    suspended_with_student: false,
    revoke_at: null,
  } as const
}
