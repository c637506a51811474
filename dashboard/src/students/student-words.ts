import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const STATUS_WORDS: Record<Student['status'], string> = {
  active: 'Active',
  inactive: 'Inactive',
  graduated: 'Graduated',
  suspended: 'Suspended',
}

export const STATUS_TONES: Record<Student['status'], BadgeTone> = {
  active: 'granted',
  inactive: 'quiet',
  graduated: 'quiet',
  suspended: 'warning',
}

export function fullName({ firstName, lastName }: Pick<Student, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim()
}

export function passCountWords(count: number): string {
  if (count === 0) return 'no pass'
  return count === 1 ? '1 pass' : `${count} passes`
}

export const FIELD_WORDS: Readonly<Record<string, string>> = {
  studentNumber: 'number',
  firstName: 'first name',
  lastName: 'last name',
  email: 'e-mail',
  departmentId: 'department',
  enrolledOn: 'enrolment',
  birthDate: 'date of birth',
  phone: 'phone',
  privateEmail: 'private e-mail',
  address: 'address',
  notes: 'notes',
  passes: 'passes',
}
