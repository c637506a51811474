import type { ImportField, Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import { Address, STUDENT_FIELDS } from '@gatehouse/shared/wire/api/students.ts'
import { typed } from '@gatehouse/shared/wire/api/text.ts'
import type { z } from 'zod'
import type { StudentFields } from '../students/student-fields.ts'
import { dateOf } from './dates.ts'
import type { SheetRow } from './read/rows.ts'
import { statusOf } from './status-words.ts'

/** Why a row is refused: what is wrong with which column; null: with the row. */
export type Fault = { readonly column: string | null; readonly message: string }

/** What a row says of a student. A department goes by its name, and may be new. */
export type Entry = Partial<Omit<StudentFields, 'departmentId'>> & { readonly department?: string | null }

export type ReadRow = {
  readonly number: number
  /** Null: there is none, or it is not one. */
  readonly studentNumber: string | null
  readonly entry: Entry
  readonly faults: readonly Fault[]
  /** A word in the status column that stands for nothing known. */
  readonly unknownStatus: string | null
}

/** Cells longer than this are no part of a student. */
const CELL_CHARACTERS_MAX = 4_000
const DEPARTMENT = typed({ least: 1, most: 100 })

export class NoSuchColumn extends Error {}

/** What reads the rows of one file by its mapping. Throws `NoSuchColumn` when the file has not what the mapping names. */
export function rowReader(headings: readonly string[], mapping: Mapping): (row: SheetRow) => ReadRow {
  const at = new Map<ImportField, { readonly index: number; readonly column: string }>()
  for (const [field, column] of Object.entries(mapping.columns) as [ImportField, string][]) {
    const index = headings.indexOf(column)
    if (index === -1) throw new NoSuchColumn(`The file has no column ${column}.`)
    at.set(field, { index, column })
  }
  return row => readRow(row, at, mapping)
}

type Columns = ReadonlyMap<ImportField, { readonly index: number; readonly column: string }>

function readRow({ number, cells }: SheetRow, at: Columns, mapping: Mapping): ReadRow {
  const faults: Fault[] = []
  const cell = (field: ImportField) => cells[at.get(field)?.index ?? -1]?.trim() ?? ''
  const fault = (field: ImportField, message: string) =>
    void faults.push({ column: at.get(field)?.column ?? null, message })
  for (const { index, column } of at.values()) {
    const text = cells[index] ?? ''
    if (text.length > CELL_CHARACTERS_MAX) faults.push({ column, message: 'is too long' })
    else if (text.includes('\ufffd'))
      faults.push({
        column,
        message: 'has a character that cannot be read: the file is damaged or its encoding is mixed',
      })
  }

  /** Undefined: says nothing of it. Null: says that there is none. */
  const said = (field: ImportField): string | null | undefined => {
    if (!at.has(field)) return undefined
    const text = cell(field)
    if (text !== '') return text
    return mapping.emptyCells === 'clear' ? null : undefined
  }
  const checked = <Value>(field: ImportField, schema: z.ZodType<Value>, value: unknown): Value | undefined => {
    if (value === undefined) return undefined
    const read = schema.safeParse(value)
    if (read.success) return read.data
    fault(field, read.error.issues[0]!.message)
    return undefined
  }
  const date = (field: 'birthDate' | 'enrolledOn') => {
    const text = said(field)
    if (text === null || text === undefined) return text
    const read = dateOf(text, mapping.dateOrder)
    if (read === null) fault(field, `${shown(text)} is no date in the order ${ORDERS[mapping.dateOrder]}`)
    return read === null ? undefined : checked(field, STUDENT_FIELDS[field], read)
  }

  const studentNumber = checked('studentNumber', STUDENT_FIELDS.studentNumber, cell('studentNumber')) ?? null
  const word = cell('status')
  const status = word === '' ? undefined : statusOf(word, mapping.statuses)
  if (word !== '' && status === undefined)
    fault('status', `${shown(word)} is no status that is known: say what it stands for`)
  const entry: Entry = {
    // A name cannot be taken away.
    firstName: checked('firstName', STUDENT_FIELDS.firstName, said('firstName') ?? undefined),
    lastName: lastName(),
    email: checked('email', STUDENT_FIELDS.email, said('email')),
    department: department(),
    status,
    birthDate: date('birthDate'),
    enrolledOn: date('enrolledOn'),
    phone: checked('phone', STUDENT_FIELDS.phone, said('phone')),
    privateEmail: checked('privateEmail', STUDENT_FIELDS.privateEmail, said('privateEmail')),
    address: address(),
    notes: checked('notes', STUDENT_FIELDS.notes, said('notes')),
  } as Entry
  return {
    number,
    studentNumber,
    entry: Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)),
    faults: faults.slice(0, 10),
    unknownStatus: word !== '' && status === undefined ? word.slice(0, 100) : null,
  }

  function lastName(): string | undefined {
    const told = said('lastName')
    if (told === undefined) return undefined
    return checked('lastName', STUDENT_FIELDS.lastName, [cell('lastNamePrefix'), told ?? ''].filter(Boolean).join(' '))
  }

  function department(): string | null | undefined {
    const told = said('department')
    return told === null ? null : checked('department', DEPARTMENT, told)
  }

  function address(): Address | null | undefined {
    const parts = ['addressLines', 'postalCode', 'town', 'country'] as const
    if (!parts.some(field => at.has(field))) return undefined
    if (parts.every(field => cell(field) === '')) return mapping.emptyCells === 'clear' ? null : undefined
    if (cell('town') === '') {
      fault(at.has('town') ? 'town' : 'addressLines', 'an address needs a town')
      return undefined
    }
    const lines = cell('addressLines')
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(Boolean)
    const told = {
      lines,
      town: cell('town'),
      postalCode: cell('postalCode') || null,
      country: cell('country').toUpperCase() || null,
    }
    const read = Address.safeParse(told)
    if (read.success) return read.data
    const { path, message } = read.error.issues[0]!
    fault(path[0] === 'lines' ? 'addressLines' : ((path[0] ?? 'town') as ImportField), message)
    return undefined
  }
}

const ORDERS = { dmy: 'day, month, year', mdy: 'month, day, year', ymd: 'year, month, day' } as const

/** A cell in a sentence: short, on one line. */
function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return `“${line.length > 40 ? `${line.slice(0, 40)}…` : line}”`
}
