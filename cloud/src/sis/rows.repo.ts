import type { ImportRow, RowAction } from '@gatehouse/shared/wire/api/imports.ts'
import { sql } from 'kysely'
import type { Row, Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import type { Entry, Fault, ReadRow } from './entry.ts'

/** Which import's rows, and what opens them. */
export type RowPlace = {
  readonly vault: Vault
  readonly schoolId: string
  readonly tenant: string
  readonly importId: string
}

/**
 * For statements over all rows of an import: ten minutes instead of the fifteen seconds of a request, and no nested
 * loops. The rows were written a moment ago and no statistics know of them, so a plan would take them for few: 5,000
 * rows took longer than 15 s to be compared with themselves.
 */
export async function overAllRows(tx: Tx): Promise<void> {
  await sql`select set_config('statement_timeout', '600000', true), set_config('enable_nestloop', 'off', true)`.execute(
    tx,
  )
}

/** Rows as they were read, with what is wrong with them by themselves. */
export async function stageRows(tx: Tx, place: RowPlace, rows: readonly ReadRow[]): Promise<void> {
  const told = rows.map(({ number, studentNumber, entry, faults, unknownStatus }) => ({
    number,
    student_number: studentNumber,
    sealed: sealEntry(place, number, entry),
    faults: faults.length === 0 ? null : faults,
    action: faults.length === 0 ? null : 'refuse',
    department: entry.department ?? null,
    email: entry.email?.toLowerCase() ?? null,
    status_word: unknownStatus,
  }))
  await sql`insert into import_rows (school_id, import_id, in_file, number, student_number, sealed, faults, action, department, email, status_word)
    select ${place.schoolId}::uuid, ${place.importId}::uuid, true, number, student_number, sealed, faults, action, department, email, status_word
    from json_to_recordset(${JSON.stringify(told)}::json) as told (number int, student_number text, sealed text, faults json, action text,
      department text, email text, status_word text)`.execute(tx)
}

/**
 * Refuses every row that shares its number or e-mail address with another of the file: nobody here knows which of them
 * is right.
 */
export async function refuseTwice(
  tx: Tx,
  importId: string,
  what: 'student_number' | 'email',
  column: string | null,
): Promise<void> {
  const words = what === 'email' ? 'e-mail address' : 'number'
  await sql`with twice as materialized (
      select ${sql.ref(what)} as value, array_agg(number order by number) as numbers from import_rows
      where import_id = ${importId}::uuid and ${sql.ref(what)} is not null group by 1 having count(*) > 1)
    update import_rows set action = 'refuse', faults = json_build_array(json_build_object('column', ${column}::text, 'message',
        'row ' || case when numbers[1] = number then numbers[2] else numbers[1] end || ${` has the same ${words}`}::text))
    from twice where import_id = ${importId}::uuid and action is null and import_rows.${sql.ref(what)} = twice.value`.execute(
    tx,
  )
}

/** The living students that the file does not name at all, as rows after the file's. A refused row names its student too. */
export async function stageAbsent(
  tx: Tx,
  { schoolId, importId }: Pick<RowPlace, 'schoolId' | 'importId'>,
  absent: 'inactivate' | 'archive',
): Promise<void> {
  const away = absent === 'archive' ? sql`true` : sql`students.status in ('active', 'suspended')`
  await sql`insert into import_rows (school_id, import_id, in_file, number, student_number, student_id, action, fields, status_from, status_to, version_seen)
    select ${schoolId}::uuid, ${importId}::uuid, false,
      (select coalesce(max(number), 1) from import_rows where import_id = ${importId}::uuid) + row_number() over (order by students.id),
      student_number, id, ${absent}, case when ${absent} = 'inactivate' then array['status'] else '{}'::text[] end, status,
      case when ${absent} = 'inactivate' then 'inactive' end, version
    from students where archived_at is null and ${away}
      and not exists (select from import_rows as named where named.import_id = ${importId}::uuid and named.student_number = students.student_number)`.execute(
    tx,
  )
}

/** Where a batch begins: behind the row that the one before ended with. `limit` rows of it at most. */
export type From = { readonly after: number; readonly limit: number }

/** The next rows in their order that nothing was decided for yet. */
export function undecided(tx: Tx, importId: string, { after, limit }: From): Promise<Row<'import_rows'>[]> {
  return tx
    .selectFrom('import_rows')
    .selectAll()
    .where('import_id', '=', importId)
    .where('action', 'is', null)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
}

export type Decided = {
  readonly number: number
  readonly action: RowAction
  readonly student_id: string | null
  readonly fields: readonly string[]
  readonly status_from: string | null
  readonly status_to: string | null
  readonly version_seen: number | null
  readonly faults: readonly Fault[] | null
}

export async function decideRows(tx: Tx, importId: string, rows: readonly Decided[]): Promise<void> {
  await sql`update import_rows set action = told.action, student_id = told.student_id, status_from = told.status_from, status_to = told.status_to,
      version_seen = told.version_seen, faults = told.faults, fields = array(select json_array_elements_text(told.fields))
    from json_to_recordset(${JSON.stringify(rows)}::json) as told (number int, action text, student_id uuid, fields json, status_from text,
      status_to text, version_seen int, faults json)
    where import_rows.import_id = ${importId}::uuid and import_rows.number = told.number`.execute(tx)
}

/** The next rows to be applied. */
export function todo(tx: Tx, importId: string, { after, limit }: From): Promise<Row<'import_rows'>[]> {
  return tx
    .selectFrom('import_rows')
    .selectAll()
    .where('import_id', '=', importId)
    .where('outcome', '=', 'planned')
    .where('action', 'in', ['make', 'change', 'inactivate', 'archive'])
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
}

/** The next rows to be undone: what was done last comes first. */
export function undoable(
  tx: Tx,
  importId: string,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<Row<'import_rows'>[]> {
  return tx
    .selectFrom('import_rows')
    .selectAll()
    .where('import_id', '=', importId)
    .where('outcome', '=', 'done')
    .where('undone', 'is', null)
    .where('number', '<', before)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
}

export type Done = {
  readonly number: number
  readonly outcome: 'done' | 'passed_over'
  readonly student_id: string | null
  readonly version_after: number | null
  readonly sealed_before: string | null
  readonly faults: readonly Fault[] | null
}

export async function noteDone(tx: Tx, importId: string, rows: readonly Done[]): Promise<void> {
  await sql`update import_rows set outcome = told.outcome, student_id = told.student_id, version_after = told.version_after,
      sealed_before = told.sealed_before, faults = coalesce(told.faults, import_rows.faults)
    from json_to_recordset(${JSON.stringify(rows)}::json) as told (number int, outcome text, student_id uuid, version_after int,
      sealed_before text, faults json)
    where import_rows.import_id = ${importId}::uuid and import_rows.number = told.number`.execute(tx)
}

export type Undone = { readonly number: number; readonly undone: 'restored' | 'archived' | 'kept' }

export async function noteUndone(tx: Tx, importId: string, rows: readonly Undone[]): Promise<void> {
  await sql`update import_rows set undone = told.undone
    from json_to_recordset(${JSON.stringify(rows)}::json) as told (number int, undone text)
    where import_rows.import_id = ${importId}::uuid and import_rows.number = told.number`.execute(tx)
}

export async function listRows(
  tx: Tx,
  importId: string,
  { page, limit, action }: { readonly page: number; readonly limit: number; readonly action?: RowAction | undefined },
): Promise<{ rows: Row<'import_rows'>[]; total: number }> {
  const all = tx
    .selectFrom('import_rows')
    .where('import_id', '=', importId)
    .$if(action !== undefined, rows => rows.where('action', '=', action!))
  const { total } = await all.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await all
    .selectAll()
    .orderBy('number')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** Rows after this number, for a file of them. */
export function rowsAfter(
  tx: Tx,
  importId: string,
  { action, after, limit }: { readonly action?: RowAction | undefined; readonly after: number; readonly limit: number },
): Promise<Row<'import_rows'>[]> {
  return tx
    .selectFrom('import_rows')
    .selectAll()
    .where('import_id', '=', importId)
    .where('number', '>', after)
    .$if(action !== undefined, rows => rows.where('action', '=', action!))
    .orderBy('number')
    .limit(limit)
    .execute()
}

export function rowOf(row: Row<'import_rows'>): ImportRow {
  return {
    row: row.in_file ? row.number : null,
    studentNumber: row.student_number,
    studentId: row.student_id,
    action: row.action ?? 'none',
    fields: row.fields as ImportRow['fields'],
    statusFrom: row.status_from,
    statusTo: row.status_to,
    faults: [...(row.faults ?? [])],
    outcome: row.outcome,
    undone: row.undone,
  }
}

export function entryOf(place: RowPlace, row: Row<'import_rows'>): Entry {
  return row.sealed === null ? {} : openJson<Entry>(place, 'sealed', row.number, row.sealed)
}

const sealEntry = (place: RowPlace, number: number, entry: Entry) => sealJson(place, 'sealed', number, entry)

export function sealJson({ vault, tenant, importId }: RowPlace, column: string, number: number, value: object): string {
  return vault.seal(placeOf(tenant, importId, column, number), Buffer.from(JSON.stringify(value)))
}

export function openJson<Value>({ vault, tenant, importId }: RowPlace, column: string, number: number, sealed: string) {
  return JSON.parse(vault.open(placeOf(tenant, importId, column, number), sealed).toString()) as Value
}

const placeOf = (tenant: string, importId: string, column: string, number: number) => ({
  tenant,
  table: 'import_rows',
  column,
  row: `${importId}/${number}`,
})
