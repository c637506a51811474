import { z } from 'zod'
import { Id } from './envelope.ts'
import { STUDENT_STATUSES } from './students.ts'

/** These students, or all that a filter of the list finds. Beside it stands what is to be done with them. */
export const CHOSEN_STUDENTS = {
  studentIds: z
    .array(Id)
    .min(1, 'choose at least one student')
    .max(1_000, 'at most 1,000 by hand; use a filter')
    .optional(),
  filter: z
    .strictObject({
      search: z.string().trim().max(100).optional(),
      status: z.enum(STUDENT_STATUSES).optional(),
      departmentId: z.union([Id, z.literal('none')]).optional(),
    })
    .optional(),
}

type Either = { readonly studentIds?: unknown; readonly filter?: unknown }

/** One of the two: nobody means all of a school by leaving both out. */
export const namesStudents = ({ studentIds, filter }: Either): boolean =>
  (studentIds === undefined) !== (filter === undefined)

export const NAME_STUDENTS = { message: 'name either studentIds or a filter', path: ['studentIds'] }
