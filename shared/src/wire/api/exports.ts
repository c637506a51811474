import { z } from 'zod'
import { type Can, route, STREAM_TYPES } from '../contract.ts'
import { listAccessEvents } from './access-events.ts'
import { listApplications } from './applications.ts'
import { listAudit } from './audit.ts'
import { listDepartments } from './departments.ts'
import { listGates } from './gates.ts'
import { listImportRows } from './imports.ts'
import { listInvitations } from './invitations.ts'
import { listJobs } from './jobs.ts'
import { listPasses } from './passes.ts'
import { listStudents } from './students.ts'
import { listUsers } from './users.ts'

export const EXPORT_FORMATS = ['csv', 'xlsx'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** How a list is written; beside it every filter of the list itself. */
export const ExportStyle = {
  format: z.enum(EXPORT_FORMATS).default('csv'),
  /** Of CSV: a spreadsheet of a country with a decimal comma expects a semicolon. */
  separator: z.enum(['comma', 'semicolon']).default('comma'),
  /** Of CSV: a byte order mark, without which Excel misreads accents. */
  mark: z.enum(['yes', 'no']).default('yes'),
}

/** Pages and sorting are the list's on a screen; a file has everything, oldest first. */
const SCREEN_ONLY = ['page', 'limit', 'sort', 'cursor'] as const

function exported<Shape extends z.core.$ZodLooseShape, Params extends z.ZodType = z.ZodUndefined>(list: {
  readonly path: string
  readonly can: Can
  readonly summary: string
  readonly query?: z.ZodObject<Shape> | z.ZodUndefined
  readonly params?: Params
}) {
  const filters = Object.entries(list.query !== undefined && 'shape' in list.query ? list.query.shape : {}).filter(
    ([name]) => !(SCREEN_ONLY as readonly string[]).includes(name),
  )
  type Filters = Omit<Shape, (typeof SCREEN_ONLY)[number]>
  return route({
    method: 'get',
    path: `${list.path}/export`,
    can: list.can,
    ...(list.params !== undefined && { params: list.params }),
    summary: `${list.summary} As a file, with the same filters.`,
    query: z.object({ ...(Object.fromEntries(filters) as Filters), ...ExportStyle }),
    streams: [STREAM_TYPES.csv, STREAM_TYPES.xlsx],
    data: z.undefined(),
  })
}

export const exportApplications = exported(listApplications)
export const exportPasses = exported(listPasses)
export const exportAccessEvents = exported(listAccessEvents)
export const exportStudents = exported(listStudents)
export const exportUsers = exported(listUsers)
export const exportJobs = exported(listJobs)
export const exportDepartments = exported(listDepartments)
export const exportGates = exported(listGates)
export const exportInvitations = exported(listInvitations)
export const exportAudit = exported(listAudit)
/** `action=refuse`: the rows that a person puts right and uploads again. */
export const exportImportRows = exported(listImportRows)
