import { RENEWAL_ASKED } from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { z } from 'zod'

/** What a job of renewing passes is told: which, to which end, when it was ordered and who asked for it. */
export const PassRenewalsBody = z.strictObject({
  wanted: z.strictObject(RENEWAL_ASKED),
  orderedAtMs: z.int().min(0),
  userId: z.uuid().nullable(),
  /** For the audit log. */
  by: z.looseObject({ kind: z.string() }),
})
