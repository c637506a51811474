import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { type AuditEntry, auditAll } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, type Sealing, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { erasedAmong } from '../persons/erased-numbers.ts'
import { type Effect, passesEnd, turnPasses } from './status-effects.ts'
import {
  changed,
  columnsOf,
  completed,
  differences,
  factsOf,
  fieldsOf,
  type NewStudent,
  readFields,
  type SchoolRules,
  type StudentFields,
  schoolRules,
  type Unreadable,
} from './student-fields.ts'

/** One row of many: whom it means, and what is said of them. Fields left out stay as they are. */
export type StudentEntry = Partial<StudentFields> & {
  /** Whom it means; left out, the living student with this number, or a new one. */
  readonly studentId?: string | undefined
  readonly studentNumber: string
}

export type EntryRefusal =
  | Unreadable
  | 'no_such_student'
  | 'no_first_name'
  | 'number_taken'
  | 'email_taken'
  | 'no_such_department'
  | 'was_erased'
  | 'twice'

/** What became of an entry, in the order of the entries. `before` and `after` are in full, and only what changed: who keeps them seals them. */
export type Entered =
  | { readonly outcome: 'created'; readonly studentId: string }
  | {
      readonly outcome: 'changed'
      readonly studentId: string
      readonly before: Partial<StudentFields>
      readonly after: Partial<StudentFields>
    }
  | { readonly outcome: 'same'; readonly studentId: string }
  | { readonly outcome: 'refused'; readonly why: EntryRefusal }

export type EnteredAll = {
  readonly entered: readonly Entered[]
  /** What their new statuses did to passes, or would. */
  readonly passes: ReadonlyMap<Effect, number>
}

export type EnterOptions = {
  /** Says what would become of each, and changes nothing. Passes are not counted. */
  readonly dryRun?: boolean
  /** Stands in every audit row: which import it was. */
  readonly note?: string
}

/** So many at once: the parameters of one statement and the memory of one step. */
const CHUNK = 1_000

/**
 * Enters students and changes those that are there, thousands in one call and one transaction. An entry that cannot be is refused by itself
 * and the others are entered. What a changed status means for the passes is done too.
 */
export async function enterStudents(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  entries: readonly StudentEntry[],
  options: EnterOptions = {},
): Promise<EnteredAll> {
  const rules = await schoolRules(tx, actor.schoolId)
  const departments = new Set((await tx.selectFrom('departments').select('id').execute()).map(({ id }) => id))
  const said = { ids: new Set<string>(), numbers: new Set<string>(), emails: new Set<string>() }
  const entered: Entered[] = []
  const passes = new Map<Effect, number>()
  for (let at = 0; at < entries.length; at += CHUNK) {
    const needs = { tx, vault, actor, rules, departments, said, ...options }
    const done = await enterChunk(needs, entries.slice(at, at + CHUNK))
    entered.push(...done.entered)
    for (const [effect, count] of done.passes) passes.set(effect, (passes.get(effect) ?? 0) + count)
  }
  return { entered, passes }
}

type Needs = EnterOptions & {
  readonly tx: Tx
  readonly vault: Vault
  readonly actor: Actor
  readonly rules: SchoolRules
  readonly departments: ReadonlySet<string>
  /** What entries before this one have said: two of one call never mean one student. */
  readonly said: { readonly ids: Set<string>; readonly numbers: Set<string>; readonly emails: Set<string> }
}

type Planned = { readonly result: Entered; readonly row?: Row<'students'>; readonly fields?: StudentFields }

async function enterChunk(needs: Needs, entries: readonly StudentEntry[]): Promise<EnteredAll> {
  const { tx, vault, actor, dryRun = false } = needs
  const there = await readThere(needs, entries)
  const planned = entries.map(entry => plan(needs, there, entry))
  if (dryRun) return { entered: planned.map(({ result }) => result), passes: new Map() }

  const seal = await sealingOf(tx, vault, actor.schoolId)
  const made = await insertAll(needs, seal, planned)
  await updateAll(needs, seal, planned)
  const passes = await turnAll(needs, planned)
  // A number or an address that somebody else took in this moment.
  const entered = planned.map(({ result }) =>
    result.outcome === 'created' && !made.has(result.studentId)
      ? ({ outcome: 'refused', why: 'number_taken' } as const)
      : result,
  )
  await auditAll(tx, actor, auditOf(planned, entered, needs.note))
  return { entered, passes }
}

