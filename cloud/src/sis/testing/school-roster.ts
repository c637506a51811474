import { rosterZip, type TestPerson } from './roster-zip.ts'

const GIVEN =
  'Ada Zoë Ernő Mary-Jane Chinua Frida Søren Siobhán José Jürgen Olena Björk Ravi İpek Nguyễn Þórunn Łucja Anaïs Noor Mehmet Sem Yara Jean-François Aşkın Dagný'.split(
    ' ',
  )
const FAMILY = [
  ...'Lovelace Ångström Rubik Achebe Kahlo Kierkegaard Żółć García Weiß Lefèvre Yıldız Bakker Ndiaye Kowalczyk'.split(
    ' ',
  ),
  'de Vries',
  'van der Meulen-Öztürk',
  "O'Neill, jr",
  'von und zu Hohenstein-Langenberg',
  'Nguyễn Phúc Ưng Lịch',
  'Ó Conchobhair',
  'Guðmundsdóttir',
  // As long as a name may be.
  'Wolfeschlegelsteinhausenbergerdorff'.padEnd(100, 'ô'),
]
export const ROSTER_DEPARTMENTS = [
  'Natural sciences',
  'Languages, ancient & modern',
  'Économie',
  'Technik',
  'Sport',
] as const

export type Pupil = {
  readonly number: string
  readonly given: string
  readonly family: string
  readonly email: string
  readonly department: string
  /** `2009-05-17`. */
  readonly birthDate: string
  /** E.164. */
  readonly phone: string
}

/** Student `at` of a school of any size, always the same one: names as people have them, a number of six or more digits. */
export function pupil(at: number): Pupil {
  return {
    number: String(100_000 + at),
    given: GIVEN[at % GIVEN.length]!,
    family: FAMILY[(at * 7) % FAMILY.length]!,
    email: `s${100_000 + at}@students.hillside.example`,
    department: ROSTER_DEPARTMENTS[at % ROSTER_DEPARTMENTS.length]!,
    birthDate: `200${7 + (at % 3)}-${two(1 + (at % 12))}-${two(1 + (at % 28))}`,
    phone: `+316${String(10_000_000 + at)}`,
  }
}

const two = (value: number) => String(value).padStart(2, '0')

/** What no list of a real school is without, and why each row is refused. */
const BROKEN: readonly TestPerson[] = [
  { sourcedId: 'b-1', number: '', given: 'No', family: 'Number' },
  { sourcedId: 'b-2', number: 'X12', given: 'Other', family: 'Pattern' },
  { sourcedId: 'b-3', number: '990003', given: 'Not', family: 'An Address', email: 'nobody at home' },
  { sourcedId: 'b-4', number: '990004', given: 'Once', family: 'Here' },
  { sourcedId: 'b-5', number: '990004', given: 'And', family: 'Here' },
]

/** A OneRoster 1.2 zip of a whole school: so many students in five departments, five rows that are refused, two teachers, a year of two terms. */
export function schoolRoster(students: number): { readonly zip: Uint8Array; readonly refused: number } {
  const people = Array.from({ length: students }, (_, at): TestPerson => {
    const { number, given, family, email } = pupil(at)
    return { sourcedId: `u-${number}`, number, given, family, email, org: `d-${at % ROSTER_DEPARTMENTS.length}` }
  })
  const teachers = ['t-1', 't-2'].map(sourcedId => ({
    sourcedId,
    number: '',
    given: 'Grace',
    family: 'Hopper',
    role: 'teacher',
  }))
  const zip = rosterZip('1.2', [...people, ...BROKEN, ...teachers], {
    extra: { 'orgs.csv': ORGANISATIONS, 'academicSessions.csv': SESSIONS },
  })
  return { zip, refused: BROKEN.length }
}

const lines = (...rows: string[]) => rows.join('\r\n')
const ORGANISATIONS = lines(
  'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId',
  'o-1,,,Hillside College,school,,',
  ...ROSTER_DEPARTMENTS.map((name, at) => `d-${at},,,"${name}",department,,o-1`),
)
const SESSIONS = lines(
  'sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear',
  's-1,,,2027/28,schoolYear,2027-08-30,2028-07-14,,2028',
  's-2,,,Autumn 2027,term,2027-08-30,2028-01-28,s-1,2028',
  's-3,,,Spring 2028,term,2028-01-31,2028-07-14,s-1,2028',
)
