import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import type { Import, ImportKind, ImportState, Stop } from '@gatehouse/shared/wire/api/imports.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Written } from './read/open-file.ts'

const DAY_MS = 86_400_000
/** So long an import can be undone, and its rows be read. Then what it said of people is deleted. */
export const UNDO_DAYS = 30
/** An upload that nobody went on with. */
const IDLE_DAYS = 7
/** In hand at once; each may be 200 MB. */
export const OPEN_IMPORTS_MAX = 20

const NO_MAPPING: Mapping = { columns: {}, statuses: {}, dateOrder: 'dmy', emptyCells: 'leave', absent: 'leave' }
export const USUAL_STOP: Stop = { percent: 5, students: 100 }

export type NewImport = {
  readonly kind: ImportKind
  readonly name: string
  readonly sourceId: string | null
  readonly mapping?: Mapping
  readonly stop?: Stop
}

/** An import whose file is on its way, or whose rows are to be fetched. */
export async function beginImport(
  tx: Tx,
  actor: Actor,
  { kind, name, sourceId, mapping = NO_MAPPING, stop = USUAL_STOP }: NewImport,
): Promise<Result<string, 'too_many_imports'>> {
  const { open } = await tx
    .selectFrom('imports')
    .where('state', 'in', ['uploading', 'uploaded', 'planning', 'planned', 'failed'])
    .select(sql<number>`count(*)::int`.as('open'))
    .executeTakeFirstOrThrow()
  if (open >= OPEN_IMPORTS_MAX) return fail('too_many_imports')
  const id = randomUUIDv7()
  await tx
    .insertInto('imports')
    .values({
      id,
      school_id: actor.schoolId,
      source_id: sourceId,
      kind,
      name,
      state: 'uploading',
      mapping: JSON.stringify(mapping),
      stop: JSON.stringify(stop),
      made_by: actor.userId,
      made_by_name: actor.by?.name ?? null,
      made_at: new Date(actor.nowMs),
    })
    .execute()
  return ok(id)
}

export type Looked = {
  readonly kind: ImportKind
  readonly bytes: number
  readonly written: Written
  readonly headings: readonly string[]
  readonly mapping: Mapping
}

/** The file is whole, and how it is written is known. */
export async function keepLook(tx: Tx, actor: Actor, importId: string, looked: Looked): Promise<Row<'imports'>> {
  const row = await tx
    .updateTable('imports')
    .set({
      kind: looked.kind,
      state: 'uploaded',
      bytes: looked.bytes,
      written: JSON.stringify(looked.written),
      headings: JSON.stringify(looked.headings),
      mapping: JSON.stringify(looked.mapping),
      version: sql`version + 1`,
    })
    .where('id', '=', importId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const after = { name: row.name, kind: looked.kind, bytes: looked.bytes }
  await audit(tx, actor, { action: 'import.upload', subject: { kind: 'import', id: importId }, after })
  return row
}

export function findImport(tx: Tx, importId: string): Promise<Row<'imports'> | undefined> {
  return tx
    .selectFrom('imports')
    .selectAll()
    .where('id', '=', importId)
    .where('state', '!=', 'uploading')
    .executeTakeFirst()
}

/** The import, held until the transaction ends: of two who do something with it one comes second. */
export function holdImport(tx: Tx, importId: string): Promise<Row<'imports'> | undefined> {
  return tx.selectFrom('imports').selectAll().where('id', '=', importId).forUpdate().executeTakeFirst()
}

export async function listImports(
  tx: Tx,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<{ rows: Row<'imports'>[]; total: number }> {
  const all = tx.selectFrom('imports').where('state', '!=', 'uploading')
  const { total } = await all.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await all
    .selectAll()
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

export type ImportChange = Partial<{
  readonly state: ImportState
  readonly mapping: Mapping
  readonly stop: Stop
  readonly plan: object | null
  readonly held: boolean
  readonly outcome: object | null
  readonly undo: object | null
  readonly problem: string | null
  readonly failed_in: 'planning' | 'applying' | 'undoing' | null
  readonly job_id: string
  readonly done: number
  readonly total: number | null
  readonly planned_at: Date
  readonly applied_at: Date
  readonly undone_at: Date
  readonly headings: readonly string[]
}>

const AS_JSON = ['mapping', 'stop', 'plan', 'outcome', 'undo', 'headings'] as const

export async function changeImport(tx: Tx, importId: string, change: ImportChange): Promise<Row<'imports'>> {
  const columns = Object.fromEntries(
    Object.entries(change).map(([name, value]) => [
      name,
      (AS_JSON as readonly string[]).includes(name) && value !== null ? JSON.stringify(value) : value,
    ]),
  )
  return tx
    .updateTable('imports')
    .set({ ...columns, version: sql`version + 1` })
    .where('id', '=', importId)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Deletes what imports said of people once nobody can undo them, and uploads that nobody went on with. Answers how many. */
export async function forgetImports(tx: Tx, { nowMs }: { readonly nowMs: number }): Promise<number> {
  const old = await tx
    .selectFrom('imports')
    .select('id')
    .where(eb =>
      eb.or([
        eb(sql`coalesce(undone_at, applied_at)`, '<', new Date(nowMs - UNDO_DAYS * DAY_MS)),
        eb.and([
          eb('state', 'in', ['uploading', 'uploaded', 'planned', 'failed', 'cancelled']),
          eb('applied_at', 'is', null),
          eb('made_at', '<', new Date(nowMs - IDLE_DAYS * DAY_MS)),
        ]),
      ]),
    )
    .execute()
  for (const { id } of old) {
    await forgetChunks(tx, id)
    await forgetRows(tx, id)
  }
  await tx
    .updateTable('imports')
    .set({ state: 'cancelled' })
    .where('id', 'in', [...old.map(({ id }) => id), NOBODY])
    .where('state', 'in', ['uploading', 'uploaded', 'planned', 'failed'])
    .execute()
  return old.length
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The file: nothing is read from it any more. */
export async function forgetChunks(tx: Tx, importId: string): Promise<void> {
  await tx.deleteFrom('import_chunks').where('import_id', '=', importId).execute()
}

/** What the rows say of people; the import itself and its numbers stay. */
export async function forgetRows(tx: Tx, importId: string): Promise<void> {
  await tx.deleteFrom('import_rows').where('import_id', '=', importId).execute()
}

export function importOf(row: Row<'imports'>): Import {
  const until = row.applied_at === null ? null : row.applied_at.getTime() + UNDO_DAYS * DAY_MS
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    sourceId: row.source_id,
    state: row.state === 'uploading' ? 'uploaded' : row.state,
    bytes: Number(row.bytes),
    headings: [...row.headings],
    mapping: row.mapping,
    stop: row.stop,
    plan: row.plan === null ? null : { ...row.plan, terms: row.plan.terms ?? [] },
    held: row.held,
    outcome: row.outcome === null ? null : { ...row.outcome, terms: row.outcome.terms ?? 0 },
    undo: row.undo,
    problem: row.problem,
    jobId: row.job_id,
    progress: { done: row.done, total: row.total },
    madeBy: row.made_by_name,
    madeAt: row.made_at.toISOString(),
    plannedAt: row.planned_at?.toISOString() ?? null,
    appliedAt: row.applied_at?.toISOString() ?? null,
    undoneAt: row.undone_at?.toISOString() ?? null,
    undoUntil: until === null ? null : new Date(until).toISOString(),
    version: row.version,
  }
}
