import { z } from 'zod'
import { Answer } from '../../applications/answers.ts'
import { FormContent } from '../../applications/form.ts'
import { APPLICATION_EVENTS, APPLICATION_STATUSES } from '../../applications/machine.ts'
import { PassId } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { At, Id, PageQuery, RowVersion } from './envelope.ts'
import { FILE_REFUSALS, FILE_STATES } from './files.ts'
import { SearchText, typed } from './text.ts'

export const CHECK_KINDS = ['roster', 'documents', 'eligibility', 'duplicates'] as const
export type CheckKind = (typeof CHECK_KINDS)[number]
/** `attention`: a reviewer has to look. No check decides. */
export const CHECK_STATES = ['waiting', 'clear', 'attention'] as const
export type CheckState = (typeof CHECK_STATES)[number]

/** What a check found, in words, and what it leads to. */
export const Finding = z.object({
  message: z.string(),
  /** The field of the form it is about. */
  field: z.string().nullable(),
  link: z.object({ kind: z.enum(['student', 'application', 'pass']), id: z.string() }).nullable(),
})
export type Finding = z.infer<typeof Finding>

export const ApplicationCheck = z.object({
  kind: z.enum(CHECK_KINDS),
  state: z.enum(CHECK_STATES),
  /** Names of the facts that were read. */
  read: z.array(z.string()),
  findings: z.array(Finding),
  askedAt: At,
  doneAt: At.nullable(),
})

export const ApplicationForm = FormContent.extend({ version: RowVersion })
export type ApplicationForm = z.infer<typeof ApplicationForm>

const answers = z
  .record(z.string().max(40), Answer)
  .refine(given => Object.keys(given).length <= 100, 'at most 100 answers')

export const ApplicationEntry = z.object({
  id: Id,
  at: At,
  side: z.enum(['applicant', 'reviewer', 'system']),
  /** Null: the service, or somebody of the platform. Applicants are not told the names of reviewers. */
  by: z.string().nullable(),
  event: z.enum(APPLICATION_EVENTS).nullable(),
  toStatus: z.enum(APPLICATION_STATUSES).nullable(),
  /** The applicant does not see it. */
  internal: z.boolean(),
  text: z.string().nullable(),
})
export type ApplicationEntry = z.infer<typeof ApplicationEntry>

const HandedIn = z.object({
  field: z.string(),
  fileId: Id,
  name: z.string(),
  state: z.enum(FILE_STATES),
  refusal: z.enum(FILE_REFUSALS).nullable(),
  expiresOn: z.string().nullable(),
})

const common = {
  id: Id,
  status: z.enum(APPLICATION_STATUSES),
  begunAt: At,
  submittedAt: At.nullable(),
  /** Until when somebody is to act. */
  dueAt: At.nullable(),
  decidedAt: At.nullable(),
  /** What was said with the decision. */
  reason: z.string().nullable(),
  passId: PassId.nullable(),
  version: RowVersion,
  updatedAt: At,
}

const told = {
  form: ApplicationForm,
  /** Identity numbers are `…34`. */
  answers,
  files: z.array(HandedIn),
  entries: z.array(ApplicationEntry),
}

/** As its applicant sees it. */
export const MyApplication = z.object({
  ...common,
  ...told,
  /** What is asked for, where documents are. */
  wanted: z.array(z.object({ field: z.string().nullable(), message: z.string() })),
})
export type MyApplication = z.infer<typeof MyApplication>

export const ApplicationRow = z.object({
  ...common,
  student: z.object({ id: Id, name: z.string(), studentNumber: z.string() }),
  assignee: z.object({ id: Id, name: z.string() }).nullable(),
  overdue: z.boolean(),
  /** How many checks ask a reviewer to look, and how many have not answered. */
  attention: z.int(),
  waiting: z.int(),
})
export type ApplicationRow = z.infer<typeof ApplicationRow>

export const ApplicationInFull = ApplicationRow.extend({
  ...told,
  checks: z.array(ApplicationCheck),
  /** Fields of which this caller sees a part or nothing. */
  masked: z.array(z.string()),
  /** It is the caller's own: somebody else decides. */
  own: z.boolean(),
})
export type ApplicationInFull = z.infer<typeof ApplicationInFull>

const params = z.object({ applicationId: Id })
const reason = typed({ least: 3, most: 1_000 })

export const getApplicationForm = route({
  method: 'get',
  path: '/application-form',
  can: 'settings:read',
  summary: 'What the school asks of who applies for a pass, and its deadlines.',
  data: ApplicationForm,
})

export const putApplicationForm = route({
  method: 'put',
  path: '/application-form',
  can: 'settings:update',
  summary: 'Write a new version of the form. Applications that were begun keep theirs.',
  body: FormContent,
  data: ApplicationForm,
})

export const listMyApplications = route({
  method: 'get',
  path: '/my/applications',
  can: 'my:apply',
  summary: 'My applications, newest first.',
  data: z.array(z.object(common)),
})

export const beginApplication = route({
  method: 'post',
  path: '/my/applications',
  can: 'my:apply',
  summary: 'Begin an application. One at a time is open.',
  status: 201,
  data: MyApplication,
})

