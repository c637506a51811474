import { SCOPES } from '@gatehouse/shared/wire/api/auth-keys.ts'
import { type Grant, may, type Operation, type Role } from '@gatehouse/shared/wire/rights.ts'

/** What a key can be made for, in the words of who makes it; where there are none the operation says it. */
const WORDS: Partial<Record<Operation, string>> = {
  'feed:read': 'watch the live feed',
  'student:read': 'read students',
  'student:create': 'enter students',
  'student:update': 'change students',
  'student:archive': 'archive students',
  'pass:read': 'read passes',
  'pass:create': 'issue passes',
  'pass:update': 'change passes',
  'pass:revoke': 'revoke passes',
  'pass:suspend': 'suspend passes',
  'visitor:read': 'read visitors',
  'visitor:create': 'enter visitors',
  'visitor:update': 'change visitors',
  'visitor:end': 'end visits',
  'gate:read': 'read gates',
  'gate:create': 'make gates',
  'gate:update': 'change gates',
  'event:read': 'read events',
  'list:read': 'see waiting changes',
  'settings:read': 'read settings',
  'settings:update': 'change settings',
  'user:read': 'read users',
  'user:create': 'enter users',
  'user:update': 'change users',
  'audit:read': 'read the log',
  'import:run': 'import',
  'search:read': 'search',
  'scim:use': 'keep users by SCIM',
  'application:read': 'read applications',
  'application:comment': 'comment on applications',
  'application:decide': 'decide applications',
  'pii:read': 'see personal data',
}

export function sayScope(scope: Operation): string {
  return WORDS[scope] ?? scope
}

/** What somebody can give a key, the live feed first: it is what most keys are for. */
export function scopesOf(role: Role, grants: readonly Grant[] = []): readonly Operation[] {
  const own = SCOPES.filter(scope => may(role, scope, grants))
  return own.includes('feed:read') ? ['feed:read', ...own.filter(scope => scope !== 'feed:read')] : own
}
