import { INVITATION_WAYS } from '@gatehouse/shared/wire/api/invitations.ts'
import { STUDENT_STATUSES } from '@gatehouse/shared/wire/api/students.ts'
import { z } from 'zod'

/** What a job of inviting students is told: whom, and who asked for it. */
export const InvitationsBody = z.strictObject({
  batchId: z.uuid(),
  chosen: z.strictObject({
    studentIds: z.array(z.uuid()).optional(),
    filter: z
      .strictObject({
        search: z.string().optional(),
        status: z.enum(STUDENT_STATUSES).optional(),
        departmentId: z.uuid().optional(),
      })
      .optional(),
    by: z.enum(INVITATION_WAYS),
  }),
  userId: z.uuid().nullable(),
  /** For the audit log. */
  by: z.looseObject({ kind: z.string() }),
})
