import { z } from 'zod'
import { route } from '../contract.ts'
import { CHOSEN_STUDENTS, NAME_STUDENTS, namesStudents } from './chosen-students.ts'
import { ApiFile, At, Id, PageQuery } from './envelope.ts'

/** What a student can be asked for beside the code. */
export const CLAIM_CHECKS = ['student_number', 'birth_date'] as const
export type ClaimCheck = (typeof CLAIM_CHECKS)[number]

export const INVITATION_STATES = ['open', 'claimed', 'ended', 'expired'] as const
export type InvitationState = (typeof INVITATION_STATES)[number]
export const INVITATION_WAYS = ['mail', 'print'] as const
export type InvitationWay = (typeof INVITATION_WAYS)[number]

/** Ten codes a sheet of A4, and so many sheets in a file. */
export const CODES_A_FILE = 100

const Chosen = z.strictObject({ ...CHOSEN_STUDENTS, by: z.enum(INVITATION_WAYS) }).refine(namesStudents, NAME_STUDENTS)

/** How many are invited, and of the others why not. Each student counts once. */
export const InvitationPreview = z.object({
  chosen: z.int(),
  invited: z.int(),
  hasAccount: z.int(),
  notActive: z.int(),
  noEmail: z.int(),
  /** An account of somebody else has this e-mail address. */
  addressInUse: z.int(),
  /** The school asks for it, and it is not known. */
  noBirthDate: z.int(),
  /** Of those invited: an earlier invitation ends with the new one. */
  replaced: z.int(),
})
export type InvitationPreview = z.infer<typeof InvitationPreview>

export const Invitation = z.object({
  id: Id,
  batchId: Id,
  by: z.enum(INVITATION_WAYS),
  state: z.enum(INVITATION_STATES),
  student: z.object({ id: Id, studentNumber: z.string(), name: z.string() }),
  to: z.string().nullable(),
  /** Wrong tries left; at 0 it opens nothing any more. */
  triesLeft: z.int(),
  madeAt: At,
  expiresAt: At,
  claimedAt: At.nullable(),
})
export type Invitation = z.infer<typeof Invitation>

export const previewInvitations = route({
  method: 'post',
  path: '/invitations/preview',
  can: 'user:create',
  summary: 'What inviting these students would do.',
  body: Chosen,
  data: InvitationPreview,
})

export const inviteStudents = route({
  method: 'post',
  path: '/invitations',
  can: 'user:create',
  summary: 'Invite students to their accounts, by mail or on paper: a job does it.',
  status: 202,
  body: Chosen,
  data: z.object({ jobId: Id, batchId: Id, preview: InvitationPreview }),
})

export const listInvitations = route({
  method: 'get',
  path: '/invitations',
  can: 'user:read',
  summary: 'Invitations of students, newest first.',
  query: PageQuery.extend({
    state: z.enum(INVITATION_STATES).optional(),
    batchId: Id.optional(),
    search: z.string().trim().max(100).optional(),
  }),
  data: z.array(Invitation),
})

const params = z.object({ invitationId: Id })

export const endInvitation = route({
  method: 'post',
  path: '/invitations/:invitationId/end',
  can: 'user:update',
  summary: 'Take an invitation back.',
  params,
  data: Invitation,
})

export const resendInvitation = route({
  method: 'post',
  path: '/invitations/:invitationId/resend',
  can: 'user:create',
  summary: 'A new invitation in the place of this one, the same way.',
  status: 201,
  params,
  data: Invitation,
})

export const invitationSheet = route({
  method: 'get',
  path: '/invitations/batches/:batchId/sheet.pdf',
  can: 'user:create',
  summary: 'Codes on sheets of A4 to cut, ten a sheet and a hundred a file; for a day after they were made.',
  params: z.object({ batchId: Id }),
  query: z.object({ part: z.coerce.number().int().min(1).max(10_000).default(1) }),
  data: ApiFile,
  file: 'application/pdf',
})

export const claimInvitation = route({
  method: 'post',
  path: '/invitations/claim',
  can: 'anyone',
  summary: 'Take an account with the code from paper or the token of a link.',
  status: 201,
  body: z.strictObject({
    code: z.string().min(1).max(100),
    studentNumber: z.string().trim().max(50).optional(),
    birthDate: z.iso.date('must be a date such as 2007-05-31').optional(),
    /** Needed where the school knows no address of the student. */
    email: z.email('must be an e-mail address').max(254).optional(),
    password: z.string().min(8, 'must have at least 8 characters').max(256, 'must have at most 256 characters'),
  }),
  data: z.object({
    /** What to sign in with. */
    email: z.string(),
    schoolName: z.string(),
  }),
})

export const InvitationSettings = z.strictObject({
  checks: z.array(z.enum(CLAIM_CHECKS)).max(CLAIM_CHECKS.length),
})
export type InvitationSettings = z.infer<typeof InvitationSettings>

export const getInvitationSettings = route({
  method: 'get',
  path: '/settings/invitations',
  can: 'settings:read',
  summary: 'What a student is asked for beside the code.',
  data: InvitationSettings,
})

export const setInvitationSettings = route({
  method: 'put',
  path: '/settings/invitations',
  can: 'settings:update',
  summary: 'Say what a student is asked for beside the code.',
  body: InvitationSettings,
  data: InvitationSettings,
})
