import type { Address } from '@gatehouse/shared/wire/api/students.ts'
import type { Row } from '../db/tables.ts'
import type { Opening, Sealing } from '../keys/data-keys.ts'
import { fold } from './fold.ts'

/** What of a student is kept sealed. Phone in E.164. */
export type Personal = {
  readonly birthDate: string | null
  readonly phone: string | null
  readonly privateEmail: string | null
  readonly address: Address | null
}

export const NOTHING_PERSONAL: Personal = { birthDate: null, phone: null, privateEmail: null, address: null }

type Sealed = Pick<
  Row<'students'>,
  'sealed_personal' | 'sealed_notes' | 'person_index' | 'phone_index' | 'private_email_index'
>

/** The sealed columns of a student's row, and the hashes it is found by. */
export function sealPersonal(
  seal: Sealing,
  id: string,
  { name, personal, notes }: { readonly name: string; readonly personal: Personal; readonly notes: string | null },
): Sealed {
  const known = Object.entries(personal).filter(([, value]) => value !== null)
  return {
    sealed_personal:
      known.length === 0 ? null : seal.seal(personalPlace(id), Buffer.from(JSON.stringify(Object.fromEntries(known)))),
    sealed_notes: notes === null ? null : seal.seal(notesPlace(id), Buffer.from(notes)),
    person_index: personal.birthDate === null ? null : personIndex(seal, name, personal.birthDate),
    phone_index: personal.phone === null ? null : phoneIndex(seal, personal.phone),
    private_email_index: personal.privateEmail === null ? null : privateEmailIndex(seal, personal.privateEmail),
  }
}

type PersonalRow = Pick<Row<'students'>, 'id' | 'sealed_personal'>

export function openPersonal(opening: Opening, { id, sealed_personal: sealed }: PersonalRow): Personal {
  if (sealed === null) return NOTHING_PERSONAL
  const said = JSON.parse(opening.open(personalPlace(id), sealed).toString()) as Partial<Personal>
  const { birthDate = null, phone = null, privateEmail = null, address = null } = said
  return { birthDate, phone, privateEmail, address }
}

export function openNotes(
  opening: Opening,
  { id, sealed_notes: sealed }: Pick<Row<'students'>, 'id' | 'sealed_notes'>,
) {
  return sealed === null ? null : opening.open(notesPlace(id), sealed).toString()
}

/** What everybody may see of it who may see that the student is there: enough to tell two people apart. */
export function maskPersonal({ birthDate, phone, address }: Personal): Personal {
  return {
    birthDate: birthDate === null ? null : birthDate.slice(0, 4),
    phone: phone === null ? null : `…${phone.slice(-2)}`,
    privateEmail: null,
    address: address === null ? null : { lines: [], postalCode: null, town: address.town, country: null },
  }
}

/** Two of one name, however it is written, and one birth date. */
export const personIndex = (opening: Opening, name: string, birthDate: string) =>
  opening.blindIndex({ table: 'students', column: 'person_index' }, `${fold(name)}\0${birthDate}`)

export const phoneIndex = (opening: Opening, phone: string) =>
  opening.blindIndex({ table: 'students', column: 'phone_index' }, phone)

export const privateEmailIndex = (opening: Opening, email: string) =>
  opening.blindIndex({ table: 'students', column: 'private_email_index' }, email.trim().toLowerCase())

const personalPlace = (row: string) => ({ table: 'students', column: 'sealed_personal', row })
const notesPlace = (row: string) => ({ table: 'students', column: 'sealed_notes', row })
