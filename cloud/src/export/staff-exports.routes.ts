import {
  exportApplications,
  exportAudit,
  exportDepartments,
  exportGates,
  exportInvitations,
  exportJobs,
  exportUsers,
} from '@gatehouse/shared/wire/api/exports.ts'
import { queueAfter } from '../applications/queue.repo.ts'
import { type AuditCursor, auditRowOf, listAudit } from '../audit/audit.repo.ts'
import { listDepartments } from '../departments/departments.repo.ts'
import { listGates } from '../gates/gates.repo.ts'
import type { Binder } from '../http/bind.ts'
import { invitationsAfter, stateOf } from '../invitations/invitations.repo.ts'
import { jobsAfter } from '../jobs/jobs.repo.ts'
import { nameOf } from '../students/name.ts'
import { usersAfter } from '../users/users.repo.ts'
import { continued, type ExportNeeds, exportRoute, PAGE_ROWS } from './send-list.ts'

/** Lists of what administrators see to, as files. Bound before the lists themselves: `/users/export` is nobody. */
export function staffExportsRoutes(routes: Binder, needs: ExportNeeds): void {
  exportRoute(routes, needs, exportUsers, 'users', ({ query }) => ({
    headings: ['Name', 'E-mail', 'Role', 'Rights beside it', 'Active', 'Entered', 'Changed'],
    async page(tx, after: string | null) {
      const rows = await usersAfter(tx, { ...query, after, limit: PAGE_ROWS })
      return {
        rows: rows.map(row => [
          row.display_name,
          row.email,
          row.role,
          row.grants.join(', '),
          row.active ? 'yes' : 'no',
          row.created_at.toISOString(),
          row.updated_at.toISOString(),
        ]),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))

  exportRoute(routes, needs, exportApplications, 'applications', ({ query, who }) => ({
    headings: [
      'Student',
      'Student number',
      'Status',
      'Submitted',
      'Decide by',
      'Decided',
      'Reason',
      'Reviewer',
      'Checks to look at',
    ],
    async page(tx, after: string | null) {
      const rows = await queueAfter(tx, {
        ...query,
        me: who.userId,
        nowMs: needs.nowMs(),
        after,
        limit: PAGE_ROWS,
      })
      return {
        rows: rows.map(row => [
          nameOf(row),
          row.student_number,
          row.status,
          row.submitted_at?.toISOString() ?? null,
          row.due_at?.toISOString() ?? null,
          row.decided_at?.toISOString() ?? null,
          row.reason,
          row.assignee,
          row.attention,
        ]),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))

  exportRoute(routes, needs, exportJobs, 'jobs', ({ query }) => ({
    headings: ['Job', 'Kind', 'What', 'State', 'Done', 'Of', 'Tries', 'Problem', 'Asked by', 'Asked', 'Begun', 'Ended'],
    async page(tx, after: string | null) {
      const rows = await jobsAfter(tx, { ...query, after, limit: PAGE_ROWS })
      return {
        rows: rows.map(row => [
          row.id,
          row.kind,
          row.title,
          row.state,
          Number(row.done),
          row.total === null ? null : Number(row.total),
          row.tries,
          row.error,
          row.made_by_name,
          row.made_at.toISOString(),
          row.started_at?.toISOString() ?? null,
          row.ended_at?.toISOString() ?? null,
        ]),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))

  exportRoute(routes, needs, exportInvitations, 'invitations', ({ query }) => ({
    headings: ['Student', 'Student number', 'By', 'State', 'To', 'Made', 'Until', 'Claimed', 'Ended'],
    async page(tx, after: string | null) {
      const nowMs = needs.nowMs()
      const rows = await invitationsAfter(tx, { ...query, nowMs, after, limit: PAGE_ROWS })
      return {
        rows: rows.map(row => [
          nameOf(row),
          row.student_number,
          row.way,
          stateOf(row, nowMs),
          row.to_address,
          row.made_at.toISOString(),
          row.expires_at.toISOString(),
          row.claimed_at?.toISOString() ?? null,
          row.ended_at?.toISOString() ?? null,
        ]),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))

  exportRoute(routes, needs, exportDepartments, 'departments', () => ({
    headings: ['Department', 'Students', 'Entered', 'Changed'],
    async page(tx) {
      const rows = await listDepartments(tx)
      return {
        rows: rows.map(row => [
          row.name,
          row.student_count,
          row.created_at.toISOString(),
          row.updated_at.toISOString(),
        ]),
        next: null,
      }
    },
  }))

  exportRoute(routes, needs, exportGates, 'gates', () => ({
    headings: ['Gate', 'Short name', 'Online', 'Since', 'Last event', 'Entered'],
    async page(tx) {
      const rows = await listGates(tx)
      return {
        rows: rows.map(row => [
          row.name,
          row.short_name,
          row.online ? 'yes' : 'no',
          row.since?.toISOString() ?? null,
          row.last_event_at?.toISOString() ?? null,
          row.created_at.toISOString(),
        ]),
        next: null,
      }
    },
  }))

  exportRoute(routes, needs, exportAudit, 'audit', ({ query }) => ({
    headings: [
      'Number',
      'At',
      'What',
      'By',
      'Role',
      'From',
      'Request',
      'Of kind',
      'Of',
      'Student',
      'Before',
      'After',
      'Note',
    ],
    async page(tx, after: AuditCursor | null) {
      const rows = await listAudit(tx, { ...query, after, limit: PAGE_ROWS })
      return {
        rows: rows
          .map(auditRowOf)
          .map(row => [
            row.number,
            row.at,
            row.action,
            row.by.name,
            row.by.role,
            row.by.address,
            row.requestId,
            row.subject?.kind ?? null,
            row.subject?.id ?? null,
            row.studentId,
            row.before === null ? null : JSON.stringify(row.before),
            row.after === null ? null : JSON.stringify(row.after),
            row.note,
          ]),
        next: continued(rows, ({ at, id }) => ({ atMs: at.getTime(), id })),
      }
    },
  }))
}
