import { z } from 'zod'
import { route } from '../contract.ts'
import { ROLES } from '../rights.ts'
import { At, Id, PageQuery } from './envelope.ts'

const word = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[a-z_-]+$/, 'a word of small letters')

/** `pass.revoke`, or `pass` for everything that was done with passes. */
const Action = z
  .string()
  .trim()
  .regex(/^[a-z_]{1,40}(\.[a-z_]{1,40})?$/, 'such as pass.revoke, or pass for all of them')

export const AUDIT_BY_KINDS = ['user', 'key', 'scim', 'job', 'command', 'nobody'] as const

export const AuditRow = z.object({
  id: Id,
  /** Place in the chain; null for a second or so after the act. */
  number: z.int().nullable(),
  at: At,
  action: z.string(),
  by: z.object({
    kind: z.enum(AUDIT_BY_KINDS),
    id: Id.nullable(),
    /** Null: erased. */
    name: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    address: z.string().nullable(),
  }),
  requestId: z.string().nullable(),
  subject: z.object({ kind: z.string(), id: z.string() }).nullable(),
  studentId: Id.nullable(),
  /** Of a list: how many students it showed, 100 at most. */
  studentsShown: z.int(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  note: z.string().nullable(),
  /** What it told is gone: the person asked to be forgotten, or the time for keeping it is over. */
  erased: z.boolean(),
})
export type AuditRow = z.infer<typeof AuditRow>

const cursor = z.string().max(200).optional()

export const listAudit = route({
  method: 'get',
  path: '/audit',
  can: 'audit:read',
  summary: 'Who did what, newest first.',
  query: z.object({
    cursor,
    limit: PageQuery.shape.limit,
    action: Action.optional(),
    subjectKind: word.optional(),
    subjectId: z.string().trim().min(1).max(100).optional(),
    /** Who did it: a user of the school, or a super_admin. */
    byId: Id.optional(),
    /** Whose data it is about, also among the rows of a list. */
    studentId: Id.optional(),
    from: At.optional(),
    to: At.optional(),
    /** Words of the note. */
    search: z.string().trim().max(100).optional(),
  }),
  data: z.array(AuditRow),
})

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const AuditProof = z.object({
  holds: z.boolean(),
  /** Rows that were looked at. */
  rows: z.int(),
  /** Rows of which nothing but the place and the act is left. */
  erased: z.int(),
  /** Rows that wait for their place. */
  waiting: z.int(),
  /** The first number there is: 1, or what follows the newest checkpoint. */
  from: z.int().nullable(),
  /** The end of the chain. Who keeps it elsewhere can ask later whether it is still part of it. */
  head: z.object({ number: z.int(), hash: Sha256 }).nullable(),
  broken: z.object({ number: z.int(), why: z.string() }).nullable(),
})
export type AuditProof = z.infer<typeof AuditProof>

export const auditProof = route({
  method: 'get',
  path: '/audit/proof',
  can: 'audit:read',
  summary: 'Walks the chain of the audit log and says whether it holds, or which row is the first that does not.',
  query: z.object({
    /** An end of the chain from earlier, `number:hash`: it has to be in it still. */
    expect: z
      .string()
      .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'must be number:hash')
      .optional(),
  }),
  data: AuditProof,
})

export const MyLook = z.object({
  id: Id,
  at: At,
  action: z.string(),
  /** Null: no longer kept. */
  who: z.string().nullable(),
  role: z.enum(ROLES).nullable(),
  /** One of many, in a list. */
  inList: z.boolean(),
})
export type MyLook = z.infer<typeof MyLook>

export const myAudit = route({
  method: 'get',
  path: '/my/audit',
  can: 'my:read',
  summary: 'Who looked at what the school keeps of you, and who changed it, newest first.',
  query: z.object({ cursor, limit: PageQuery.shape.limit }),
  data: z.array(MyLook),
})
