import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'

export const STUDENT_STATUSES = ['active', 'inactive', 'graduated', 'suspended'] as const

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const graphemeCount = (text: string) => [...graphemes.segment(text)].length
const personName = (least: number) =>
  z
    .string()
    .trim()
    .max(1000)
    .transform(text => text.normalize('NFC'))
    .refine(text => graphemeCount(text) >= least && graphemeCount(text) <= 100, `${least} to 100 characters`)

export const Student = z.object({
  id: Id,
  /** The school's own number: text, zeros kept. */
  studentNumber: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  department: z.string().nullable(),
  status: z.enum(STUDENT_STATUSES),
  passCount: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type Student = z.infer<typeof Student>

const fields = {
  studentNumber: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9-]{3,50}$/, 'letters, digits and hyphens, 3 to 50'),
  firstName: personName(1),
  /** May be empty: not everybody has one. */
  lastName: personName(0),
  email: z.email('must be an e-mail address').max(254).nullable(),
  department: z.string().trim().min(1).max(100).nullable(),
  status: z.enum(STUDENT_STATUSES),
}

export const listStudents = route({
  method: 'get',
  path: '/students',
  can: 'student:read',
  summary: 'Students of the school.',
  query: PageQuery.extend({
    search: z.string().trim().max(100).optional(),
    status: z.enum(STUDENT_STATUSES).optional(),
    sort: z.enum(['name', '-name', 'studentNumber', '-studentNumber', 'createdAt', '-createdAt']).default('name'),
  }),
  data: z.array(Student),
})

export const getStudent = route({
  method: 'get',
  path: '/students/:studentId',
  can: 'student:read',
  summary: 'One student.',
  params: z.object({ studentId: Id }),
  data: Student,
})

export const createStudent = route({
  method: 'post',
  path: '/students',
  can: 'student:create',
  summary: 'Enter a student.',
  status: 201,
  body: z.strictObject({
    ...fields,
    email: fields.email.default(null),
    department: fields.department.default(null),
    status: fields.status.default('active'),
  }),
  data: Student,
})

export const updateStudent = route({
  method: 'patch',
  path: '/students/:studentId',
  can: 'student:update',
  summary: 'Change a student. Suspending, leaving and graduating act on the passes in the same step.',
  params: z.object({ studentId: Id }),
  body: z.strictObject(fields).partial(),
  data: Student,
})

export const archiveStudent = route({
  method: 'delete',
  path: '/students/:studentId',
  can: 'student:archive',
  summary: 'Archive a student; every pass is revoked at once.',
  params: z.object({ studentId: Id }),
  data: z.object({ passesRevoked: z.int() }),
})
