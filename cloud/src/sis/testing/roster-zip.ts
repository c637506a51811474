import { strToU8, zipSync } from 'fflate'

type Table = readonly (readonly string[])[]

const csv = (rows: Table) =>
  rows
    .map(row => row.map(cell => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(','))
    .join('\r\n')

export type TestPerson = {
  readonly sourcedId: string
  readonly number: string
  readonly given: string
  readonly family: string
  readonly email?: string
  readonly role?: string
  readonly status?: string
  readonly enabled?: string
  readonly org?: string
}

/** A OneRoster zip as a student system exports it. */
export function rosterZip(
  version: '1.1' | '1.2',
  people: readonly TestPerson[],
  {
    mode = 'bulk',
    extra = {},
  }: { readonly mode?: 'bulk' | 'delta'; readonly extra?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  const isNew = version === '1.2'
  const manifest: Table = [
    ['propertyName', 'value'],
    ['manifest.version', '1.0'],
    ['oneroster.version', version],
    ['file.academicSessions', 'bulk'],
    ['file.orgs', 'bulk'],
    ['file.users', mode],
    ['file.enrollments', 'absent'],
    ...(isNew ? [['file.roles', mode]] : []),
  ]
  const orgs: Table = [
    ['sourcedId', 'status', 'dateLastModified', 'name', 'type', 'identifier', 'parentSourcedId'],
    ['o-1', '', '', 'Hillside, North', 'school', '', ''],
    ['d-1', '', '', 'Physics', 'department', '', 'o-1'],
  ]
  const users: Table = [
    isNew
      ? [
          'sourcedId',
          'status',
          'dateLastModified',
          'enabledUser',
          'username',
          'givenName',
          'familyName',
          'identifier',
          'email',
          'primaryOrgSourcedId',
        ]
      : [
          'sourcedId',
          'status',
          'dateLastModified',
          'enabledUser',
          'orgSourcedIds',
          'role',
          'username',
          'givenName',
          'familyName',
          'identifier',
          'email',
        ],
    ...people.map(
      ({
        sourcedId,
        number,
        given,
        family,
        email = '',
        role = 'student',
        status = '',
        enabled = 'true',
        org = 'o-1',
      }) =>
        isNew
          ? [sourcedId, status, '', enabled, sourcedId, given, family, number, email, 'o-1']
          : [sourcedId, status, '', enabled, org, role, sourcedId, given, family, number, email],
    ),
  ]
  const roles: Table = [
    [
      'sourcedId',
      'status',
      'dateLastModified',
      'userSourcedId',
      'roleType',
      'role',
      'beginDate',
      'endDate',
      'orgSourcedId',
    ],
    ...people.map(({ sourcedId, role = 'student', org = 'o-1' }) => [
      `r-${sourcedId}`,
      '',
      '',
      sourcedId,
      'primary',
      role,
      '',
      '',
      org,
    ]),
  ]
  const sessions: Table = [
    [
      'sourcedId',
      'status',
      'dateLastModified',
      'title',
      'type',
      'startDate',
      'endDate',
      'parentSourcedId',
      'schoolYear',
    ],
    ['s-1', '', '', '2026/27', 'schoolYear', '2026-09-01', '2027-07-31', '', '2027'],
  ]
  const files = {
    'manifest.csv': csv(manifest),
    'orgs.csv': csv(orgs),
    'users.csv': csv(users),
    'academicSessions.csv': csv(sessions),
    ...(isNew && { 'roles.csv': csv(roles) }),
    ...extra,
  }
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))
}
