import type { DeliveryChannel, DeliveryState } from '@gatehouse/shared/wire/api/deliveries.ts'
import type { Channel, NotificationKind, Wish } from '@gatehouse/shared/wire/api/notifications.ts'
import type { WebhookState } from '@gatehouse/shared/wire/api/webhooks.ts'
import type { ColumnType, Generated } from 'kysely'

export type NotificationTables = {
  readonly notifications: {
    id: string
    school_id: string
    kind: NotificationKind
    user_id: string | null
    student_id: string | null
    facts: ColumnType<Readonly<Record<string, string>>, string, string>
    path: string
    in_inbox: boolean
    made_at: Generated<Date>
    read_at: Generated<Date | null>
  }
  readonly notification_wishes: {
    school_id: string
    user_id: string
    kind: NotificationKind
    channel: Channel
    wish: Wish
  }
  readonly notification_settings: {
    school_id: string
    user_id: string
    quiet_from: string | null
    quiet_to: string | null
    sealed_sms_number: string | null
    sms_ending: string | null
  }
  readonly push_keys: { id: number; public_key: string; sealed_private: string; made_at: Generated<Date> }
  readonly push_subscriptions: {
    id: string
    school_id: string
    user_id: string
    session_id: string
    sealed_subscription: string
    made_at: Date
  }
  readonly webhooks: {
    id: string
    school_id: string
    url: string
    kinds: NotificationKind[]
    sealed_secret: string
    state: WebhookState
    failing_since: Generated<Date | null>
    made_at: Date
  }
  readonly deliveries: {
    id: string
    school_id: string
    channel: DeliveryChannel
    kind: NotificationKind
    notification_id: string | null
    user_id: string | null
    student_id: string | null
    webhook_id: Generated<string | null>
    body: Generated<string | null>
    state: Exclude<DeliveryState, 'kept'>
    job_id: Generated<string | null>
    mail_id: Generated<string | null>
    called_at: Generated<Date | null>
    provider_id: Generated<string | null>
    tries: Generated<number>
    status: Generated<number | null>
    took_ms: Generated<number | null>
    answer: Generated<string | null>
    made_at: Generated<Date>
    ended_at: Generated<Date | null>
  }
}
