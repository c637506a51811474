import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'

export const LANGUAGES = ['en', 'nl'] as const
export type Language = (typeof LANGUAGES)[number]

export const MAIL_STATES = ['waiting', 'sent', 'failed', 'kept'] as const
export type MailState = (typeof MAIL_STATES)[number]

export const Mail = z.object({
  id: Id,
  template: z.string(),
  language: z.enum(LANGUAGES),
  to: z.string(),
  subject: z.string(),
  /** `kept`: the service has no mail server, and shows here what it would have sent. */
  state: z.enum(MAIL_STATES),
  /** The mail server's last words. */
  answer: z.string().nullable(),
  madeAt: At,
  endedAt: At.nullable(),
  /** Only of a mail that is kept: links in it open accounts, so what goes out is nobody else's to read. */
  text: z.string().nullable(),
})
export type Mail = z.infer<typeof Mail>

export const listOutbox = route({
  method: 'get',
  path: '/outbox',
  can: 'outbox:read',
  summary: 'Mail of the last thirty days, newest first.',
  query: PageQuery.extend({
    state: z.enum(MAIL_STATES).optional(),
    search: z.string().trim().max(100).optional(),
  }),
  data: z.array(Mail),
})
