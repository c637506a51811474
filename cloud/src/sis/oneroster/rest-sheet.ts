import type { AcademicSession, Sheet, SheetRow } from '../read/rows.ts'
import { SESSIONS_MAX } from './csv-box.ts'
import { cellsOf, departmentOf, isStudentRole, ONEROSTER_HEADINGS, type Organisation, statusWord } from './person.ts'
import { type RestClient, SourceFailed } from './rest-client.ts'

type Resource = Readonly<Record<string, unknown>>

/** The students of a service as a table, page after page; the organisations are held meanwhile. */
export function restSheet(client: RestClient): Sheet {
  return {
    headings: ONEROSTER_HEADINGS,
    async *rows(): AsyncGenerator<SheetRow> {
      const organisations = new Map<string, Organisation>()
      for await (const org of client.all('orgs')) {
        organisations.set(text(org.sourcedId), { name: text(org.name), type: text(org.type).toLowerCase() })
      }
      // Row 1 would be the headings.
      let number = 1
      for await (const user of client.all('students')) {
        number++
        if (!isStudent(user)) continue
        yield { number, cells: cellsOf(personOf(user, organisations)) }
      }
    },
    sessions: () => restSessions(client),
  }
}

/** A service that has no terms, or does not let us read them, has students all the same. */
async function restSessions(client: RestClient): Promise<AcademicSession[]> {
  try {
    return await readSessions(client)
  } catch (problem) {
    if (problem instanceof SourceFailed && [403, 404].includes(problem.status ?? 0)) return []
    throw problem
  }
}

async function readSessions(client: RestClient): Promise<AcademicSession[]> {
  const found: AcademicSession[] = []
  for await (const one of client.all('academicSessions')) {
    if (text(one.status).toLowerCase() === 'tobedeleted') continue
    found.push({
      sourcedId: text(one.sourcedId),
      title: text(one.title),
      type: text(one.type),
      from: text(one.startDate),
      to: text(one.endDate),
    })
    if (found.length > SESSIONS_MAX) throw new SourceFailed(`The service has more than ${SESSIONS_MAX} terms.`)
  }
  return found
}

function personOf(user: Resource, organisations: ReadonlyMap<string, Organisation>) {
  const same = Object.fromEntries(ONEROSTER_HEADINGS.map(heading => [heading, text(user[heading])]))
  return {
    ...same,
    givenName: text(user.preferredFirstName) || text(user.givenName),
    familyName: text(user.preferredLastName) || text(user.familyName),
    grades: list(user.grades).map(text).join(','),
    status: statusWord(text(user.status), text(user.enabledUser)),
    department: departmentOf(organisationsOf(user), organisations),
  }
}

/** `/students` has students only, but what is asked for and what is answered are two things. */
function isStudent(user: Resource): boolean {
  const roles = list(user.roles).map(role => text((role as Resource).role))
  if (roles.length > 0) return roles.some(isStudentRole)
  return user.role === undefined || isStudentRole(text(user.role))
}

/** 1.1 has `orgs`, 1.2 `primaryOrg` and one in each role. */
function organisationsOf(user: Resource): string[] {
  const refs = [user.primaryOrg, ...list(user.orgs), ...list(user.roles).map(role => (role as Resource).org)]
  return refs.flatMap(ref => (typeof ref === 'object' && ref !== null ? text((ref as Resource).sourcedId) : []))
}

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.filter(one => one !== null && one !== undefined) : []

function text(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
}
