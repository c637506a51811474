import {
  CHANNELS,
  type Channel,
  isSecurityKind,
  NOTIFICATION_KINDS,
  type NotificationKind,
  type NotificationPreferences,
  type QuietHours,
  type Wishes,
} from '@gatehouse/shared/wire/api/notifications.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { smsPlace } from './sms.ts'
import { wishesFrom } from './ways.repo.ts'

export type Kept = Omit<NotificationPreferences, 'sms'>

export async function readPreferences(tx: Tx, userId: string): Promise<Kept> {
  const said = await tx
    .selectFrom('notification_wishes')
    .select(['kind', 'channel', 'wish'])
    .where('user_id', '=', userId)
    .execute()
  const settings = await tx
    .selectFrom('notification_settings')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
  const wishes = (kind: NotificationKind) =>
    wishesFrom(kind, new Map(said.filter(row => row.kind === kind).map(row => [row.channel, row.wish])))
  return {
    quietHours: settings?.quiet_from == null ? null : { from: settings.quiet_from, to: settings.quiet_to! },
    smsNumber: settings?.sms_ending ?? null,
    kinds: Object.fromEntries(NOTIFICATION_KINDS.map(kind => [kind, wishes(kind)])) as Kept['kinds'],
    fixed: NOTIFICATION_KINDS.filter(isSecurityKind),
  }
}

export type NewPreferences = {
  readonly quietHours: QuietHours | null
  readonly kinds: Readonly<Partial<Record<NotificationKind, Wishes>>>
  /** Left out: it stays. */
  readonly smsNumber?: string | null | undefined
}

/** Kinds that cannot be switched off are not: what was said of their inbox and mail is not kept. */
export async function writePreferences(
  tx: Tx,
  { vault, schoolId, tenant, userId }: { vault: Vault; schoolId: string; tenant: string; userId: string },
  { quietHours, kinds, smsNumber }: NewPreferences,
): Promise<void> {
  const rows = Object.entries(kinds).flatMap(([kind, wishes]) =>
    CHANNELS.filter(channel => !isFixed(kind as NotificationKind, channel)).map(channel => ({
      school_id: schoolId,
      user_id: userId,
      kind: kind as NotificationKind,
      channel,
      wish: wishes![channel],
    })),
  )
  if (rows.length > 0) {
    await tx
      .insertInto('notification_wishes')
      .values(rows)
      .onConflict(same =>
        same.columns(['school_id', 'user_id', 'kind', 'channel']).doUpdateSet({ wish: eb => eb.ref('excluded.wish') }),
      )
      .execute()
  }
  const quiet = { quiet_from: quietHours?.from ?? null, quiet_to: quietHours?.to ?? null }
  const number =
    smsNumber === undefined
      ? {}
      : {
          sealed_sms_number:
            smsNumber === null ? null : vault.seal(smsPlace(tenant, userId), Buffer.from(smsNumber, 'utf8')),
          sms_ending: smsNumber === null ? null : `${smsNumber.slice(0, 3)} … ${smsNumber.slice(-2)}`,
        }
  const none = { sealed_sms_number: null, sms_ending: null }
  await tx
    .insertInto('notification_settings')
    .values({ school_id: schoolId, user_id: userId, ...quiet, ...none, ...number })
    .onConflict(same => same.columns(['school_id', 'user_id']).doUpdateSet({ ...quiet, ...number }))
    .execute()
}

const isFixed = (kind: NotificationKind, channel: Channel) =>
  isSecurityKind(kind) && (channel === 'inbox' || channel === 'email')
