import {
  CHANNELS,
  type Channel,
  DEFAULT_WISHES,
  isSecurityKind,
  type NotificationKind,
  type Wishes,
} from '@gatehouse/shared/wire/api/notifications.ts'
import type { Tx } from '../db/tables.ts'

/** What somebody wished, where they said so, and what holds without a word; security kinds keep inbox and e-mail. */
export function wishesFrom(kind: NotificationKind, said: ReadonlyMap<Channel, string>): Wishes {
  const wished = Object.fromEntries(CHANNELS.map(channel => [channel, said.get(channel) ?? DEFAULT_WISHES[channel]]))
  return { ...(wished as Wishes), ...(isSecurityKind(kind) && { inbox: 'now', email: 'now' }) }
}

/** How each of these people is told of a kind, given what they wish and where they can be reached. */
export async function waysOf(
  tx: Tx,
  kind: NotificationKind,
  userIds: readonly string[],
): Promise<(userId: string) => Wishes> {
  if (userIds.length === 0) return () => DEFAULT_WISHES
  const rows = await tx
    .selectFrom('notification_wishes')
    .select(['user_id', 'channel', 'wish'])
    .where('kind', '=', kind)
    .where('user_id', 'in', userIds)
    .execute()
  const subscribed = await tx
    .selectFrom('push_subscriptions')
    .select('user_id')
    .where('user_id', 'in', userIds)
    .execute()
  const numbered = await tx
    .selectFrom('notification_settings')
    .select('user_id')
    .where('user_id', 'in', userIds)
    .where('sealed_sms_number', 'is not', null)
    .execute()
  const [pushed, texted] = [subscribed, numbered].map(list => new Set(list.map(row => row.user_id)))
  return userId => {
    const said = new Map(rows.filter(row => row.user_id === userId).map(({ channel, wish }) => [channel, wish]))
    const wishes = wishesFrom(kind, said)
    return {
      ...wishes,
      ...(!pushed!.has(userId) && { push: 'off' }),
      ...(!texted!.has(userId) && { sms: 'off' }),
    }
  }
}
