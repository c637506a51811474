import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Address } from '@gatehouse/shared/wire/api/students.ts'
import type { Facts } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Opening, Sealing } from '../keys/data-keys.ts'
import { fold } from './fold.ts'
import { NUMBER_PATTERN, numberPattern } from './number-pattern.ts'
import { maskPersonal, openNotes, openPersonal, type Personal, sealPersonal } from './personal.ts'
import { readPhone } from './phone.ts'
import type { StudentStatus } from './tables.ts'

/** Everything a school keeps of a student. Dates are `YYYY-MM-DD`. */
export type StudentFields = {
  readonly studentNumber: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string | null
  readonly departmentId: string | null
  readonly status: StudentStatus
  readonly enrolledOn: string | null
  readonly birthDate: string | null
  readonly phone: string | null
  readonly privateEmail: string | null
  readonly address: Address | null
  readonly notes: string | null
}

/** What there must be of a new one; the rest is not known. */
export type NewStudent = Pick<StudentFields, 'studentNumber' | 'firstName' | 'lastName'> & Partial<StudentFields>

const UNKNOWN = {
  email: null,
  departmentId: null,
  status: 'active',
  enrolledOn: null,
  birthDate: null,
  phone: null,
  privateEmail: null,
  address: null,
  notes: null,
} as const

export function completed(fields: NewStudent): StudentFields {
  return { ...UNKNOWN, ...defined(fields) } as StudentFields
}

export function changed(before: StudentFields, change: Partial<StudentFields>): StudentFields {
  return { ...before, ...defined(change) }
}

function defined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}

/** What a school says of its students. */
export type SchoolRules = {
  readonly country: string | null
  readonly numberPattern: RegExp
  readonly timeZone: string
  /** Days after which who left or graduated has no pass any more. */
  readonly graceDays: Readonly<Record<'inactive' | 'graduated', number>>
}

export async function schoolRules(tx: Tx, schoolId: string): Promise<SchoolRules> {
  const row = await tx.selectFrom('schools').selectAll().where('id', '=', schoolId).executeTakeFirstOrThrow()
  return {
    country: row.country,
    numberPattern: numberPattern(row.student_number_pattern ?? NUMBER_PATTERN) ?? new RegExp(NUMBER_PATTERN),
    timeZone: row.time_zone,
    graceDays: { inactive: row.grace_days_inactive, graduated: row.grace_days_graduated },
  }
}

export type Unreadable = 'number_unlike' | 'phone_unreadable' | 'birth_in_future'

/** Fields as they are kept: the phone in E.164. Only what is asked to change is held against the rules: what was entered under older ones stands. */
export function readFields<Fields extends Partial<StudentFields>>(
  { country, numberPattern }: SchoolRules,
  fields: Fields,
  nowMs: number,
): Result<Fields, Unreadable> {
  const { studentNumber, phone, birthDate } = fields
  if (studentNumber !== undefined && !numberPattern.test(studentNumber)) return fail('number_unlike')
  // A day ahead: it is tomorrow already somewhere.
  if (typeof birthDate === 'string' && Date.parse(birthDate) > nowMs + 86_400_000) return fail('birth_in_future')
  if (typeof phone !== 'string') return ok(fields)
  const read = readPhone(phone, country)
  return read === null ? fail('phone_unreadable') : ok({ ...fields, phone: read })
}

export function fieldsOf(row: Row<'students'>, opening: Opening): StudentFields {
  return {
    studentNumber: row.student_number,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    departmentId: row.department_id,
    status: row.status,
    enrolledOn: row.enrolled_on,
    ...openPersonal(opening, row),
    notes: openNotes(opening, row),
  }
}

export function columnsOf(seal: Sealing, id: string, fields: StudentFields) {
  const { studentNumber, firstName, lastName, email, departmentId, status, enrolledOn, notes } = fields
  return {
    student_number: studentNumber,
    first_name: firstName,
    last_name: lastName,
    email,
    department_id: departmentId,
    status,
    enrolled_on: enrolledOn,
    ...sealPersonal(seal, id, { name: `${firstName} ${lastName}`, personal: personalOf(fields), notes }),
    search_text: ` ${fold([lastName, firstName, studentNumber, email ?? ''].join(' '))}`,
  }
}

export function personalOf({ birthDate, phone, privateEmail, address }: StudentFields): Personal {
  return { birthDate, phone, privateEmail, address }
}

/** As the audit log may keep it: what is sealed in the row is not in clear beside it. */
export function factsOf(fields: Partial<StudentFields>): Facts {
  const { birthDate, phone, privateEmail, address, notes, ...clear } = fields
  const personal = maskPersonal({
    birthDate: birthDate ?? null,
    phone: phone ?? null,
    privateEmail: null,
    address: address ?? null,
  })
  const facts = {
    ...clear,
    ...(birthDate !== undefined && { birthDate: personal.birthDate }),
    ...(phone !== undefined && { phone: personal.phone }),
    ...(privateEmail !== undefined && { privateEmail: privateEmail === null ? null : '…' }),
    ...(address !== undefined && { address: personal.address?.town ?? null }),
    ...(notes !== undefined && { notes: notes === null ? null : '…' }),
  }
  return defined(facts) as Facts
}

/** What of a student differs, in full. A change within a sealed field is one, though its mask is the same. */
export function differences(
  before: StudentFields,
  after: StudentFields,
): { readonly before: Partial<StudentFields>; readonly after: Partial<StudentFields> } | null {
  const names = (Object.keys(after) as (keyof StudentFields)[]).filter(
    name => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  if (names.length === 0) return null
  const only = (fields: StudentFields) => Object.fromEntries(names.map(name => [name, fields[name]]))
  return { before: only(before), after: only(after) }
}
