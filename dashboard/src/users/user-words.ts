import type { HistoryEntry } from '@gatehouse/shared/wire/api/students-many.ts'
import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { ROLE_WORDS } from './role-words.ts'

const FIELD_WORDS: Readonly<Record<string, string>> = { email: 'e-mail', displayName: 'name' }

const ACTION_WORDS: Readonly<Record<string, string>> = {
  'user.create': 'Entered',
  'user.delete': 'Deleted',
  'session.begin': 'Signed in',
  'session.end': 'Signed out',
  'session.refused': 'A sign-in was refused',
  'session.reuse_found': 'A copied session was found and ended',
  'factor.create': 'Set up a second factor',
  'factor.update': 'Made new recovery codes',
  'factor.end': 'Removed a second factor',
  'factor.reset': 'Second factors taken away',
  'sign_on.bind': 'First sign-on with the school’s own',
}

/** What an entry of somebody's history says, in a sentence. */
export function sayUserChange({ action, after }: Pick<HistoryEntry, 'action' | 'after'>): string {
  if (action !== 'user.update') return ACTION_WORDS[action] ?? otherwise(action)
  const { role, active, grants, ...fields } = after ?? {}
  const known = ROLES.find(each => each === role)
  const names = Object.keys(fields).flatMap(name => FIELD_WORDS[name] ?? [])
  const said = [
    known && `Became ${ROLE_WORDS[known].toLowerCase()}`,
    active === false && 'Access taken away',
    active === true && 'Access given back',
    Array.isArray(grants) &&
      (grants.includes('pii:read') ? 'Given sight of personal data' : 'Sight of personal data taken away'),
    names.length > 0 && `Changed ${names.join(' and ')}`,
  ]
  return said.filter(Boolean).join('. ') || 'Changed'
}

/** `password.changed` as "Password changed". */
function otherwise(action: string): string {
  const words = action.replaceAll(/[._]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
