import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'
import { DateOnly, STUDENT_STATUSES, StudentInFull, studentFilters } from './students.ts'

/** What a change of status does to a pass; `stays_revoked`: nothing gives it back. */
export const PASS_EFFECTS = [
  'suspended',
  'given_back',
  'kept_after_all',
  'revoked',
  'revoked_later',
  'stays_revoked',
] as const
export type PassEffect = (typeof PASS_EFFECTS)[number]

/** So many students at once; a year that leaves is an import. */
export const AT_ONCE_MAX = 5_000

const which = {
  /** These ones, or those of a filter as in the list; one of the two. */
  studentIds: z.array(Id).min(1).max(AT_ONCE_MAX).optional(),
  filter: z.strictObject(studentFilters).optional(),
}
const one = (body: { studentIds?: unknown; filter?: unknown }) =>
  (body.studentIds === undefined) !== (body.filter === undefined)
const SAY_WHICH = { message: 'name the students: either studentIds or filter', path: ['studentIds'] }

const change = {
  ...which,
  status: z.enum([...STUDENT_STATUSES, 'archived']),
  /** Of who leaves: the day from which passes no longer open. Left out: as many days as the school gives. */
  passesEndOn: DateOnly.optional(),
}

export const previewStatus = route({
  method: 'post',
  path: '/students/status-preview',
  can: 'student:update',
  summary: 'What a change of status would do, to how many and to which passes exactly. Changes nothing.',
  body: z.strictObject(change).refine(one, SAY_WHICH),
  data: z.object({
    /** Whose status would change. */
    students: z.int(),
    /** Who have it already. */
    unchanged: z.int(),
    /** From when passes of who leaves no longer open; null: it does not end any, or at once. */
    passesEndAt: At.nullable(),
    counts: z.partialRecord(z.enum(PASS_EFFECTS), z.int()),
    /** The first 500, by serial. */
    passes: z.array(
      z.object({
        passId: z.string(),
        serial: z.int(),
        studentId: Id,
        holderName: z.string(),
        effect: z.enum(PASS_EFFECTS),
      }),
    ),
  }),
})

export const changeStatus = route({
  method: 'post',
  path: '/students/status',
  can: 'student:update',
  summary:
    'Change the status of many students; what it means for their passes is done in the same step. To archive takes the right to.',
  body: z
    .strictObject({
      ...change,
      /** The numbers of the preview: where they are others by now nothing is done. */
      seen: z.strictObject({ students: z.int(), passes: z.int() }).optional(),
    })
    .refine(one, SAY_WHICH),
  data: z.object({ students: z.int(), counts: z.partialRecord(z.enum(PASS_EFFECTS), z.int()) }),
})

const sides = z.enum(['this', 'other'])

export const listDuplicates = route({
  method: 'get',
  path: '/students/duplicates',
  can: 'student:update',
  summary:
    'Living students that may be one person: same name and birth date, same phone number or same private e-mail address. The first 100 groups.',
  data: z.array(
    z.object({
      because: z.enum(['person', 'phone', 'privateEmail']),
      students: z.array(
        z.object({
          id: Id,
          studentNumber: z.string(),
          firstName: z.string(),
          lastName: z.string(),
          passCount: z.int(),
          createdAt: At,
        }),
      ),
    }),
  ),
})

export const MERGED_FIELDS = [
  'studentNumber',
  'firstName',
  'lastName',
  'email',
  'departmentId',
  'status',
  'enrolledOn',
  'birthDate',
  'phone',
  'privateEmail',
  'address',
  'notes',
] as const

const merge = z.strictObject({
  otherId: Id,
  /** From which of the two a field is taken; left out, this one's where it has one, else the other's. */
  take: z.partialRecord(z.enum(MERGED_FIELDS), sides).default({}),
})

export const previewMerge = route({
  method: 'post',
  path: '/students/:studentId/merge-preview',
  can: 'student:archive',
  summary: 'What a merge would do. Changes nothing.',
  params: z.object({ studentId: Id }),
  body: merge,
  data: z.object({
    /** A merge cannot be taken back. */
    undoable: z.literal(false),
    /** Fields of this student that would change, and what moves. */
    changes: z.array(z.enum(MERGED_FIELDS)),
    passes: z.int(),
    cards: z.int(),
    applications: z.int(),
    account: z.enum(['none', 'kept', 'moves', 'both']),
    /** Free again once the other is archived; null: this one takes it. */
    freedNumber: z.string().nullable(),
    effects: z.partialRecord(z.enum(PASS_EFFECTS), z.int()),
  }),
})

export const mergeStudents = route({
  method: 'post',
  path: '/students/:studentId/merge',
  can: 'student:archive',
  summary:
    'Make one of two: passes, cards, passages and the account of the other are this one’s, and the other is archived. Cannot be undone.',
  params: z.object({ studentId: Id }),
  body: merge,
  data: StudentInFull,
})

export const HistoryEntry = z.object({
  id: Id,
  at: At,
  action: z.string(),
  by: z.object({ name: z.string().nullable(), role: z.string().nullable(), kind: z.string() }),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  note: z.string().nullable(),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const cursorQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be a cursor of an earlier answer')
    .optional(),
})

export const studentHistory = route({
  method: 'get',
  path: '/students/:studentId/history',
  can: 'student:update',
  summary: 'Who changed what of a student and when, newest first. Personal fields are named and masked.',
  params: z.object({ studentId: Id }),
  query: cursorQuery,
  data: z.array(HistoryEntry),
})

export const userHistory = route({
  method: 'get',
  path: '/users/:userId/history',
  can: 'user:read',
  summary: 'Who changed what of somebody’s account and when, newest first.',
  params: z.object({ userId: Id }),
  query: cursorQuery,
  data: z.array(HistoryEntry),
})
