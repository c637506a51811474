import { IMPORT_FIELDS, type ImportField } from '@gatehouse/shared/wire/api/import-fields.ts'
import { fold } from '../students/fold.ts'

/** What columns are called, in English, in Dutch, and in OneRoster; folded, without anything but letters and digits. */
const NAMES: Readonly<Record<ImportField, readonly string[]>> = {
  studentNumber: [
    'studentnumber',
    'studentno',
    'studentnr',
    'studentid',
    'number',
    'id',
    'registrationnumber',
    'admissionnumber',
    'studentnummer',
    'leerlingnummer',
    'leerlingnr',
    'stamnummer',
    'nummer',
    'identifier',
  ],
  firstName: ['firstname', 'givenname', 'forename', 'first', 'voornaam', 'roepnaam', 'preferredfirstname'],
  lastNamePrefix: ['prefix', 'nameprefix', 'infix', 'tussenvoegsel', 'voorvoegsel', 'tussenvoegsels', 'voorvoegsels'],
  lastName: ['lastname', 'familyname', 'surname', 'last', 'achternaam', 'familienaam'],
  email: ['email', 'emailaddress', 'schoolemail', 'mail', 'emailadres', 'schoolmail', 'emailschool'],
  department: ['department', 'faculty', 'programme', 'program', 'afdeling', 'opleiding', 'faculteit', 'departement'],
  status: ['status', 'state', 'enrolmentstatus', 'enrollmentstatus', 'enableduser', 'toestand', 'inschrijfstatus'],
  birthDate: ['birthdate', 'dateofbirth', 'dob', 'birthday', 'geboortedatum', 'gebdatum'],
  enrolledOn: ['enrolledon', 'enrolmentdate', 'enrollmentdate', 'startdate', 'inschrijfdatum', 'ingeschrevenop'],
  phone: [
    'phone',
    'phonenumber',
    'mobile',
    'telephone',
    'sms',
    'telefoon',
    'telefoonnummer',
    'mobiel',
    'gsm',
    '06nummer',
  ],
  privateEmail: ['privateemail', 'personalemail', 'homeemail', 'priveemail', 'emailprive', 'privemail'],
  addressLines: ['address', 'addressline', 'street', 'streetaddress', 'adres', 'straat', 'straatenhuisnummer'],
  postalCode: ['postalcode', 'postcode', 'zip', 'zipcode'],
  town: ['town', 'city', 'woonplaats', 'plaats', 'stad'],
  country: ['country', 'countrycode', 'land', 'landcode'],
  notes: ['notes', 'note', 'remarks', 'comments', 'notities', 'opmerkingen', 'opmerking'],
}

const plain = (heading: string) => fold(heading).replace(/[^\p{L}\p{N}]/gu, '')

/**
 * Which column each field is likely read from. The names of a field stand in order of how sure they are: a file with
 * both `Student number` and `ID` has the first.
 */
export function suggestColumns(headings: readonly string[]): Partial<Record<ImportField, string>> {
  const columns: Partial<Record<ImportField, string>> = {}
  const taken = new Set<string>()
  for (const field of IMPORT_FIELDS) {
    for (const name of NAMES[field]) {
      const heading = headings.find(one => !taken.has(one) && plain(one) === name)
      if (heading === undefined) continue
      columns[field] = heading
      taken.add(heading)
      break
    }
  }
  return columns
}

/** Every column by a name of its own: `Column 3` where there is none, `Phone (2)` where there is one already. */
export function distinctHeadings(headings: readonly string[]): string[] {
  const names = new Set<string>()
  for (const [at, heading] of headings.entries()) {
    const wanted = heading.trim().slice(0, 180) || `Column ${at + 1}`
    let name = wanted
    for (let again = 2; names.has(name); again++) name = `${wanted} (${again})`
    names.add(name)
  }
  return [...names]
}
