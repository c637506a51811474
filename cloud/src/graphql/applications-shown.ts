import type { ApplicationRow } from '@gatehouse/shared/wire/api/applications.ts'
import type { QueueRow } from '../applications/queue.repo.ts'
import { rowOf } from '../applications/shown.ts'
import type { SchoolPerson } from '../http/bind.ts'

/** An application; what only reviewers see is null to its applicant. */
export type ApplicationShown = Omit<ApplicationRow, 'overdue' | 'attention' | 'waiting'> & {
  readonly overdue: boolean | null
  readonly attention: number | null
  readonly waiting: number | null
  readonly own: boolean
}

export function applicationShown(who: SchoolPerson, row: QueueRow, nowMs: number): ApplicationShown {
  const shown = { ...rowOf(row, nowMs), own: row.applicant_user === who.userId }
  return who.role === 'student' ? { ...shown, assignee: null, overdue: null, attention: null, waiting: null } : shown
}
