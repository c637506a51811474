import { exportJobs, exportUsers } from '@gatehouse/shared/wire/api/exports.ts'
import type { Binder } from '../http/bind.ts'
import { jobsAfter } from '../jobs/jobs.repo.ts'
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
}
