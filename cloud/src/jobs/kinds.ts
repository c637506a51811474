import { CHECK_KINDS } from '@gatehouse/shared/wire/api/applications.ts'
import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { z } from 'zod'
import { InvitationsBody } from '../invitations/invitations-body.ts'
import { PassBatchBody } from '../passes/pass-batch-body.ts'
import { PassRenewalsBody } from '../passes/pass-renewals-body.ts'

export type Kind = {
  /** What a job of this kind says. It is kept with the job: no secrets. */
  readonly body: z.ZodType
  /** How many of them a process does at once. */
  readonly atOnce: number
  /** Where a process is full, higher ones get the next place. */
  readonly priority: 'high' | 'normal' | 'low'
  /** How often it is begun, or for how long it is tried again. */
  readonly tries: number | { readonly hours: number }
  /** One try takes no longer; then its signal aborts, and it counts as failed. */
  readonly minutesMax: number
}

/** Which import, and who asked for it: the audit log names them. */
const ImportBody = z.strictObject({
  importId: z.uuid(),
  by: z.strictObject({ userId: z.uuid().nullable(), name: z.string(), role: z.enum(ROLES).nullable() }),
})

const DeliveryBody = z.strictObject({ deliveryId: z.uuid() })

/** Every kind of job: figures in one place. Between two tries: 2 s, doubled, with jitter, at most an hour. */
export const KINDS = {
  mail: {
    body: z.strictObject({ mailId: z.uuid() }),
    atOnce: 10,
    priority: 'normal',
    tries: { hours: 24 },
    minutesMax: 5,
  },
  push: { body: DeliveryBody, atOnce: 20, priority: 'high', tries: { hours: 24 }, minutesMax: 2 },
  sms: { body: DeliveryBody, atOnce: 10, priority: 'normal', tries: { hours: 24 }, minutesMax: 2 },
  webhook: { body: DeliveryBody, atOnce: 10, priority: 'normal', tries: { hours: 72 }, minutesMax: 2 },
  daily_mail: {
    body: z.strictObject({ userId: z.uuid() }),
    atOnce: 5,
    priority: 'low',
    tries: { hours: 24 },
    minutesMax: 5,
  },
  rotate_data_key: {
    body: z.strictObject({ number: z.int().min(1) }),
    atOnce: 1,
    priority: 'low',
    tries: 10,
    minutesMax: 60,
  },
  invitations: { body: InvitationsBody, atOnce: 2, priority: 'low', tries: 5, minutesMax: 120 },
  pass_batch: { body: PassBatchBody, atOnce: 2, priority: 'low', tries: 10, minutesMax: 120 },
  pass_renewals: { body: PassRenewalsBody, atOnce: 2, priority: 'low', tries: 10, minutesMax: 120 },
  import_plan: { body: ImportBody, atOnce: 2, priority: 'low', tries: 10, minutesMax: 120 },
  import_apply: { body: ImportBody, atOnce: 2, priority: 'low', tries: 10, minutesMax: 120 },
  import_undo: { body: ImportBody, atOnce: 2, priority: 'low', tries: 10, minutesMax: 120 },
  file_processing: { body: z.strictObject({ fileId: z.uuid() }), atOnce: 5, priority: 'low', tries: 10, minutesMax: 5 },
  file_removal: { body: z.strictObject({ fileId: z.uuid() }), atOnce: 2, priority: 'low', tries: 10, minutesMax: 5 },
  roster_sync: { body: z.strictObject({ sourceId: z.uuid() }), atOnce: 2, priority: 'low', tries: 10, minutesMax: 10 },
  application_check: {
    body: z.strictObject({ applicationId: z.uuid(), check: z.enum(CHECK_KINDS) }),
    atOnce: 5,
    priority: 'normal',
    tries: 10,
    minutesMax: 5,
  },
  application_upkeep: { body: z.strictObject({}), atOnce: 1, priority: 'low', tries: 3, minutesMax: 30 },
} satisfies Record<string, Kind>

export type JobKind = keyof typeof KINDS
export type JobBody<K extends JobKind> = z.output<(typeof KINDS)[K]['body']>
