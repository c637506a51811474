import { exportVisitors } from '@gatehouse/shared/wire/api/exports.ts'
import type { Visitor } from '@gatehouse/shared/wire/api/visitors.ts'
import type { Cell } from '../export/cell.ts'
import { continued, type ExportNeeds, exportRoute, PAGE_ROWS } from '../export/send-list.ts'
import type { Binder } from '../http/bind.ts'
import { visitorsShown } from './visitor-shown.ts'
import { visitorsAfter } from './visitors-list.repo.ts'

/** Visitors as a file; with `state=inside` the sheet that is taken along when the house is emptied. Bound before the list: `export` is nobody. */
export function visitorExportRoutes(routes: Binder, needs: ExportNeeds): void {
  const { vault } = needs
  exportRoute(routes, needs, exportVisitors, 'visitors', ({ query, who }) => ({
    headings: HEADINGS,
    async page(tx, after: string | null) {
      const nowMs = needs.nowMs()
      const rows = await visitorsAfter(tx, { ...query, after, limit: PAGE_ROWS }, { nowMs, schoolId: who.school.id })
      return {
        rows: (await visitorsShown(tx, { vault, who, nowMs }, rows)).map(cells),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))
}

const HEADINGS = [
  'First name',
  'Last name',
  'Organisation',
  'Phone',
  'E-mail',
  'Host',
  'Purpose',
  'Visit',
  'Pass',
  'From',
  'Until',
  'Escorted',
  'Arrived',
  'Left',
  'Entered',
] as const

function cells({ visit, ...visitor }: Visitor): Cell[] {
  return [
    visitor.firstName,
    visitor.lastName,
    visitor.organisation,
    visitor.phone,
    visitor.email,
    visitor.host.name,
    visitor.purpose,
    visit?.state ?? null,
    visit?.serial ?? null,
    visit?.from ?? null,
    visit?.until ?? null,
    visit === null ? null : visit.escort ? 'yes' : 'no',
    visit?.arrivedAt ?? null,
    visit?.leftAt ?? null,
    visitor.createdAt,
  ]
}
