import { PERSONAL_FIELDS, type Student, type StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import type { Tx } from '../db/tables.ts'
import { readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { maskPersonal, NOTHING_PERSONAL, openNotes, openPersonal, type Personal } from './personal.ts'
import type { StudentRow } from './students-found.repo.ts'

type Masked = Student['masked'] | typeof PERSONAL_FIELDS

/** Rows as this caller may see them. Security reads name, status and number, and nothing is opened for it. */
export async function shown(tx: Tx, vault: Vault, who: SchoolPerson, rows: readonly StudentRow[]): Promise<Student[]> {
  if (who.role === 'security') return rows.map(guarded)
  const sealed = rows.map(row => row.sealed_personal)
  const opening = await openingOf(tx, vault, who.school.id, sealed)
  if (readsPersonal(who)) return rows.map(row => studentOf(row, openPersonal(opening, row), []))
  return rows.map(row => studentOf(row, maskPersonal(openPersonal(opening, row)), PERSONAL_FIELDS))
}

export async function inFull(tx: Tx, vault: Vault, who: SchoolPerson, row: StudentRow): Promise<StudentInFull> {
  const [student] = await shown(tx, vault, who, [row])
  if (!readsPersonal(who)) return { ...student!, notes: null }
  return { ...student!, notes: openNotes(await openingOf(tx, vault, who.school.id, [row.sealed_notes]), row) }
}

function studentOf(row: StudentRow, { birthDate, phone, privateEmail, address }: Personal, masked: Masked): Student {
  return {
    id: row.id,
    studentNumber: row.student_number,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    department: row.department_id === null ? null : { id: row.department_id, name: row.department_name ?? '' },
    status: row.status,
    enrolledOn: row.enrolled_on,
    birthDate,
    phone,
    privateEmail,
    address,
    masked: [...masked],
    passCount: row.pass_count,
    passesEndAt: row.passes_end_at?.toISOString() ?? null,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

function guarded(row: StudentRow): Student {
  const student = studentOf(row, NOTHING_PERSONAL, PERSONAL_FIELDS)
  return { ...student, email: null, department: null, enrolledOn: null }
}
