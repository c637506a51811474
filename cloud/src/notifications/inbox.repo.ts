import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'

export type NotificationRow = Row<'notifications'>
/** Where the rows after one begin. */
export type InboxCursor = { readonly atUs: string; readonly id: string }

const inbox = (tx: Tx, userId: string) =>
  tx.selectFrom('notifications').where('user_id', '=', userId).where('in_inbox', '=', true)

/** The newest first; `atUs`: microseconds, as the database keeps them. */
export function listInbox(
  tx: Tx,
  userId: string,
  { after, limit, unread }: { readonly after: InboxCursor | null; readonly limit: number; readonly unread: boolean },
): Promise<(NotificationRow & { readonly at_us: string })[]> {
  return inbox(tx, userId)
    .selectAll()
    .select(sql<string>`(extract(epoch from made_at) * 1000000)::bigint::text`.as('at_us'))
    .$if(unread, rows => rows.where('read_at', 'is', null))
    .$if(after !== null, rows =>
      rows.where(
        sql<boolean>`(made_at, id) < (to_timestamp(0) + ${after!.atUs}::bigint * interval '1 microsecond', ${after!.id}::uuid)`,
      ),
    )
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** More than this nobody counts. */
const UNREAD_MAX = 1_000

export async function countUnread(tx: Tx, userId: string): Promise<number> {
  const { count } = await tx
    .selectFrom(inbox(tx, userId).select('id').where('read_at', 'is', null).limit(UNREAD_MAX).as('unread'))
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** `notificationId` null: all of them. The first reading stands. Answers false where there is no such notification. */
export async function markRead(tx: Tx, userId: string, notificationId: string | null, nowMs: number): Promise<boolean> {
  const one = (id: string) => inbox(tx, userId).select('id').where('id', '=', id).executeTakeFirst()
  if (notificationId !== null && (await one(notificationId)) === undefined) return false
  await tx
    .updateTable('notifications')
    .set({ read_at: new Date(nowMs) })
    .where('user_id', '=', userId)
    .where('in_inbox', '=', true)
    .where('read_at', 'is', null)
    .$if(notificationId !== null, rows => rows.where('id', '=', notificationId!))
    .execute()
  return true
}