export const getMyApplication = route({
  method: 'get',
  path: '/my/applications/:applicationId',
  can: 'my:apply',
  summary: 'One of my applications.',
  params,
  data: MyApplication,
})

export const saveMyApplication = route({
  method: 'patch',
  path: '/my/applications/:applicationId',
  can: 'my:apply',
  summary:
    'Save answers of a draft, or documents that were asked for. Only what is named changes; null takes an answer away.',
  params,
  body: z.strictObject({
    answers: z
      .record(z.string().max(40), Answer.nullable())
      .refine(given => Object.keys(given).length <= 100, 'at most 100 answers'),
  }),
  data: MyApplication,
})

const own = (verb: string, summary: string) =>
  route({
    method: 'post',
    path: `/my/applications/:applicationId/${verb}`,
    can: 'my:apply',
    summary,
    params,
    data: MyApplication,
  })
export const submitMyApplication = own('submission', 'Submit a draft, or hand in what was asked for.')
export const withdrawMyApplication = own('withdrawal', 'Withdraw an application.')
export const reopenMyApplication = own('reopening', 'Go on with an application that was withdrawn.')

export const listApplications = route({
  method: 'get',
  path: '/applications',
  can: 'application:read',
  summary: 'Applications of the school. Drafts are their applicants’ own.',
  query: PageQuery.extend({
    status: z.enum(APPLICATION_STATUSES).exclude(['draft']).optional(),
    /** `open`: not decided and not withdrawn. */
    open: z.enum(['true', 'false']).optional(),
    assigned: z.union([z.enum(['me', 'none']), Id]).optional(),
    overdue: z.enum(['true', 'false']).optional(),
    attention: z.enum(['true', 'false']).optional(),
    search: SearchText.optional(),
    sort: z.enum(['submittedAt', '-submittedAt', 'dueAt', '-dueAt']).default('submittedAt'),
  }),
  data: z.array(ApplicationRow),
})

export const getApplication = route({
  method: 'get',
  path: '/applications/:applicationId',
  can: 'application:read',
  summary: 'One application: answers, documents, checks and what happened.',
  params,
  data: ApplicationInFull,
})

export const commentApplication = route({
  method: 'post',
  path: '/applications/:applicationId/comments',
  can: 'application:comment',
  summary: 'Say something: to colleagues, or to the applicant.',
  status: 201,
  params,
  body: z.strictObject({ text: typed({ least: 1, most: 2_000 }), internal: z.boolean().default(true) }),
  data: ApplicationInFull,
})

export const assignApplication = route({
  method: 'put',
  path: '/applications/:applicationId/assignee',
  can: 'application:decide',
  summary: 'Say who reviews it; null: nobody yet. Who takes it for oneself begins the review.',
  params,
  body: z.strictObject({ userId: Id.nullable() }),
  data: ApplicationInFull,
})

export const nextApplication = route({
  method: 'post',
  path: '/applications/next',
  can: 'application:decide',
  summary: 'Take the application that waits longest and is nobody’s. Of two who ask at once each gets another.',
  data: z.object({ applicationId: Id.nullable() }),
})

export const recheckApplication = route({
  method: 'post',
  path: '/applications/:applicationId/checks',
  can: 'application:comment',
  summary: 'Run checks again; all when none is named.',
  status: 202,
  params,
  body: z.strictObject({
    checks: z
      .array(z.enum(CHECK_KINDS))
      .min(1)
      .max(4)
      .default([...CHECK_KINDS]),
  }),
  data: z.object({ jobIds: z.array(Id) }),
})

export const askDocuments = route({
  method: 'post',
  path: '/applications/:applicationId/documents-wanted',
  can: 'application:decide',
  summary: 'Ask the applicant for documents, in your words.',
  status: 201,
  params,
  body: z.strictObject({ reason }),
  data: ApplicationInFull,
})

export const DECISIONS = ['approve', 'reject', 'reopen'] as const
const decision = { decision: z.enum(DECISIONS), reason: reason.nullable().default(null) }
const isReasoned = (said: { decision: string; reason: string | null }) =>
  said.decision !== 'reject' || said.reason !== null
const UNREASONED = { path: ['reason'], message: 'say why it is rejected: the applicant reads it' }

export const decideApplication = route({
  method: 'post',
  path: '/applications/:applicationId/decision',
  can: 'application:decide',
  summary:
    'Approve, and issue the pass at once; reject with a reason; or take a rejection back. Nobody decides their own.',
  status: 201,
  params,
  body: z.strictObject(decision).refine(isReasoned, UNREASONED),
  data: ApplicationInFull,
})

export const decideApplications = route({
  method: 'post',
  path: '/applications/decisions',
  can: 'application:decide',
  summary: 'Decide many alike. Each is answered for itself; one that is so already is done.',
  body: z
    .strictObject({ ...decision, applicationIds: z.array(Id).min(1, 'choose at least one').max(100) })
    .refine(isReasoned, UNREASONED),
  data: z.array(
    z.object({
      applicationId: Id,
      done: z.boolean(),
      status: z.enum(APPLICATION_STATUSES).nullable(),
      /** Why it was not. */
      problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
})
