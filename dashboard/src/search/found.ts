import { APPLICATION_STATUSES } from '@gatehouse/shared/applications/machine.ts'
import type { Found } from '@gatehouse/shared/wire/api/search.ts'
import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { STATUS_WORDS } from '../applications/application-words.ts'
import type { Section } from '../frame/sections.ts'
import type { IconName } from '../ui/icon.tsx'
import { ROLE_WORDS } from '../users/role-words.ts'

/** A place to go to. */
export type Hit = { readonly to: string; readonly name: string; readonly detail: string }
export type HitGroup = { readonly name: string; readonly icon: IconName; readonly hits: readonly Hit[] }

type Shown = Exclude<Found['kind'], 'audit'>

/** In the order of the page. Rows of the log have no page to go to, and are left out. */
const KINDS: readonly { kind: Shown; name: string; icon: IconName; to: (id: string) => string }[] = [
  { kind: 'student', name: 'Students', icon: 'students', to: id => `/students/${id}` },
  { kind: 'application', name: 'Applications', icon: 'decide', to: id => `/applications/${id}` },
  { kind: 'pass', name: 'Passes', icon: 'passes', to: id => `/passes?open=${id}` },
  { kind: 'gate', name: 'Gates', icon: 'gates', to: id => `/gates/${id}` },
  { kind: 'user', name: 'People', icon: 'people', to: id => `/users?open=${id}` },
]

/** Pages whose name has the words, then what the service found, a group for each kind that has something. */
export function hitGroups(sections: readonly Section[], found: readonly Found[], typed: string): readonly HitGroup[] {
  const words = typed.trim().toLocaleLowerCase()
  const pages = sections
    .filter(({ name }) => name.toLocaleLowerCase().includes(words))
    .map(({ path, name }) => ({ to: path, name, detail: '' }))
  const groups = KINDS.map(({ kind, name, icon, to }) => ({
    name,
    icon,
    hits: found
      .filter(each => each.kind === kind)
      .map(({ id, title, detail }) => ({ to: to(id), name: title, detail: sayDetail(kind, detail) })),
  }))
  return [{ name: 'Pages', icon: 'right' as const, hits: pages }, ...groups].filter(({ hits }) => hits.length > 0)
}

/** The service says a role or a status by its word. */
function sayDetail(kind: Shown, detail: string): string {
  if (kind === 'application') return STATUS_WORDS[APPLICATION_STATUSES.find(each => each === detail) ?? 'submitted']
  const role = kind === 'user' ? ROLES.find(each => each === detail) : undefined
  return role === undefined ? detail : ROLE_WORDS[role]
}
