import type { FormField } from '@gatehouse/shared/applications/form.ts'
import type { ApplicationEvent, ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import type { CheckKind, CheckState } from '@gatehouse/shared/wire/api/applications.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const STATUS_WORDS: Record<ApplicationStatus, string> = {
  draft: 'Draft',
  submitted: 'Submitted',
  under_review: 'In review',
  requires_documents: 'Documents asked for',
  approved: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
}

export const STATUS_TONES: Record<ApplicationStatus, BadgeTone> = {
  draft: 'quiet',
  submitted: 'quiet',
  under_review: 'quiet',
  requires_documents: 'warning',
  approved: 'granted',
  rejected: 'refused',
  withdrawn: 'quiet',
}

export const EVENT_WORDS: Record<ApplicationEvent, string> = {
  submit: 'Submitted',
  take: 'Taken into review',
  ask_documents: 'Documents asked for',
  hand_in: 'Documents handed in',
  approve: 'Approved',
  reject: 'Rejected',
  withdraw: 'Withdrawn',
  reopen: 'Opened again',
  expire: 'Handed to a reviewer',
}

export const CHECK_WORDS: Record<CheckKind, string> = {
  roster: 'Roster',
  documents: 'Documents',
  eligibility: 'Eligibility',
  duplicates: 'Duplicates',
}

export const CHECK_STATE_WORDS: Record<CheckState, string> = {
  waiting: 'Waiting',
  clear: 'Nothing found',
  attention: 'Look at it',
}

export const CHECK_STATE_TONES: Record<CheckState, BadgeTone> = {
  waiting: 'quiet',
  clear: 'granted',
  attention: 'warning',
}

/** An answer as a reader sees it. */
export function sayAnswer(answer: unknown): string {
  if (answer === undefined || answer === null || answer === '') return '–'
  if (typeof answer === 'boolean') return answer ? 'Yes' : 'No'
  return Array.isArray(answer) ? answer.join(', ') : String(answer)
}

const FACT_WORDS: Readonly<Record<string, string>> = {
  'student.number': 'the student’s number',
  'student.status': 'the student’s status',
  'student.archived': 'whether the student is archived',
  'student.department': 'the student’s department',
  'student.enrolledOn': 'since when the student is enrolled',
  'student.nameAndBirthDate': 'name and date of birth of the student',
  students: 'other students',
  applications: 'other applications',
  passes: 'the student’s passes',
}

/** What a check read: a fact of the records, or an answer by the label of its field. */
export function sayFact(name: string, fields: readonly Pick<FormField, 'id' | 'label'>[]): string {
  const field = fields.find(({ id }) => id === name)
  return field === undefined ? (FACT_WORDS[name] ?? name) : `“${field.label}”`
}
