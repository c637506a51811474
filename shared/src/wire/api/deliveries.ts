import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { NotificationKind } from './notifications.ts'

export const DELIVERY_CHANNELS = ['email', 'push', 'sms', 'webhook'] as const
export type DeliveryChannel = (typeof DELIVERY_CHANNELS)[number]

/**
 * `waiting`: to be sent, or to be tried again. `daily`: goes with the next daily mail. `sent`: the service at the other end took it.
 * `delivered`: it says that it arrived. `failed`: given up; it can be sent again by hand. `dropped`: there was no way to
 * the person any more. `kept`: a mail where there is no mail server.
 */
export const DELIVERY_STATES = ['waiting', 'daily', 'sent', 'delivered', 'failed', 'dropped', 'kept'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export const Delivery = z.object({
  id: Id,
  channel: z.enum(DELIVERY_CHANNELS),
  kind: NotificationKind,
  /** The person's name, or the address of the web hook. */
  to: z.string(),
  state: z.enum(DELIVERY_STATES),
  tries: z.int(),
  /** HTTP status of the last answer. */
  status: z.int().nullable(),
  /** How long the last answer took. */
  tookMs: z.int().nullable(),
  /** The other end's last words, cut. */
  answer: z.string().nullable(),
  madeAt: At,
  endedAt: At.nullable(),
})
export type Delivery = z.infer<typeof Delivery>

export const listDeliveries = route({
  method: 'get',
  path: '/deliveries',
  can: 'delivery:read',
  summary: 'What was sent to whom in the last thirty days and what became of it, newest first.',
  query: PageQuery.extend({
    channel: z.enum(DELIVERY_CHANNELS).optional(),
    state: z.enum(DELIVERY_STATES).optional(),
    kind: NotificationKind.optional(),
    webhookId: Id.optional(),
  }),
  data: z.array(Delivery),
})

export const replayDelivery = route({
  method: 'post',
  path: '/deliveries/:deliveryId/replay',
  can: 'webhook:manage',
  summary: 'Send it again: something that failed, or a web hook whose receiver lost it.',
  status: 202,
  params: z.object({ deliveryId: Id }),
  data: Delivery,
})
