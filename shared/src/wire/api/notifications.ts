import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'

/** Everything a person is told of. */
export const NOTIFICATION_KINDS = [
  'application_submitted',
  'documents_asked',
  'application_approved',
  'application_rejected',
  'application_reminder',
  'pass_issued',
  'pass_expiring',
  'pass_suspended',
  'pass_revoked',
  'card_lost',
  'visitor_arrived',
  'gate_offline',
  'gate_alarm',
  'list_stale',
  'import_done',
  'job_dead',
  'new_sign_in',
  'password_changed',
  'factor_changed',
] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]
export const NotificationKind = z.enum(NOTIFICATION_KINDS)

/** About somebody's own account: always in the inbox and by mail, at once, also in quiet hours. */
export const SECURITY_KINDS = ['new_sign_in', 'password_changed', 'factor_changed'] as const
export const isSecurityKind = (kind: NotificationKind) => (SECURITY_KINDS as readonly string[]).includes(kind)

/** Ways to a person. `inbox` is the dashboard's own. */
export const CHANNELS = ['inbox', 'email', 'push', 'sms'] as const
export type Channel = (typeof CHANNELS)[number]

/** `daily`: together with others in one mail a day; of e-mail only. */
export const WISHES = ['now', 'daily', 'off'] as const
export type Wish = (typeof WISHES)[number]

const onOff = z.enum(['now', 'off'])
export const Wishes = z.strictObject({ inbox: onOff, email: z.enum(WISHES), push: onOff, sms: onOff })
export type Wishes = z.infer<typeof Wishes>

/** What holds for who never said anything. An SMS costs the school money, and nobody gets one unasked. */
export const DEFAULT_WISHES: Wishes = { inbox: 'now', email: 'now', push: 'now', sms: 'off' }

export const Notification = z.object({
  id: Id,
  kind: NotificationKind,
  title: z.string(),
  text: z.string(),
  /** Where in the dashboard it leads. */
  path: z.string(),
  madeAt: At,
  readAt: At.nullable(),
})
export type Notification = z.infer<typeof Notification>

export const listNotifications = route({
  method: 'get',
  path: '/my/notifications',
  can: 'signed-in',
  summary: 'What I was told, newest first, by cursor. Kept for ninety days.',
  query: z.object({
    limit: z.coerce.number('must be a number').int('must be a whole number').min(1).max(100).default(25),
    cursor: z.string().max(200).optional(),
    unread: z.enum(['true', 'false']).optional(),
  }),
  data: z.array(Notification),
})

const Unread = z.object({ unread: z.int().min(0) })

export const unreadNotifications = route({
  method: 'get',
  path: '/my/notifications/unread',
  can: 'signed-in',
  summary: 'How many I have not read, at most 1,000.',
  data: Unread,
})

export const readNotification = route({
  method: 'post',
  path: '/my/notifications/:notificationId/read',
  can: 'signed-in',
  summary: 'I have read this one.',
  params: z.object({ notificationId: Id }),
  data: Unread,
})

export const readAllNotifications = route({
  method: 'post',
  path: '/my/notifications/read',
  can: 'signed-in',
  summary: 'I have read them all.',
  data: Unread,
})

/** On `feed/<tenant>/user/<userId>`: something was told to this person; what, the inbox says. */
export const UserFeed = z.object({ notification: z.object({ id: Id, kind: NotificationKind }) })
export type UserFeed = z.infer<typeof UserFeed>

const Minute = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:00')

export const QuietHours = z
  .strictObject({ from: Minute, to: Minute })
  .refine(({ from, to }) => from !== to, { error: 'must be different times', path: ['to'] })
export type QuietHours = z.infer<typeof QuietHours>

export const NotificationPreferences = z.object({
  /** In the school's time zone; push and SMS wait for their end. Null: none. */
  quietHours: QuietHours.nullable(),
  /** `+31 … 78`: the last two digits of the number that text messages go to. */
  smsNumber: z.string().nullable(),
  kinds: z.record(NotificationKind, Wishes),
  /** Kinds that cannot be switched off. */
  fixed: z.array(NotificationKind),
  /** Whether the service sends text messages at all. */
  sms: z.boolean(),
})
export type NotificationPreferences = z.infer<typeof NotificationPreferences>

export const getNotificationPreferences = route({
  method: 'get',
  path: '/my/notification-preferences',
  can: 'signed-in',
  summary: 'How I am told of what.',
  data: NotificationPreferences,
})

export const setNotificationPreferences = route({
  method: 'put',
  path: '/my/notification-preferences',
  can: 'signed-in',
  summary: 'Say how I am told of what. Kinds that are not named stay as they are.',
  body: z.strictObject({
    quietHours: QuietHours.nullable(),
    kinds: z.partialRecord(NotificationKind, Wishes),
    /** With its country code, such as +31612345678; null takes it away; left out, it stays. */
    smsNumber: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'must begin with + and the country, such as +31612345678')
      .nullable()
      .optional(),
  }),
  data: NotificationPreferences,
})

export const pushKey = route({
  method: 'get',
  path: '/my/push-key',
  can: 'signed-in',
  summary: 'The key that a browser subscribes to push messages with (VAPID).',
  data: z.object({ publicKey: z.string() }),
})

const base64url = (bytes: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
    .length(Math.ceil((bytes * 4) / 3), `must be ${bytes} bytes in base64url`)

export const subscribePush = route({
  method: 'put',
  path: '/my/push-subscription',
  can: 'signed-in',
  summary: 'Send push messages to this browser, as long as this session lasts.',
  body: z.strictObject({
    endpoint: z.url({ protocol: /^https?$/, error: 'must be the address that the browser gave' }).max(1000),
    keys: z.strictObject({ p256dh: base64url(65), auth: base64url(16) }),
  }),
  data: z.object({ subscribed: z.boolean() }),
})

export const unsubscribePush = route({
  method: 'delete',
  path: '/my/push-subscription',
  can: 'signed-in',
  summary: 'Send no more push messages to this session’s browser.',
  data: z.object({ subscribed: z.boolean() }),
})
