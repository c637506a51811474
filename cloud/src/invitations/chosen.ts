import type { ClaimCheck, InvitationPreview, InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { matching } from '../students/students-found.repo.ts'
import type { StudentStatus } from '../students/tables.ts'

export type ChosenStudents = {
  readonly studentIds?: readonly string[] | undefined
  readonly filter?:
    | {
        readonly search?: string | undefined
        readonly status?: StudentStatus | undefined
        readonly departmentId?: string | undefined
      }
    | undefined
}

export type Chosen = ChosenStudents & { readonly by: InvitationWay }

/** The living students that are meant. */
export function chosenStudents(tx: Tx, { studentIds, filter }: ChosenStudents, nowMs: number) {
  return tx
    .selectFrom('students')
    .where('archived_at', 'is', null)
    .$if(studentIds !== undefined, students => students.where('id', 'in', [...studentIds!]))
    .$if(filter !== undefined, students => students.where(matching({ ...filter, nowMs })))
}

/** Whether a student is invited, and if not the first thing that is in the way. */
export function reason(way: InvitationWay, checks: readonly ClaimCheck[]) {
  return sql<Exclude<keyof InvitationPreview, 'chosen' | 'replaced'>>`case
    when students.user_id is not null then 'hasAccount'
    when students.status <> 'active' then 'notActive'
    when students.email is null and ${way} = 'mail' then 'noEmail'
    when exists (select from users where users.school_id = students.school_id and lower(users.email) = lower(students.email)) then 'addressInUse'
    when students.person_index is null and ${checks.includes('birth_date')} then 'noBirthDate'
    else 'invited' end`
}

export async function preview(
  tx: Tx,
  chosen: Chosen,
  { checks, nowMs }: { readonly checks: readonly ClaimCheck[]; readonly nowMs: number },
): Promise<InvitationPreview> {
  const rows = await chosenStudents(tx, chosen, nowMs)
    .select([
      reason(chosen.by, checks).as('reason'),
      sql<number>`count(*)::int`.as('count'),
      sql<number>`count(*) filter (where exists (select from invitations where invitations.school_id = students.school_id
        and invitations.student_id = students.id and claimed_at is null and ended_at is null and expires_at > ${new Date(nowMs)}))::int`.as(
        'open',
      ),
    ])
    .groupBy('reason')
    .execute()
  const none = { invited: 0, hasAccount: 0, notActive: 0, noEmail: 0, addressInUse: 0, noBirthDate: 0 }
  return {
    ...none,
    ...Object.fromEntries(rows.map(({ reason, count }) => [reason, count])),
    chosen: rows.reduce((sum, { count }) => sum + count, 0),
    replaced: rows.find(({ reason }) => reason === 'invited')?.open ?? 0,
  }
}
