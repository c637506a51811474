import { PERSONAL_FIELDS, type Student, type StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import type { Tx } from '../db/tables.ts'
import { readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { maskPersonal, NOTHING_PERSONAL, openNotes, openPersonal, type Personal } from './personal.ts'
import type { StudentRow } from './students-found.repo.ts'

/** Rows as this caller may see them. Security reads name, status and number, and nothing is opened for it. */
export async function shown(tx: Tx, vault: Vault, who: SchoolPerson, rows: readonly StudentRow[]): Promise<Student[]> {
  if (who.role === 'security') return rows.map(row => studentOf(row, NOTHING_PERSONAL, who))
  const sealed = rows.map(row => row.sealed_personal)
  const opening = await openingOf(tx, vault, who.school.id, sealed)
  return rows.map(row => {
    const personal = openPersonal(opening, row)
    return studentOf(row, readsPersonal(who) ? personal : maskPersonal(personal), who)
  })
}

export async function inFull(tx: Tx, vault: Vault, who: SchoolPerson, row: StudentRow): Promise<StudentInFull> {
  const [student] = await shown(tx, vault, who, [row])
  if (!readsPersonal(who)) return { ...student!, notes: null }
  return { ...student!, notes: openNotes(await openingOf(tx, vault, who.school.id, [row.sealed_notes]), row) }
}

function studentOf(row: StudentRow, personal: Personal, who: SchoolPerson): Student {
  const isGuard = who.role === 'security'
  return {
    id: row.id,
    studentNumber: row.student_number,
    firstName: row.first_name,
    lastName: row.last_name,
    email: isGuard ? null : row.email,
    department:
      isGuard || row.department_id === null ? null : { id: row.department_id, name: row.department_name ?? '' },
    status: row.status,
    enrolledOn: isGuard ? null : row.enrolled_on,
    ...personal,
    masked: readsPersonal(who) ? [] : [...PERSONAL_FIELDS],
    passCount: row.pass_count,
    passesEndAt: row.passes_end_at?.toISOString() ?? null,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
