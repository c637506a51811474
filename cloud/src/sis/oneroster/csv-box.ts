import { tableIn } from '../read/open-file.ts'
import { type AcademicSession, type Sheet, type SheetRow, UnreadableFile } from '../read/rows.ts'
import type { ZipBox } from '../read/zip.ts'
import { cellsOf, departmentOf, isStudentRole, ONEROSTER_HEADINGS, type Organisation, statusWord } from './person.ts'

export type OneRosterBox = {
  readonly version: '1.1' | '1.2'
  /** Everybody, or only who changed: in a delta nobody is missing. */
  readonly mode: 'bulk' | 'delta'
  /** And the terms, as far as the box has them. */
  readonly students: Sheet & Required<Pick<Sheet, 'sessions'>>
}

const MANIFEST = 'manifest.csv'
/** Organisations and roles are held while the users stream by. */
const HELD_MAX = 1_000_000
/** More than a school keeps terms: they stand in the plan of the import. */
export const SESSIONS_MAX = 500

export function isOneRoster(box: ZipBox): boolean {
  return box.names.includes(MANIFEST)
}

/** OneRoster CSV binding 1.1 and 1.2: a zip whose manifest says which files are in it and what they are. */
export async function openOneRoster(box: ZipBox): Promise<OneRosterBox> {
  const manifest = new Map<string, string>()
  for await (const row of records(box, MANIFEST)) manifest.set(row.of('propertyName'), row.of('value').toLowerCase())
  const version = manifest.get('oneroster.version')
  if (version !== '1.1' && version !== '1.2') {
    throw new UnreadableFile(
      `manifest.csv says OneRoster ${version ?? 'without a version'}; 1.1 and 1.2 are read here.`,
    )
  }
  const mode = manifest.get('file.users')
  if (mode !== 'bulk' && mode !== 'delta') {
    throw new UnreadableFile('manifest.csv says that users.csv is absent. Without users there is nobody to import.')
  }
  const has = (name: string) => ['bulk', 'delta'].includes(manifest.get(`file.${name}`) ?? '')

  const organisations = new Map<string, Organisation>()
  if (has('orgs')) {
    for await (const row of records(box, 'orgs.csv')) {
      hold(organisations, row.of('sourcedId'), { name: row.of('name'), type: row.of('type').toLowerCase() })
    }
  }
  const roles = version === '1.2' ? await studentRoles(box, has('roles')) : null
  return {
    version,
    mode,
    students: {
      headings: ONEROSTER_HEADINGS,
      async *rows(): AsyncGenerator<SheetRow> {
        for await (const row of records(box, 'users.csv')) {
          const found = roles === null ? rolesOfRow(row) : (roles.get(row.of('sourcedId')) ?? null)
          if (found === null) continue
          const department = departmentOf(
            roles === null ? found : [row.of('primaryOrgSourcedId'), ...found],
            organisations,
          )
          const status = statusWord(row.of('status'), row.of('enabledUser'))
          const named = {
            givenName: row.of('preferredGivenName') || row.of('givenName'),
            familyName: row.of('preferredFamilyName') || row.of('familyName'),
          }
          const same = Object.fromEntries(ONEROSTER_HEADINGS.map(heading => [heading, row.of(heading)]))
          yield { number: row.number, cells: cellsOf({ ...same, ...named, status, department }) }
        }
      },
      async sessions() {
        if (!has('academicSessions')) return []
        const found: AcademicSession[] = []
        for await (const row of records(box, 'academicSessions.csv')) {
          if (row.of('status').toLowerCase() === 'tobedeleted') continue
          const dates = { from: row.of('startDate'), to: row.of('endDate') }
          found.push({ sourcedId: row.of('sourcedId'), title: row.of('title'), type: row.of('type'), ...dates })
          if (found.length > SESSIONS_MAX)
            throw new UnreadableFile(`academicSessions.csv has more than ${SESSIONS_MAX} terms.`)
        }
        return found
      },
    },
  }
}

/** 1.1: a user has one role and a list of organisations. Null: no student. */
function rolesOfRow(row: FileRecord): string[] | null {
  return isStudentRole(row.of('role')) ? split(row.of('orgSourcedIds')) : null
}

/** 1.2: who is a student, and where. A role that is to be deleted is none. */
async function studentRoles(box: ZipBox, isThere: boolean): Promise<Map<string, string[]>> {
  if (!isThere)
    throw new UnreadableFile('OneRoster 1.2 says in roles.csv who is a student, and manifest.csv says it is absent.')
  const roles = new Map<string, string[]>()
  for await (const row of records(box, 'roles.csv')) {
    if (!isStudentRole(row.of('role')) || row.of('status').toLowerCase() === 'tobedeleted') continue
    const user = row.of('userSourcedId')
    const others = roles.get(user) ?? []
    // The primary one first: it names the department.
    const all =
      row.of('roleType').toLowerCase() === 'primary'
        ? [row.of('orgSourcedId'), ...others]
        : [...others, row.of('orgSourcedId')]
    hold(roles, user, all.slice(0, 10))
  }
  return roles
}

type FileRecord = { readonly number: number; of(heading: string): string }

async function* records(box: ZipBox, name: string): AsyncGenerator<FileRecord> {
  if (!box.names.includes(name.toLowerCase())) {
    throw new UnreadableFile(`manifest.csv speaks of ${name}, and it is not in the zip file.`)
  }
  const sheet = await tableIn(box, name)
  const at = new Map(sheet.headings.map((heading, index) => [heading.replace(/^\ufeff/, '').toLowerCase(), index]))
  for await (const { number, cells } of sheet.rows()) {
    yield { number, of: heading => cells[at.get(heading.toLowerCase()) ?? -1]?.trim() ?? '' }
  }
}

function hold<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value)
  if (map.size > HELD_MAX) throw new UnreadableFile(`The zip file names more than ${HELD_MAX} organisations or roles.`)
}

const split = (ids: string) =>
  ids
    .split(',')
    .map(id => id.trim())
    .filter(Boolean)
