import { fail, ok, type Result } from '../result.ts'

export const APPLICATION_STATUSES = [
  'draft',
  'submitted',
  'under_review',
  'requires_documents',
  'approved',
  'rejected',
  'withdrawn',
] as const
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number]

export const APPLICATION_EVENTS = [
  'submit',
  'take',
  'ask_documents',
  'hand_in',
  'approve',
  'reject',
  'withdraw',
  'reopen',
  'expire',
] as const
export type ApplicationEvent = (typeof APPLICATION_EVENTS)[number]

export type ApplicationActor = 'applicant' | 'reviewer' | 'system'

type Step = { readonly to: ApplicationStatus; readonly by: readonly ApplicationActor[] }
type Steps = { readonly [S in ApplicationStatus]: { readonly [E in ApplicationEvent]?: Step } }

const step = (to: ApplicationStatus, ...by: ApplicationActor[]): Step => ({ to, by })

/**
 * What may happen to an application, and who may do it. The system asks for documents and hands over to a reviewer
 * (`expire`: a check gave no answer in time, or documents did not come); it never approves and never rejects.
 * An approved application stays so: its pass is revoked, not its approval.
 */
const STEPS: Steps = {
  draft: { submit: step('submitted', 'applicant'), withdraw: step('withdrawn', 'applicant') },
  submitted: {
    take: step('under_review', 'reviewer'),
    ask_documents: step('requires_documents', 'reviewer', 'system'),
    approve: step('approved', 'reviewer'),
    reject: step('rejected', 'reviewer'),
    withdraw: step('withdrawn', 'applicant'),
    expire: step('under_review', 'system'),
  },
  under_review: {
    ask_documents: step('requires_documents', 'reviewer', 'system'),
    approve: step('approved', 'reviewer'),
    reject: step('rejected', 'reviewer'),
    withdraw: step('withdrawn', 'applicant'),
  },
  requires_documents: {
    // What was brought to the office on paper.
    take: step('under_review', 'reviewer'),
    hand_in: step('submitted', 'applicant'),
    reject: step('rejected', 'reviewer'),
    withdraw: step('withdrawn', 'applicant'),
    expire: step('under_review', 'system'),
  },
  approved: {},
  rejected: { reopen: step('under_review', 'reviewer') },
  withdrawn: { reopen: step('draft', 'applicant') },
}

/** Where the event leads; `not_theirs`: it leads somewhere, but for somebody else. */
export function next(
  status: ApplicationStatus,
  event: ApplicationEvent,
  by: ApplicationActor,
): Result<ApplicationStatus, 'not_now' | 'not_theirs'> {
  const found = STEPS[status][event]
  if (found === undefined) return fail('not_now')
  return found.by.includes(by) ? ok(found.to) : fail('not_theirs')
}

/** The applicant may still change what it says. */
export const isOpenToApplicant = (status: ApplicationStatus): boolean =>
  status === 'draft' || status === 'requires_documents'

/** Somebody has still to do something about it. A person has one of these at a time. */
export const OPEN_STATUSES = ['draft', 'submitted', 'under_review', 'requires_documents'] as const
