import { CHANGED_FIELDS, type Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import type { Row, Tx } from '../db/tables.ts'
import { departmentsByName } from '../departments/departments.repo.ts'
import { type Entered, type EntryRefusal, enterStudents, type StudentEntry } from '../students/enter-students.ts'
import type { Entry, Fault } from './entry.ts'
import { type Decided, decideRows, entryOf, type RowPlace, undecided } from './rows.repo.ts'

/** Rows in one transaction: they are all in memory, and the students they mean are held for as long. */
export const BATCH_ROWS = 500

/** What an entry cannot be, as a fault of its row. */
export function faultOf(why: EntryRefusal, { columns }: Mapping): Fault {
  const WHY: Record<EntryRefusal, Fault> = {
    number_unlike: {
      column: columns.studentNumber ?? null,
      message: 'is not how student numbers of the school are written',
    },
    phone_unreadable: {
      column: columns.phone ?? null,
      message: 'is no phone number; without + it is read as one of the school’s country',
    },
    birth_in_future: { column: columns.birthDate ?? null, message: 'is in the future' },
    no_such_student: { column: null, message: 'the student was archived meanwhile' },
    no_first_name: { column: columns.firstName ?? null, message: 'a new student needs a first name' },
    number_taken: { column: columns.studentNumber ?? null, message: 'another student has this number' },
    email_taken: { column: columns.email ?? null, message: 'another student has this e-mail address' },
    no_such_department: { column: columns.department ?? null, message: 'the department was deleted meanwhile' },
    was_erased: {
      column: columns.studentNumber ?? null,
      message: 'is of somebody who was erased; whoever came back is entered by hand first',
    },
    twice: { column: columns.studentNumber ?? null, message: 'the file names this student twice' },
  }
  return WHY[why]
}

export type PlanNeeds = {
  readonly place: RowPlace
  readonly actor: Actor
  readonly mapping: Mapping
  /** OneRoster knows no suspended students: its `active` does not lift what the school decided. */
  readonly keepsSuspended: boolean
}

/** What a batch was: how many rows, and the last of them. */
export type Batch = { readonly rows: number; readonly last: number }

/** Decides the rows behind `after`: what each would do to the school as it is now. Null: nothing is left. */
export async function planSome(tx: Tx, needs: PlanNeeds, after: number): Promise<Batch | null> {
  const { place, actor, mapping } = needs
  const rows = await undecided(tx, place.importId, { after, limit: BATCH_ROWS })
  if (rows.length === 0) return null
  const there = await studentsThere(tx, rows)
  const departments = await departmentsByName(tx)
  const asked = rows.map(row => {
    const student = there.get(row.student_number ?? '')
    const entry = entryFor(needs, row, student?.status)
    const isNewDepartment = typeof entry.department === 'string' && !departments.has(entry.department.toLowerCase())
    return { row, student, isNewDepartment, told: toldOf(row.student_number!, entry, departments) }
  })
  const { entered } = await enterStudents(
    tx,
    place.vault,
    actor,
    asked.map(({ told }) => told),
    { dryRun: true },
  )
  const decided = asked.map(({ row, student, isNewDepartment, told }, at): Decided => {
    const decision = decide(entered[at]!, isNewDepartment, mapping)
    const turns = student !== undefined && decision.fields.includes('status')
    return {
      ...decision,
      number: row.number,
      student_id: student?.id ?? null,
      status_from: turns ? student.status : null,
      status_to: turns ? told.status! : null,
      version_seen: student?.version ?? null,
    }
  })
  await decideRows(tx, place.importId, decided)
  return { rows: rows.length, last: rows.at(-1)!.number }
}

/** What a row says, for this student as they are. */
export function entryFor(
  { place, keepsSuspended }: PlanNeeds,
  row: Row<'import_rows'>,
  status: string | undefined,
): Entry {
  const { status: wanted, ...rest } = entryOf(place, row)
  if (wanted === undefined || (keepsSuspended && wanted === 'active' && status === 'suspended')) return rest
  return { ...rest, status: wanted }
}

/** A department that is not there yet is left out: it is made when the import is applied. */
export function toldOf(
  studentNumber: string,
  { department, ...fields }: Entry,
  departments: ReadonlyMap<string, string>,
): StudentEntry {
  if (department === undefined) return { ...fields, studentNumber }
  const departmentId = department === null ? null : departments.get(department.toLowerCase())
  return { ...fields, studentNumber, ...(departmentId !== undefined && { departmentId }) }
}

function decide(
  entered: Entered,
  isNewDepartment: boolean,
  mapping: Mapping,
): Pick<Decided, 'action' | 'fields' | 'faults'> {
  switch (entered.outcome) {
    case 'refused':
      return { action: 'refuse', fields: [], faults: [faultOf(entered.why, mapping)] }
    case 'created':
      return { action: 'make', fields: [], faults: null }
    case 'changed':
      return { action: 'change', fields: fieldsChanged(entered.after, isNewDepartment), faults: null }
    case 'same':
      return isNewDepartment
        ? { action: 'change', fields: ['department'], faults: null }
        : { action: 'none', fields: [], faults: null }
  }
}

function fieldsChanged(after: object, isNewDepartment: boolean): string[] {
  const names = new Set(Object.keys(after).map(name => (name === 'departmentId' ? 'department' : name)))
  if (isNewDepartment) names.add('department')
  return CHANGED_FIELDS.filter(field => names.has(field))
}

export async function studentsThere(tx: Tx, rows: readonly Row<'import_rows'>[]) {
  const found = await tx
    .selectFrom('students')
    .select(['id', 'student_number', 'status', 'version'])
    .where('archived_at', 'is', null)
    .where('student_number', '=', sql<string>`any (${rows.flatMap(row => row.student_number ?? [])}::text[])`)
    .execute()
  return new Map(found.map(student => [student.student_number, student]))
}
