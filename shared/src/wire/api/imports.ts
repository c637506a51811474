import { z } from 'zod'
import { route } from '../contract.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { CHANGED_FIELDS, Mapping } from './import-fields.ts'
import { STUDENT_STATUSES } from './students.ts'
import { TERM_KINDS } from './terms.ts'

export const IMPORT_KINDS = ['csv', 'oneroster_csv', 'oneroster_rest'] as const
export type ImportKind = (typeof IMPORT_KINDS)[number]

/**
 * `uploaded`: its columns are known, nothing was compared. `planned`: the dry run is there. `applied` and `undone` are the ends;
 * from `failed` the same step can be asked for again.
 */
export const IMPORT_STATES = [
  'uploaded',
  'planning',
  'planned',
  'applying',
  'applied',
  'undoing',
  'undone',
  'cancelled',
  'failed',
] as const
export type ImportState = (typeof IMPORT_STATES)[number]

/** From how many students on a dry run stops and asks: whichever is reached first. */
export const Stop = z.strictObject({
  /** Of the living students, in percent. */
  percent: z.number().min(0).max(100).default(5),
  students: z.int().min(0).max(1_000_000).default(100),
})
export type Stop = z.infer<typeof Stop>

const count = z.int().min(0)

/** What applying would do, exactly; nothing was changed for it. */
export const ImportPlan = z.object({
  /** Rows of the file below the headings. */
  rows: count,
  made: count,
  changed: count,
  unchanged: count,
  refused: count,
  /** Living students that the file does not name, and which would be made inactive or archived. */
  absent: count,
  archived: count,
  /** Field -> in how many changed students it differs. */
  fields: z.partialRecord(z.enum(CHANGED_FIELDS), count),
  /** From a status to another, of students that are there already. */
  statuses: z.array(z.object({ from: z.enum(STUDENT_STATUSES), to: z.enum(STUDENT_STATUSES), students: count })),
  passes: z.object({ revoked: count, suspended: count, givenBack: count }),
  /** Departments that the school does not have yet, the first 50 by name. */
  newDepartments: z.object({ count, names: z.array(z.string()) }),
  /** Terms that come with a OneRoster list. */
  terms: z.array(
    z.object({
      externalId: z.string(),
      name: z.string(),
      kind: z.enum(TERM_KINDS),
      firstDay: z.string(),
      lastDay: z.string(),
      action: z.enum(['make', 'change', 'none', 'refuse']),
      /** Why it is left out; the students are imported all the same. */
      problem: z.string().nullable(),
    }),
  ),
  /** Words in the status column that stand for nothing known, the first 20. */
  unknownStatuses: z.array(z.string()),
  /** Students of the school before it. */
  living: count,
  /** Students that would be archived, leave, or be suspended. */
  hurt: count,
})
export type ImportPlan = z.infer<typeof ImportPlan>

export const ImportOutcome = z.object({
  made: count,
  changed: count,
  archived: count,
  /** Not done, because the student was changed since the dry run. */
  passedOver: count,
  /** Terms made and changed. */
  terms: count,
  passes: z.object({ revoked: count, suspended: count, givenBack: count }),
})
export type ImportOutcome = z.infer<typeof ImportOutcome>

export const UndoOutcome = z.object({
  restored: count,
  /** Made by the import, and archived again. */
  archived: count,
  /** Left as they are, because they were changed since. */
  kept: count,
  /** What was revoked stays revoked. */
  passesStayRevoked: count,
})
export type UndoOutcome = z.infer<typeof UndoOutcome>

export const Import = z.object({
  id: Id,
  kind: z.enum(IMPORT_KINDS),
  /** The file's name, or the source's. */
  name: z.string(),
  sourceId: Id.nullable(),
  state: z.enum(IMPORT_STATES),
  bytes: z.int(),
  headings: z.array(z.string()),
  mapping: Mapping,
  stop: Stop,
  plan: ImportPlan.nullable(),
  /** More students would be hurt than `stop` allows: applying asks for their number. */
  held: z.boolean(),
  outcome: ImportOutcome.nullable(),
  undo: UndoOutcome.nullable(),
  /** Why it failed, and where. */
  problem: z.string().nullable(),
  /** The job in hand or the last one. */
  jobId: Id.nullable(),
  progress: z.object({ done: z.int(), total: z.int().nullable() }),
  madeBy: z.string().nullable(),
  madeAt: At,
  plannedAt: At.nullable(),
  appliedAt: At.nullable(),
  undoneAt: At.nullable(),
  /** Until when it can be undone and its rows be read; null: not applied. */
  undoUntil: At.nullable(),
  version: z.int(),
})
export type Import = z.infer<typeof Import>

