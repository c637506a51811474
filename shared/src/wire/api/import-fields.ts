import { z } from 'zod'
import { STUDENT_STATUSES } from './students.ts'

/** What a column of a student list can be. `lastNamePrefix` is set before the last name: van der, de, von. */
export const IMPORT_FIELDS = [
  'studentNumber',
  'firstName',
  'lastNamePrefix',
  'lastName',
  'email',
  'department',
  'status',
  'birthDate',
  'enrolledOn',
  'phone',
  'privateEmail',
  'addressLines',
  'postalCode',
  'town',
  'country',
  'notes',
] as const
export type ImportField = (typeof IMPORT_FIELDS)[number]

/** What a row can change of a student, as the student's own fields are called. */
export const CHANGED_FIELDS = [
  'studentNumber',
  'firstName',
  'lastName',
  'email',
  'department',
  'status',
  'birthDate',
  'enrolledOn',
  'phone',
  'privateEmail',
  'address',
  'notes',
] as const
export type ChangedField = (typeof CHANGED_FIELDS)[number]

/** In which order the parts of a date stand where it is not written 2026-09-01. */
export const DATE_ORDERS = ['dmy', 'mdy', 'ymd'] as const
export type DateOrder = (typeof DATE_ORDERS)[number]

/** What becomes of living students that the file does not name. */
export const ABSENT = ['leave', 'inactivate', 'archive'] as const

export const Mapping = z.strictObject({
  /** Field -> heading of the column it is read from. */
  columns: z.partialRecord(z.enum(IMPORT_FIELDS), z.string().min(1).max(200)),
  /** Word of the file, in lower case -> status. What is not here is looked up among the usual words. */
  statuses: z
    .record(z.string().max(100), z.enum(STUDENT_STATUSES))
    .refine(words => Object.keys(words).length <= 200, 'at most 200 words')
    .default({}),
  dateOrder: z.enum(DATE_ORDERS).default('dmy'),
  /** An empty cell leaves what the school has, or clears it. */
  emptyCells: z.enum(['leave', 'clear']).default('leave'),
  absent: z.enum(ABSENT).default('leave'),
})
export type Mapping = z.infer<typeof Mapping>
