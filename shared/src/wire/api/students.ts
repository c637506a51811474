import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { SearchText, typed } from './text.ts'

export const STUDENT_STATUSES = ['active', 'inactive', 'graduated', 'suspended'] as const

/** Kept sealed, and shown in full to who may read personal data. */
export const PERSONAL_FIELDS = ['birthDate', 'phone', 'privateEmail', 'address', 'notes'] as const

export const DateOnly = z.iso.date({ error: 'must be a date such as 2008-05-17' })
/** ISO 3166-1 alpha-2. */
export const Country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters, such as NL')

export const Address = z.strictObject({
  /** Street and number, as they stand on an envelope. */
  lines: z.array(typed({ least: 1, most: 100 })).max(4, 'at most 4 lines'),
  postalCode: typed({ least: 1, most: 20 }).nullable().default(null),
  town: typed({ least: 1, most: 100 }),
  country: Country.nullable().default(null),
})
export type Address = z.infer<typeof Address>

export const Student = z.object({
  id: Id,
  /** The school's own number: text, zeros kept. */
  studentNumber: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  department: z.object({ id: Id, name: z.string() }).nullable(),
  status: z.enum(STUDENT_STATUSES),
  enrolledOn: z.string().nullable(),
  /** `2008-05-17`; masked it is the year. */
  birthDate: z.string().nullable(),
  /** `+31612345678`; masked it is `…78`. */
  phone: z.string().nullable(),
  /** Masked it is null. */
  privateEmail: z.string().nullable(),
  /** Masked it is the town. */
  address: z.object({ ...Address.shape, postalCode: z.string().nullable(), country: z.string().nullable() }).nullable(),
  /** What this caller sees in part or not at all, known or not. */
  masked: z.array(z.enum(PERSONAL_FIELDS)),
  passCount: z.int(),
  /** The student left and keeps the passes until then; null: they stay or are gone. */
  passesEndAt: z.string().nullable(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type Student = z.infer<typeof Student>

/** Notes may be long, so lists are without them. */
export const StudentInFull = Student.extend({ notes: z.string().nullable() })
export type StudentInFull = z.infer<typeof StudentInFull>

const email = z.string().trim().max(254).pipe(z.email('must be an e-mail address'))
export const STUDENT_FIELDS = {
  /** The school says which are right; by itself letters, digits and hyphens, 3 to 50. */
  studentNumber: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .regex(/^[\x21-\x7e]+$/, 'letters, digits and signs without blanks'),
  firstName: typed({ least: 1, most: 100 }),
  /** May be empty: not everybody has one. */
  lastName: typed({ least: 0, most: 100 }),
  email: email.nullable(),
  departmentId: Id.nullable(),
  status: z.enum(STUDENT_STATUSES),
  enrolledOn: DateOnly.nullable(),
  birthDate: DateOnly.refine(date => date >= '1900-01-01', 'must be after 1900').nullable(),
  /** As people write it; without + it is one of the school's country. */
  phone: z.string().trim().min(1).max(40).nullable(),
  privateEmail: email.nullable(),
  address: Address.nullable(),
  notes: typed({ least: 1, most: 2000 }).nullable(),
}

/** Which students: of the list, and of what is done with many at once. */
export const studentFilters = {
  search: SearchText.optional(),
  status: z.enum(STUDENT_STATUSES).optional(),
  /** `none`: of no department. */
  departmentId: z.union([Id, z.literal('none')]).optional(),
  createdFrom: At.optional(),
  createdTo: At.optional(),
  enrolledFrom: DateOnly.optional(),
  enrolledTo: DateOnly.optional(),
  /** Has a pass that is not revoked and has not run out. */
  hasPass: z.enum(['true', 'false']).optional(),
}

const params = z.object({ studentId: Id })

export const listStudents = route({
  method: 'get',
  path: '/students',
  can: 'student:read',
  summary:
    'Students of the school. Who may read personal data finds a phone number or private e-mail address too, whole.',
  query: PageQuery.extend({
    ...studentFilters,
    sort: z
      .enum([
        'name',
        '-name',
        'studentNumber',
        '-studentNumber',
        'createdAt',
        '-createdAt',
        'enrolledOn',
        '-enrolledOn',
      ])
      .default('name'),
  }),
  data: z.array(Student),
})

export const getStudent = route({
  method: 'get',
  path: '/students/:studentId',
  can: 'student:read',
  summary: 'One student.',
  params,
  data: StudentInFull,
})

export const createStudent = route({
  method: 'post',
  path: '/students',
  can: 'student:create',
  summary: 'Enter a student.',
  status: 201,
  body: z.strictObject({
    ...STUDENT_FIELDS,
    email: STUDENT_FIELDS.email.default(null),
    departmentId: STUDENT_FIELDS.departmentId.default(null),
    status: STUDENT_FIELDS.status.default('active'),
    enrolledOn: STUDENT_FIELDS.enrolledOn.default(null),
    birthDate: STUDENT_FIELDS.birthDate.default(null),
    phone: STUDENT_FIELDS.phone.default(null),
    privateEmail: STUDENT_FIELDS.privateEmail.default(null),
    address: STUDENT_FIELDS.address.default(null),
    notes: STUDENT_FIELDS.notes.default(null),
  }),
  data: StudentInFull,
})

export const updateStudent = route({
  method: 'patch',
  path: '/students/:studentId',
  can: 'student:update',
  summary:
    'Change a student. What a new status means for the passes is done in the same step; personal fields change who may read them.',
  params,
  body: z.strictObject({
    ...z.object(STUDENT_FIELDS).partial().shape,
    /** With a status of who left: the day from which the passes no longer open. Left out: as many days as the school gives. */
    passesEndOn: DateOnly.optional(),
  }),
  data: StudentInFull,
})

export const archiveStudent = route({
  method: 'delete',
  path: '/students/:studentId',
  can: 'student:archive',
  summary: 'Archive a student; every pass is revoked at once.',
  params,
  data: z.object({ passesRevoked: z.int() }),
})
