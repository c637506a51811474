import { z } from 'zod'
import { route } from '../contract.ts'

/** Days that each kind is kept: the service's own figure, and how far a school may go. */
export const RETENTION = {
  /** Passages and what else gates told. */
  events: { days: 365, least: 7, most: 1_095 },
  /** What gates sent and could not be read. */
  deadLetters: { days: 90, least: 7, most: 365 },
  /** Visitors, from the end of their last visit. */
  visitors: { days: 90, least: 1, most: 365 },
  /** Rows of the audit log. */
  audit: { days: 730, least: 365, most: 3_650 },
  /** Names, addresses and details in the audit log's rows of sign-ins; that they were stays as long as the log. */
  signIns: { days: 365, least: 30, most: 730 },
} as const
export type RetentionKind = keyof typeof RETENTION

const days = ({ least, most }: (typeof RETENTION)[RetentionKind]) =>
  z.int().min(least, `${least} days at least`).max(most, `${most} days at most`)

export const RetentionDays = z.strictObject({
  events: days(RETENTION.events),
  deadLetters: days(RETENTION.deadLetters),
  visitors: days(RETENTION.visitors),
  audit: days(RETENTION.audit),
  signIns: days(RETENTION.signIns),
})
export type RetentionDays = z.infer<typeof RetentionDays>

const Kept = z.object({
  /** 0: the service's own figures. */
  version: z.int(),
  days: RetentionDays,
})

export const getRetention = route({
  method: 'get',
  path: '/settings/retention',
  can: 'settings:read',
  summary: 'How many days what is kept.',
  data: Kept,
})

export const putRetention = route({
  method: 'put',
  path: '/settings/retention',
  can: 'settings:update',
  summary: 'Keep things for longer, or less long. What is too old then goes within six hours, and does not come back.',
  body: RetentionDays,
  data: Kept,
})