type There = {
  readonly byId: ReadonlyMap<string, Row<'students'>>
  readonly byNumber: ReadonlyMap<string, Row<'students'>>
  /** Living students by their address in lower case. */
  readonly byEmail: ReadonlyMap<string, string>
  /** Numbers of people who were erased. */
  readonly erased: ReadonlySet<string>
  fieldsOf(row: Row<'students'>): StudentFields
}

async function readThere({ tx, vault, actor, dryRun }: Needs, entries: readonly StudentEntry[]): Promise<There> {
  const ids = entries.flatMap(({ studentId }) => studentId ?? [])
  const numbers = entries.map(({ studentNumber }) => studentNumber)
  const emails = entries.flatMap(({ email }) => email?.toLowerCase() ?? [])
  const rows = await tx
    .selectFrom('students')
    .selectAll()
    .where('archived_at', 'is', null)
    .where(eb =>
      eb.or([
        eb('id', '=', sql<string>`any (${ids}::uuid[])`),
        eb('student_number', '=', sql<string>`any (${numbers}::text[])`),
      ]),
    )
    .orderBy('id')
    .$if(!dryRun, query => query.forUpdate())
    .execute()
  const taken = await tx
    .selectFrom('students')
    .select(['id', sql<string>`lower(email)`.as('email')])
    .where('archived_at', 'is', null)
    .where('email', 'is not', null)
    .where(sql<boolean>`lower(email) = any (${emails}::text[])`)
    .execute()
  const sealed = rows.flatMap(row => [row.sealed_personal, row.sealed_notes])
  const opening = await openingOf(tx, vault, actor.schoolId, sealed)
  const byNumber = new Map(rows.map(row => [row.student_number, row]))
  return {
    byId: new Map(rows.map(row => [row.id, row])),
    byNumber,
    erased: await erasedAmong(
      tx,
      opening,
      numbers.filter(number => !byNumber.has(number)),
    ),
    byEmail: new Map(taken.map(({ id, email }) => [email, id])),
    fieldsOf: row => fieldsOf(row, opening),
  }
}

function plan(needs: Needs, there: There, { studentId, ...fields }: StudentEntry): Planned {
  const refused = (why: EntryRefusal): Planned => ({ result: { outcome: 'refused', why } })
  const row = studentId === undefined ? there.byNumber.get(fields.studentNumber) : there.byId.get(studentId)
  if (studentId !== undefined && row === undefined) return refused('no_such_student')
  if (row === undefined && (fields.firstName ?? '') === '') return refused('no_first_name')
  if (row === undefined && there.erased.has(fields.studentNumber)) return refused('was_erased')
  const before = row && there.fieldsOf(row)
  // What stands already is not held against the rules anew.
  const read = readFields(needs.rules, before === undefined ? fields : withoutSame(before, fields), needs.actor.nowMs)
  if (!read.ok) return refused(read.failure)
  const after = before === undefined ? completed(read.value as NewStudent) : changed(before, read.value)

  const { ids, numbers, emails } = needs.said
  const email = after.email?.toLowerCase()
  if ((row && ids.has(row.id)) || numbers.has(after.studentNumber)) return refused('twice')
  const other = there.byNumber.get(after.studentNumber)
  if (other !== undefined && other.id !== row?.id) return refused('number_taken')
  const mail = email === undefined ? undefined : there.byEmail.get(email)
  if (email !== undefined && (emails.has(email) || (mail !== undefined && mail !== row?.id)))
    return refused('email_taken')
  if (after.departmentId !== null && !needs.departments.has(after.departmentId)) return refused('no_such_department')
  if (row) ids.add(row.id)
  numbers.add(after.studentNumber)
  if (email !== undefined) emails.add(email)

  if (row === undefined || before === undefined) {
    return { result: { outcome: 'created', studentId: randomUUIDv7() }, fields: after }
  }
  const differ = differences(before, after)
  if (differ === null) return { result: { outcome: 'same', studentId: row.id } }
  return { result: { outcome: 'changed', studentId: row.id, ...differ }, row, fields: after }
}

