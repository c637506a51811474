import {
  exportAccessEvents,
  exportImportRows,
  exportPasses,
  exportStudents,
} from '@gatehouse/shared/wire/api/exports.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { type Cursor, lineOf, listEvents } from '../access/access-events.repo.ts'
import { earliestFor } from '../access/access-events.routes.ts'
import type { Binder } from '../http/bind.ts'
import { groupNames } from '../passes/groups.repo.ts'
import { groupNumbers, passesAfter } from '../passes/passes.repo.ts'
import { findImport } from '../sis/imports.repo.ts'
import { NO_SUCH_IMPORT } from '../sis/imports.routes.ts'
import { rowOf, rowsAfter } from '../sis/rows.repo.ts'
import { nameOf } from '../students/name.ts'
import { searchedIndexes } from '../students/searched-indexes.ts'
import { shown } from '../students/student-shown.ts'
import { studentsAfter } from '../students/students-found.repo.ts'
import type { Cell } from './cell.ts'
import { continued, type ExportNeeds, exportRoute, PAGE_ROWS } from './send-list.ts'

/** Every list as a file. Bound before the lists themselves: `/students/export` is no student. */
export function exportsRoutes(routes: Binder, needs: ExportNeeds): void {
  const { vault, nowMs } = needs

  exportRoute(routes, needs, exportStudents, 'students', ({ query, who }) => ({
    headings: STUDENT_HEADINGS,
    async page(tx, after: string | null) {
      const indexes = await searchedIndexes(tx, vault, who, query.search)
      const rows = await studentsAfter(tx, { ...query, indexes, nowMs: nowMs() }, { after, limit: PAGE_ROWS })
      return {
        rows: (await shown(tx, vault, who, rows)).map(studentCells),
        next: continued(rows, ({ id }) => id),
      }
    },
  }))

  exportRoute(routes, needs, exportImportRows, 'import-rows', ({ params: { importId }, query: { action } }) => ({
    headings: [
      'Row',
      'Student number',
      'What',
      'Fields',
      'From status',
      'To status',
      'Column',
      'Why',
      'Outcome',
      'Undone',
    ],
    async missing(tx) {
      return (await findImport(tx, importId)) === undefined ? NO_SUCH_IMPORT : null
    },
    async page(tx, after: number | null) {
      const rows = await rowsAfter(tx, importId, { action, after: after ?? 0, limit: PAGE_ROWS })
      return {
        rows: rows
          .map(rowOf)
          .map(row => [
            row.row,
            row.studentNumber,
            row.action,
            row.fields.join(', '),
            row.statusFrom,
            row.statusTo,
            row.faults.map(({ column }) => column ?? '').join('; '),
            row.faults.map(({ message }) => message).join('; '),
            row.outcome,
            row.undone,
          ]),
        next: continued(rows, ({ number }) => number),
      }
    },
  }))

  exportRoute(routes, needs, exportPasses, 'passes', ({ query }) => ({
    headings: [
      'Serial',
      'Pass',
      'Holder',
      'Student number',
      'Host',
      'Status',
      'Kind',
      'From',
      'Until',
      'Groups',
      'Note',
      'Issued',
    ],
    async page(tx, after: string | null) {
      const names = await groupNames(tx)
      const now = nowMs()
      const rows = await passesAfter(tx, { ...query, nowMs: now, after, limit: PAGE_ROWS })
      return {
        rows: rows.map(row => [
          Number(row.serial),
          row.pass_id,
          nameOf(row),
          row.student_number,
          row.host_name,
          row.status === 'active' && row.expires.getTime() <= now ? 'expired' : row.status,
          row.class,
          row.not_before.toISOString(),
          row.expires.toISOString(),
          groupNumbers(row.groups)
            .map(number => names.get(number) ?? String(number))
            .join(', '),
          row.note,
          row.created_at.toISOString(),
        ]),
        next: continued(rows, ({ serial }) => serial),
      }
    },
  }))

  exportRoute(routes, needs, exportAccessEvents, 'access-events', ({ query, who }) => {
    const { from, to, ...filters } = query
    const since = earliestFor(who.role, from, nowMs())
    return {
      headings: [
        'Time',
        'Gate',
        'Lane',
        'Direction',
        'Kind',
        'Holder',
        'Department',
        'Pass',
        'By',
        'Refusal',
        'Received',
      ],
      async page(tx, after: Cursor | null) {
        const rows = await listEvents(tx, {
          ...filters,
          after,
          limit: PAGE_ROWS,
          from: since,
          to: to === undefined ? undefined : new Date(to),
        })
        return {
          rows: rows
            .map(lineOf)
            .map(line => [
              line.at,
              line.gateName,
              line.laneName ?? line.lane,
              line.direction,
              line.kind,
              line.holder?.name ?? null,
              line.holder?.department ?? null,
              line.passId,
              line.technology,
              line.refusal ?? line.objection,
              line.receivedAt,
            ]),
          next: continued(rows, row => ({
            atMs: row.event_time.getTime(),
            gateId: row.gate_id,
            sequence: row.sequence,
          })),
        }
      },
    }
  })
}

/** As the mapping of an import knows them: what leaves as CSV can come back. */
const STUDENT_HEADINGS = [
  'Student number',
  'First name',
  'Last name',
  'E-mail',
  'Department',
  'Status',
  'Enrolled on',
  'Date of birth',
  'Phone',
  'Private e-mail',
  'Address',
  'Postal code',
  'Town',
  'Country',
  'Passes',
  'Entered',
] as const

function studentCells(student: Student): Cell[] {
  const { address } = student
  return [
    student.studentNumber,
    student.firstName,
    student.lastName,
    student.email,
    student.department?.name ?? null,
    student.status,
    student.enrolledOn,
    student.birthDate,
    student.phone,
    student.privateEmail,
    address?.lines.join('\n') ?? null,
    address?.postalCode ?? null,
    address?.town ?? null,
    address?.country ?? null,
    student.passCount,
    student.createdAt,
  ]
}
