import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'
import { isSecurityKind, NOTIFICATION_KINDS, NotificationKind } from './notifications.ts'

/** What web hooks are told of: how people sign in is theirs alone. */
export const WEBHOOK_KINDS = NOTIFICATION_KINDS.filter(kind => !isSecurityKind(kind))

export const WEBHOOK_STATES = ['active', 'paused', 'off'] as const
export type WebhookState = (typeof WEBHOOK_STATES)[number]

export const Webhook = z.object({
  id: Id,
  url: z.string(),
  kinds: z.array(NotificationKind),
  /** `off`: the service switched it off after five days of failures. What happens meanwhile is not sent later. */
  state: z.enum(WEBHOOK_STATES),
  /** Since when nothing arrives; null: what was last sent arrived. */
  failingSince: At.nullable(),
  madeAt: At,
})
export type Webhook = z.infer<typeof Webhook>

const kinds = z
  .array(z.enum(WEBHOOK_KINDS as [NotificationKind, ...NotificationKind[]]))
  .min(1, 'must name at least one kind')
  .max(WEBHOOK_KINDS.length)
const url = z.url({ protocol: /^https?$/, error: 'must be the address of a page, https://…' }).max(1000)
const params = z.object({ webhookId: Id })

export const listWebhooks = route({
  method: 'get',
  path: '/webhooks',
  can: 'webhook:manage',
  summary: 'Addresses of other programs that are told what happens.',
  data: z.array(Webhook),
})

/** Signed as Standard Webhooks say: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<HMAC-SHA256>`. */
export const createWebhook = route({
  method: 'post',
  path: '/webhooks',
  can: 'webhook:manage',
  summary: 'Tell a program at this address. The secret is in this answer and never again.',
  status: 201,
  answersSecret: true,
  body: z.strictObject({ url, kinds }),
  data: z.object({ webhook: Webhook, secret: z.string() }),
})

export const updateWebhook = route({
  method: 'patch',
  path: '/webhooks/:webhookId',
  can: 'webhook:manage',
  summary: 'Change where and of what it is told, pause it, or let it go on.',
  params,
  body: z
    .strictObject({ url: url.optional(), kinds: kinds.optional(), state: z.enum(['active', 'paused']).optional() })
    .refine(body => Object.keys(body).length > 0, 'must change something'),
  data: Webhook,
})

export const deleteWebhook = route({
  method: 'delete',
  path: '/webhooks/:webhookId',
  can: 'webhook:manage',
  summary: 'Tell it nothing more. What was sent is forgotten too.',
  params,
  data: z.object({ id: Id }),
})
