import { sql } from 'kysely'
import { openAnswers } from '../applications/kept-answers.ts'
import type { Tx } from '../db/tables.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { openNotes, openPersonal } from '../students/personal.ts'
import { openContact } from '../visitors/contact.ts'
import type { DataSubject } from './data-subject.ts'
import { HOLDINGS, type Holding } from './holdings.ts'

/** More rows of one kind are counted, and the newest are given. */
export const ROWS_GIVEN_MAX = 100_000

export type Held = {
  readonly name: string
  /** How many there are. */
  readonly total: number
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** How many rows each table holds of a person. */
export async function countHeld(tx: Tx, subject: DataSubject): Promise<{ holding: Holding; rows: number }[]> {
  const counted = []
  for (const holding of HOLDINGS) counted.push({ holding, rows: await count(tx, holding, subject) })
  return counted
}

/** Everything that is given to a person who asks. What is sealed is opened. */
export async function readHeld(tx: Tx, vault: Vault, schoolId: string, subject: DataSubject): Promise<Held[]> {
  const held: Held[] = []
  const rowsOf = (holding: Holding) => {
    if (holding.table === 'students') return students(tx, vault, schoolId, subject)
    if (holding.table === 'applications') return applications(tx, vault, subject)
    return holding.table === 'visitors' ? visitors(tx, vault, schoolId, subject) : given(tx, holding, subject)
  }
  for (const holding of HOLDINGS) {
    const total = await count(tx, holding, subject)
    if (total === 0) continue
    held.push({ name: holding.name, total, rows: await rowsOf(holding) })
  }
  return held
}

/** Any table: the columns are those of its holding, and the school's filter sees the query as every other. */
const from = (tx: Tx, { table, of }: Holding, subject: DataSubject) =>
  tx.selectFrom(table as 'passes').where(of(subject))

async function count(tx: Tx, holding: Holding, subject: DataSubject): Promise<number> {
  const { n } = await from(tx, holding, subject).select(sql<number>`count(*)::int`.as('n')).executeTakeFirstOrThrow()
  return n
}

function given(tx: Tx, holding: Holding, subject: DataSubject): Promise<Record<string, unknown>[]> {
  if (holding.gives.length === 0) return Promise.resolve([])
  const newest = holding.gives.find(column => column === 'event_time' || column === 'at' || column.endsWith('_at'))
  return from(tx, holding, subject)
    .select(holding.gives as never)
    .$if(newest !== undefined, rows => rows.orderBy(sql.ref(newest!), 'desc'))
    .limit(ROWS_GIVEN_MAX)
    .execute()
}

async function students(tx: Tx, vault: Vault, schoolId: string, { studentIds }: DataSubject) {
  const rows = await tx
    .selectFrom('students')
    .leftJoin('departments', 'departments.id', 'students.department_id')
    .selectAll('students')
    .select('departments.name as department')
    .where('students.id', 'in', studentIds)
    .execute()
  const sealed = rows.flatMap(row => [row.sealed_personal, row.sealed_notes])
  const opening = await openingOf(tx, vault, schoolId, sealed)
  return rows.map(row => ({
    student_number: row.student_number,
    first_name: row.first_name,
    last_name: row.last_name,
    email: row.email,
    department: row.department,
    status: row.status,
    enrolled_on: row.enrolled_on,
    ...openPersonal(opening, row),
    notes: openNotes(opening, row),
    created_at: row.created_at,
    updated_at: row.updated_at,
    archived_at: row.archived_at,
  }))
}

async function visitors(tx: Tx, vault: Vault, schoolId: string, { visitorIds }: DataSubject) {
  const rows = await tx
    .selectFrom('visitors')
    .leftJoin('users', 'users.id', 'visitors.host_user_id')
    .selectAll('visitors')
    .select('users.display_name as host')
    .where('visitors.id', 'in', visitorIds)
    .execute()
  const sealed = rows.map(row => row.sealed_contact)
  const opening = await openingOf(tx, vault, schoolId, sealed)
  return rows.map(row => ({
    first_name: row.first_name,
    last_name: row.last_name,
    organisation: row.organisation,
    ...openContact(opening, row.id, row.sealed_contact),
    host: row.host,
    purpose: row.purpose,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }))
}

/** With every answer, also those that reviewers see in part. */
async function applications(tx: Tx, vault: Vault, { studentIds }: DataSubject) {
  const rows = await tx
    .selectFrom('applications')
    .selectAll()
    .where('student_id', 'in', studentIds)
    .orderBy('begun_at', 'desc')
    .limit(ROWS_GIVEN_MAX)
    .execute()
  const given = []
  for (const row of rows) {
    given.push({
      status: row.status,
      answers: await openAnswers(tx, vault, row),
      begun_at: row.begun_at,
      submitted_at: row.submitted_at,
      due_at: row.due_at,
      decided_at: row.decided_at,
      reason: row.reason,
      pass_id: row.pass_id,
    })
  }
  return given
}
