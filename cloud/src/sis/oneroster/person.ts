/**
 * Students of OneRoster as rows of a table with these headings, the same for CSV and REST and for 1.1 and 1.2, so that
 * a mapping made for one holds for the other. `status` and `department` are worked out; the others are the
 * standard's own.
 */
export const ONEROSTER_HEADINGS = [
  'sourcedId',
  'status',
  'username',
  'givenName',
  'familyName',
  'middleName',
  'identifier',
  'email',
  'sms',
  'phone',
  'department',
  'grades',
  'userMasterIdentifier',
] as const

export type OneRosterPerson = Readonly<Partial<Record<string, string>>>

/** OneRoster 1.1 section 4.13.4 has one role for a user; 1.2 one for each organisation. */
export function isStudentRole(role: string | undefined): boolean {
  return role?.trim().toLowerCase() === 'student'
}

/** A deleted or disabled account is a student who left; nobody is suspended or graduated in OneRoster. */
export function statusWord(status: string | undefined, enabled: string | undefined): 'active' | 'inactive' {
  const gone = ['tobedeleted', 'inactive'].includes((status ?? '').trim().toLowerCase())
  return gone || (enabled ?? '').trim().toLowerCase() === 'false' ? 'inactive' : 'active'
}

export type Organisation = { readonly name: string; readonly type: string }

/** The department among a person's organisations; where there is none, the school, which is one of several then. */
export function departmentOf(ids: readonly string[], organisations: ReadonlyMap<string, Organisation>): string {
  const known = ids.flatMap(id => organisations.get(id) ?? [])
  const found = known.find(({ type }) => type === 'department') ?? known.find(({ type }) => type === 'school')
  return found?.name ?? ''
}

export function cellsOf(person: OneRosterPerson): string[] {
  return ONEROSTER_HEADINGS.map(heading => person[heading] ?? '')
}
