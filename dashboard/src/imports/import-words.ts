import type { ChangedField, ImportField } from '@gatehouse/shared/wire/api/import-fields.ts'
import type {
  Import,
  ImportOutcome,
  ImportPlan,
  ImportState,
  RowAction,
  UndoOutcome,
} from '@gatehouse/shared/wire/api/imports.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const FIELD_WORDS: Record<ImportField | ChangedField, string> = {
  studentNumber: 'Student number',
  firstName: 'First name',
  lastNamePrefix: 'Prefix of the last name',
  lastName: 'Last name',
  email: 'School e-mail',
  department: 'Department',
  status: 'Status',
  birthDate: 'Date of birth',
  enrolledOn: 'Enrolled on',
  phone: 'Phone',
  privateEmail: 'Private e-mail',
  addressLines: 'Street and number',
  postalCode: 'Postal code',
  town: 'Town',
  country: 'Country',
  address: 'Address',
  notes: 'Notes',
}

export const STATE_WORDS: Record<ImportState, string> = {
  uploaded: 'Uploaded',
  planning: 'Dry run …',
  planned: 'Ready',
  applying: 'Importing …',
  applied: 'Imported',
  undoing: 'Undoing …',
  undone: 'Undone',
  cancelled: 'Given up',
  failed: 'Failed',
}

export const STATE_TONES: Record<ImportState, BadgeTone> = {
  uploaded: 'quiet',
  planning: 'quiet',
  planned: 'warning',
  applying: 'quiet',
  applied: 'granted',
  undoing: 'quiet',
  undone: 'quiet',
  cancelled: 'quiet',
  failed: 'refused',
}

export const ACTION_WORDS: Record<RowAction, string> = {
  make: 'New',
  change: 'Changed',
  none: 'As it is',
  refuse: 'Refused',
  inactivate: 'Leaves',
  archive: 'Archived',
}

export const isBusy = ({ state }: Pick<Import, 'state'>): boolean => ['planning', 'applying', 'undoing'].includes(state)

const count = (number: number, one: string, many: string) => `${number.toLocaleString()} ${number === 1 ? one : many}`
const students = (number: number) => count(number, 'student', 'students')

/** What would happen, as one would say it. */
export function sayPlan({ made, changed, unchanged, refused, absent, archived, passes }: ImportPlan): string {
  const parts = [
    made > 0 && `${students(made)} would be new`,
    changed > 0 && `${students(changed)} would be changed`,
    absent > 0 && `${students(absent)} not in the file would ${archived > 0 ? 'be archived' : 'become inactive'}`,
    passes.revoked > 0 && `${count(passes.revoked, 'pass', 'passes')} would be revoked`,
    passes.suspended > 0 && `${count(passes.suspended, 'pass', 'passes')} suspended`,
    passes.givenBack > 0 && `${count(passes.givenBack, 'pass', 'passes')} given back`,
    unchanged > 0 && `${unchanged.toLocaleString()} stay as they are`,
    refused > 0 && `${count(refused, 'row is', 'rows are')} refused`,
  ].filter(part => part !== false)
  return parts.length === 0 ? 'Nothing would change.' : `${listed(parts)}.`
}

export function sayOutcome({ made, changed, archived, passedOver, passes }: ImportOutcome): string {
  const parts = [
    `${students(made)} new`,
    `${changed.toLocaleString()} changed`,
    archived > 0 && `${archived.toLocaleString()} archived`,
    passes.revoked + passes.suspended > 0 &&
      `${count(passes.revoked + passes.suspended, 'pass', 'passes')} revoked or suspended`,
    passedOver > 0 && `${passedOver.toLocaleString()} passed over, because they were changed since the dry run`,
  ].filter(part => part !== false)
  return `${listed(parts)}.`
}

/** What undoing will do, in numbers, before it is asked for. */
export function sayBeforeUndo({ made, changed, archived }: ImportOutcome): string {
  const parts = [
    made > 0 && `archives ${students(made)} that it made`,
    changed > 0 && `sets ${students(changed)} back to what they were`,
    archived > 0 && `brings ${students(archived)} back from the archive`,
  ].filter(part => part !== false)
  return parts.length === 0 ? 'There is nothing to set back.' : `This ${listed(parts)}.`
}

export function sayUndo({ restored, archived, kept, passesStayRevoked }: UndoOutcome): string {
  const parts = [
    `${students(restored)} as before`,
    archived > 0 && `${archived.toLocaleString()} new ones archived again`,
    kept > 0 && `${kept.toLocaleString()} left as they are, because they were changed since`,
    passesStayRevoked > 0 && `${count(passesStayRevoked, 'pass stays', 'passes stay')} revoked: issue new ones`,
  ].filter(part => part !== false)
  return `${listed(parts)}.`
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
