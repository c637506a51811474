import { z } from 'zod'
import { PASS_CLASSES } from '../../pass/body.ts'
import { route } from '../contract.ts'
import { CHOSEN_STUDENTS, NAME_STUDENTS, namesStudents } from './chosen-students.ts'
import { At, Id } from './envelope.ts'

const Wanted = z
  .strictObject({
    ...CHOSEN_STUDENTS,
    /** The default level of this kind and each student's department; left out with a level, the level's. */
    class: z.enum(PASS_CLASSES).optional(),
    /** Groups, hours and kind together, the same for all. */
    levelId: Id.optional(),
    /** The end that the school has for passes of the kind when left out. */
    expires: At.optional(),
  })
  .refine(namesStudents, NAME_STUDENTS)

/** What issuing to these students would do, or did. Each student counts once. */
export const BatchCounts = z.object({
  chosen: z.int(),
  issued: z.int(),
  /** Has a pass of this kind that is neither revoked nor over. */
  hasPass: z.int(),
  notActive: z.int(),
  /** Neither kind and department nor the school has a default level. */
  noDefaultLevel: z.int(),
})
export type BatchCounts = z.infer<typeof BatchCounts>

export const previewPassBatch = route({
  method: 'post',
  path: '/pass-batches/preview',
  can: 'pass:create',
  summary: 'What issuing passes to these students would do.',
  body: Wanted,
  data: BatchCounts,
})

export const issuePassBatch = route({
  method: 'post',
  path: '/pass-batches',
  can: 'pass:create',
  summary: 'Issue passes to students by the thousand: a job does it. Whoever has one of the kind gets no second.',
  status: 202,
  body: Wanted,
  data: z.object({ jobId: Id, preview: BatchCounts }),
})
