import type { StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import { MERGED_FIELDS } from '@gatehouse/shared/wire/api/students-many.ts'
import { STATUS_WORDS } from '../students/student-words.ts'
import { sayDate } from '../ui/when.ts'

export type MergedField = (typeof MERGED_FIELDS)[number]
export type Side = 'this' | 'other'
/** What somebody chose; a field that is not in it is taken as the service does by itself. */
export type Take = Readonly<Partial<Record<MergedField, Side>>>

export const MERGED_WORDS: Record<MergedField, string> = {
  studentNumber: 'Student number',
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  departmentId: 'Department',
  status: 'Status',
  enrolledOn: 'Enrolled on',
  birthDate: 'Date of birth',
  phone: 'Phone',
  privateEmail: 'Private e-mail',
  address: 'Address',
  notes: 'Notes',
}

/** A field as text for a person; null: there is nothing. */
export function sayField(student: StudentInFull, field: MergedField): string | null {
  const { department, status, enrolledOn, birthDate, address } = student
  if (field === 'departmentId') return department?.name ?? null
  if (field === 'status') return STATUS_WORDS[status]
  if (field === 'enrolledOn') return enrolledOn && sayDate(enrolledOn)
  if (field === 'birthDate') return birthDate && sayDate(birthDate)
  if (field === 'address') {
    if (address === null) return null
    const town = [address.postalCode, address.town].filter(Boolean).join(' ')
    return [...address.lines, town, address.country].filter(Boolean).join(', ')
  }
  return student[field] || null
}

/** Where two entries differ: what there is to choose. */
export function differing(one: StudentInFull, other: StudentInFull): readonly MergedField[] {
  return MERGED_FIELDS.filter(field => sayField(one, field) !== sayField(other, field))
}

/** From which of the two a field comes: as was chosen, else this one's where it has one. */
export function sideOf(take: Take, field: MergedField, one: StudentInFull): Side {
  return take[field] ?? (sayField(one, field) === null && field !== 'lastName' ? 'other' : 'this')
}