/** The first rows as they stand in the file, to see what each column holds. */
export const ImportInFull = Import.extend({ samples: z.array(z.array(z.string())) })
export type ImportInFull = z.infer<typeof ImportInFull>

export const ROW_ACTIONS = ['make', 'change', 'none', 'refuse', 'inactivate', 'archive'] as const
export type RowAction = (typeof ROW_ACTIONS)[number]

export const ImportRow = z.object({
  /** As a spreadsheet numbers it; null: not in the file. */
  row: z.int().nullable(),
  studentNumber: z.string().nullable(),
  studentId: Id.nullable(),
  action: z.enum(ROW_ACTIONS),
  fields: z.array(z.enum(CHANGED_FIELDS)),
  statusFrom: z.enum(STUDENT_STATUSES).nullable(),
  statusTo: z.enum(STUDENT_STATUSES).nullable(),
  faults: z.array(z.object({ column: z.string().nullable(), message: z.string() })),
  /** After applying: done, or passed over because it was changed since the dry run. */
  outcome: z.enum(['planned', 'done', 'passed_over']),
  /** After undoing. */
  undone: z.enum(['restored', 'archived', 'kept']).nullable(),
})
export type ImportRow = z.infer<typeof ImportRow>

const params = z.object({ importId: Id })

export const uploadImport = route({
  method: 'post',
  path: '/imports',
  can: 'import:run',
  summary:
    'Upload a student list: CSV (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252), gzip or zip of one, or a OneRoster zip. At most 200 MB.',
  status: 201,
  takes: ['text/csv', 'application/zip', 'application/gzip', 'application/octet-stream'],
  query: z.object({ name: z.string().trim().min(1).max(200).default('students.csv') }),
  data: ImportInFull,
})

export const listImports = route({
  method: 'get',
  path: '/imports',
  can: 'import:run',
  summary: 'Imports of the school, newest first.',
  query: PageQuery,
  data: z.array(Import),
})

export const getImport = route({
  method: 'get',
  path: '/imports/:importId',
  can: 'import:run',
  summary: 'One import, with the first rows of its file.',
  params,
  data: ImportInFull,
})

export const planImport = route({
  method: 'put',
  path: '/imports/:importId/plan',
  can: 'import:run',
  summary: 'Say which column is what and begin a dry run. Nothing is changed.',
  status: 202,
  params,
  body: z.strictObject({ mapping: Mapping, stop: Stop.default({ percent: 5, students: 100 }) }),
  data: Import,
})

export const listImportRows = route({
  method: 'get',
  path: '/imports/:importId/rows',
  can: 'import:run',
  summary: 'What would become, or became, of each row.',
  params,
  query: PageQuery.extend({ action: z.enum(ROW_ACTIONS).optional() }),
  data: z.array(ImportRow),
})

export const applyImport = route({
  method: 'post',
  path: '/imports/:importId/application',
  can: 'import:run',
  summary: 'Do what the dry run said. A held import asks for the number of students it hurts.',
  status: 202,
  params,
  body: z.strictObject({
    /** `plan.hurt`, said again by who has seen it. */
    confirmHurt: z.int().min(0).optional(),
  }),
  data: Import,
})

export const undoImport = route({
  method: 'post',
  path: '/imports/:importId/undo',
  can: 'import:run',
  summary: 'Put back what an applied import changed, except what was changed since.',
  status: 202,
  params,
  data: Import,
})

export const cancelImport = route({
  method: 'delete',
  path: '/imports/:importId',
  can: 'import:run',
  summary: 'Give up an import that was not applied. Its file and rows are deleted.',
  params,
  data: Import,
})
