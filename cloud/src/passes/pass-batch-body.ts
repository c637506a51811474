import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import { CHOSEN_STUDENTS } from '@gatehouse/shared/wire/api/chosen-students.ts'
import { z } from 'zod'

/** What a job of issuing passes is told: to whom, which, and who asked for it. */
export const PassBatchBody = z.strictObject({
  wanted: z.strictObject({
    ...CHOSEN_STUDENTS,
    class: z.enum(PASS_CLASSES).optional(),
    levelId: z.uuid().optional(),
    expires: z.iso.datetime({ offset: true }).optional(),
  }),
  userId: z.uuid().nullable(),
  /** For the audit log. */
  by: z.looseObject({ kind: z.string() }),
})