function withoutSame(before: StudentFields, fields: Partial<StudentFields>): Partial<StudentFields> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => value !== undefined && before[name as keyof StudentFields] !== value,
    ),
  )
}

/** Answers the ids that were made. */
async function insertAll({ tx, actor }: Needs, seal: Sealing, planned: readonly Planned[]): Promise<Set<string>> {
  const rows = planned.flatMap(({ result, fields }) =>
    result.outcome === 'created' ? [{ id: result.studentId, ...columnsOf(seal, result.studentId, fields!) }] : [],
  )
  if (rows.length === 0) return new Set()
  const now = new Date(actor.nowMs)
  const made = await sql<{ id: string }>`
    insert into students (id, school_id, ${COLUMNS}, created_at, updated_at)
    select id, ${actor.schoolId}::uuid, ${COLUMNS}, ${now}::timestamptz, ${now}::timestamptz
    from ${recordset(rows)} on conflict do nothing returning id`.execute(tx)
  return new Set(made.rows.map(({ id }) => id))
}

async function updateAll({ tx, actor }: Needs, seal: Sealing, planned: readonly Planned[]): Promise<void> {
  const rows = planned.flatMap(({ row, fields }) => (row ? [{ id: row.id, ...columnsOf(seal, row.id, fields!) }] : []))
  if (rows.length === 0) return
  await sql`update students set (${COLUMNS}) = (select ${sql.join(NAMES.map(name => sql.ref(`told.${name}`)))}),
      updated_at = ${new Date(actor.nowMs)}, version = version + 1
    from ${recordset(rows)} where students.id = told.id and students.school_id = ${actor.schoolId}::uuid`.execute(tx)
}

/** The columns of `columnsOf`, as the database has them. */
const TYPES = {
  student_number: 'text',
  first_name: 'text',
  last_name: 'text',
  email: 'text',
  department_id: 'uuid',
  status: 'text',
  enrolled_on: 'date',
  sealed_personal: 'text',
  sealed_notes: 'text',
  person_index: 'text',
  phone_index: 'text',
  private_email_index: 'text',
  search_text: 'text',
} as const satisfies Record<keyof ReturnType<typeof columnsOf>, string>
const NAMES = Object.keys(TYPES)
const COLUMNS = sql.join(NAMES.map(name => sql.ref(name)))

/** Rows as one parameter: a thousand rows of a dozen columns would be twelve. */
function recordset(rows: readonly object[]) {
  const columns = sql.raw(['id uuid', ...Object.entries(TYPES).map(([name, type]) => `${name} ${type}`)].join(', '))
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) as told (${columns})`
}

async function turnAll({ tx, actor, rules }: Needs, planned: readonly Planned[]): Promise<Map<Effect, number>> {
  const turned = planned.flatMap(({ result }) => (result.outcome === 'changed' && result.after.status ? [result] : []))
  const passes = new Map<Effect, number>()
  for (const [to, students] of Map.groupBy(turned, ({ after }) => after.status!)) {
    const endAtMs = passesEnd(rules, to, { nowMs: actor.nowMs })
    const ids = students.map(({ studentId }) => studentId)
    for (const [effect, count] of await turnPasses(tx, actor, ids, { to, endAtMs })) {
      passes.set(effect, (passes.get(effect) ?? 0) + count)
    }
  }
  return passes
}

function auditOf(planned: readonly Planned[], entered: readonly Entered[], note: string | undefined): AuditEntry[] {
  return entered.flatMap((result, at): AuditEntry[] => {
    if (result.outcome !== 'created' && result.outcome !== 'changed') return []
    const about = {
      subject: { kind: 'student', id: result.studentId },
      studentId: result.studentId,
      ...(note && { note }),
    }
    return result.outcome === 'created'
      ? [{ action: 'student.create', ...about, after: factsOf(planned[at]!.fields!) }]
      : [{ action: 'student.update', ...about, before: factsOf(result.before), after: factsOf(result.after) }]
  })
}
