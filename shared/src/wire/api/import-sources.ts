import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'
import { Mapping } from './import-fields.ts'
import { Import, Stop } from './imports.ts'

/** A OneRoster service that the school's students are read from. */
export const ImportSource = z.object({
  id: Id,
  name: z.string(),
  oneroster: z.enum(['1.1', '1.2']),
  /** With the version in it, as `https://sis.example/ims/oneroster/v1p1`. */
  baseUrl: z.string(),
  tokenUrl: z.string(),
  clientId: z.string(),
  mapping: Mapping,
  stop: Stop,
  /** `05:30` in the school's time: every day then; null: only when somebody asks. */
  dailyAt: z.string().nullable(),
  /** A dry run that nothing stops is applied without anybody looking. */
  applyAlone: z.boolean(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type ImportSource = z.infer<typeof ImportSource>

const address = z
  .string()
  .trim()
  .max(500)
  .refine(
    text => URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol),
    'must be an https address',
  )
  .refine(
    text => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === '',
    'must hold no password',
  )

/** What OneRoster's columns are here, unless somebody says otherwise. */
export const ONEROSTER_MAPPING: z.infer<typeof Mapping> = {
  columns: {
    studentNumber: 'identifier',
    firstName: 'givenName',
    lastName: 'familyName',
    email: 'email',
    department: 'department',
    status: 'status',
  },
  statuses: {},
  dateOrder: 'ymd',
  emptyCells: 'leave',
  absent: 'inactivate',
}

const fields = {
  name: z.string().trim().min(1).max(100),
  oneroster: z.enum(['1.1', '1.2']),
  baseUrl: address,
  tokenUrl: address,
  clientId: z.string().trim().min(1).max(300),
  clientSecret: z.string().min(1).max(1000),
  mapping: Mapping,
  stop: Stop,
  dailyAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 05:30')
    .nullable(),
  applyAlone: z.boolean(),
}
const params = z.object({ sourceId: Id })

export const listImportSources = route({
  method: 'get',
  path: '/import-sources',
  can: 'import:run',
  summary: 'OneRoster services that students are read from.',
  data: z.array(ImportSource),
})

export const createImportSource = route({
  method: 'post',
  path: '/import-sources',
  can: 'import:run',
  summary: 'Add a OneRoster service. Its secret is kept sealed and not shown again.',
  status: 201,
  body: z.strictObject({
    ...fields,
    mapping: fields.mapping.default(ONEROSTER_MAPPING),
    stop: fields.stop.default({ percent: 5, students: 100 }),
    dailyAt: fields.dailyAt.default(null),
    applyAlone: fields.applyAlone.default(false),
  }),
  data: ImportSource,
})

export const updateImportSource = route({
  method: 'patch',
  path: '/import-sources/:sourceId',
  can: 'import:run',
  summary: 'Change a OneRoster service.',
  params,
  body: z.strictObject(fields).partial(),
  data: ImportSource,
})

export const deleteImportSource = route({
  method: 'delete',
  path: '/import-sources/:sourceId',
  can: 'import:run',
  summary: 'Forget a OneRoster service. Its imports stay.',
  params,
  data: z.null(),
})

export const syncImportSource = route({
  method: 'post',
  path: '/import-sources/:sourceId/imports',
  can: 'import:run',
  summary: 'Read the service now: begins a dry run.',
  status: 202,
  params,
  data: Import,
})
