import { randomUUIDv7 } from 'node:crypto'
import type { NotificationKind, Wishes } from '@gatehouse/shared/wire/api/notifications.ts'
import { GRANTS, type Grant, may, type Operation, ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'
import type { ValuesOf } from '../mail/templates.ts'
import { waysOf } from './ways.repo.ts'
import { enterForWebhooks } from './webhooks.repo.ts'

/** What the words of a kind are made of: plain text; times in ISO 8601. */
export type FactsOf<Kind extends NotificationKind> = Omit<ValuesOf<Kind>, 'link'>

type To =
  | { readonly userId: string }
  | { readonly studentId: string }
  /** One right, or one of several. */
  | { readonly right: Operation | readonly Operation[] }

export type Told<Kind extends NotificationKind> = {
  readonly kind: Kind
  /** `right`: everybody in the school who may do that, or one of these, the first {@link PEOPLE_MAX}. */
  readonly to: To
  readonly facts: FactsOf<Kind>
  /** Where in the dashboard it leads: `/passes/…`. */
  readonly path: string
  /** Whose data the facts tell of, where somebody else is told: it goes when that person is erased. */
  readonly aboutStudentId?: string
}

/** A school has dozens of staff; thousands would be told by a role that was given by mistake. */
const PEOPLE_MAX = 200
const FACT_CHARACTERS_MAX = 500

/**
 * Tells people something, by the ways they wish, in the caller's transaction, which is in the school: it leaves when that
 * commits, or not at all. Who has no account gets a mail; an account that is not active, nothing. Web hooks are told too.
 */
export async function notify<Kind extends NotificationKind>(
  tx: Tx,
  schoolId: string,
  { kind, to, facts, path, aboutStudentId }: Told<Kind>,
): Promise<void> {
  const studentId = aboutStudentId ?? ('studentId' in to ? to.studentId : null)
  const userIds = await peopleOf(tx, to)
  const plain = plainFacts(facts)
  const ways = await waysOf(
    tx,
    kind,
    userIds.filter(userId => userId !== null),
  )
  const notifications = userIds.map(userId => ({
    id: randomUUIDv7(),
    school_id: schoolId,
    kind,
    user_id: userId,
    student_id: studentId,
    facts: JSON.stringify(plain),
    path,
    in_inbox: userId !== null && ways(userId).inbox === 'now',
  }))
  const deliveries = notifications.flatMap(row =>
    // Who has no account said nothing, and has one way only.
    waysTaken(row.user_id === null ? ONLY_MAIL : ways(row.user_id)).map(way => ({
      ...way,
      id: randomUUIDv7(),
      school_id: schoolId,
      kind,
      notification_id: row.id,
      user_id: row.user_id,
      student_id: studentId,
    })),
  )
  if (notifications.length > 0) await tx.insertInto('notifications').values(notifications).execute()
  if (deliveries.length > 0) await tx.insertInto('deliveries').values(deliveries).execute()
  const hooked = await enterForWebhooks(tx, schoolId, { kind, facts: plain, path, studentId })

  const deliveryIds = [...deliveries.map(({ id }) => id), ...hooked]
  if (notifications.length + deliveryIds.length === 0) return
  await leave(tx, schoolId, 'notification.made', { notificationIds: notifications.map(({ id }) => id), deliveryIds })
}

const ONLY_MAIL: Wishes = { inbox: 'off', email: 'now', push: 'off', sms: 'off' }

function waysTaken({ email, push, sms }: Wishes) {
  return (
    [
      { channel: 'email', state: email === 'daily' ? 'daily' : 'waiting', wish: email },
      { channel: 'push', state: 'waiting', wish: push },
      { channel: 'sms', state: 'waiting', wish: sms },
    ] as const
  )
    .filter(({ wish }) => wish !== 'off')
    .map(({ channel, state }) => ({ channel, state }))
}

/** Accounts; null: a student who has none. */
async function peopleOf(tx: Tx, to: To): Promise<(string | null)[]> {
  const active = tx.selectFrom('users').select('id').where('active', '=', true)
  if ('userId' in to) return (await active.where('id', '=', to.userId).execute()).map(({ id }) => id)
  if ('studentId' in to) {
    const student = await tx
      .selectFrom('students')
      .select(['user_id', 'email'])
      .where('id', '=', to.studentId)
      .executeTakeFirst()
    if (student === undefined) return []
    if (student.user_id !== null) return peopleOf(tx, { userId: student.user_id })
    return student.email === null ? [] : [null]
  }
  const rights = [to.right].flat()
  const mayOne = (role: Role, grants: readonly Grant[]) => rights.some(right => may(role, right, grants))
  const roles = ROLES.filter(role => mayOne(role, GRANTS))
  const users = await active
    .select(['role', 'grants'])
    .where('role', 'in', roles)
    .orderBy('created_at')
    .limit(PEOPLE_MAX)
    .execute()
  return users.filter(({ role, grants }) => mayOne(role, grants)).map(({ id }) => id)
}

function plainFacts(facts: object): Record<string, string> {
  const named = Object.entries(facts as Record<string, string | undefined>)
  return Object.fromEntries(
    named.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact.slice(0, FACT_CHARACTERS_MAX)]])),
  )
}
