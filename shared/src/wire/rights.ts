export const ROLES = ['super_admin', 'school_admin', 'staff', 'security', 'facilities', 'student'] as const
export type Role = (typeof ROLES)[number]

/** Everything a route can require. A route that names none of these does not compile. */
export const OPERATIONS = [
  'student:create',
  'student:read',
  'student:update',
  'student:archive',
  'pass:create',
  'pass:read',
  'pass:update',
  'pass:revoke',
  'pass:suspend',
  'gate:create',
  'gate:read',
  'gate:update',
  'reader:arm',
  'event:read',
  'feed:read',
  'key:own',
  'demo:present',
  'list:read',
  'list:approve',
  'settings:read',
  'settings:update',
  'school:create',
  'school:read',
  'school:update',
  'user:create',
  'user:read',
  'user:update',
  'audit:read',
  'pii:read',
  'person:export',
  'person:erase',
  'import:run',
  'scim:use',
  'job:read',
  'job:manage',
  'outbox:read',
  'search:read',
  'my:read',
  'my:bind',
  'application:read',
  'application:comment',
  'application:decide',
  'my:apply',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** Role x operation, own school always; what is not here is denied. Which rows are a student's own is a matter of the query. */
export const RIGHTS: Record<Role, readonly Operation[]> = {
  // Everything but what belongs to one person: a super_admin has no pass.
  super_admin: OPERATIONS.filter(operation => !operation.startsWith('my:')),
  school_admin: [
    'student:create',
    'student:read',
    'student:update',
    'student:archive',
    'pass:create',
    'pass:read',
    'pass:update',
    'pass:revoke',
    'pass:suspend',
    'gate:read',
    'reader:arm',
    'event:read',
    'feed:read',
    'list:read',
    'list:approve',
    'settings:read',
    'settings:update',
    'user:create',
    'user:read',
    'user:update',
    'audit:read',
    'pii:read',
    'person:export',
    'person:erase',
    'import:run',
    'scim:use',
    'job:read',
    'job:manage',
    'outbox:read',
    'application:read',
    'application:comment',
    'application:decide',
    'search:read',
    'key:own',
    'demo:present',
  ],
  staff: [
    'student:read',
    'student:update',
    'pass:create',
    'pass:read',
    'pass:update',
    'gate:read',
    'reader:arm',
    'event:read',
    'feed:read',
    'list:read',
    'settings:read',
    'application:read',
    'application:comment',
    'search:read',
    'key:own',
  ],
  security: [
    'student:read',
    'pass:read',
    'pass:suspend',
    'gate:read',
    'event:read',
    'feed:read',
    'search:read',
    'key:own',
    'demo:present',
  ],
  facilities: ['gate:create', 'gate:read', 'gate:update', 'feed:read', 'search:read', 'key:own', 'demo:present'],
  student: ['my:read', 'my:bind', 'my:apply'],
}

/** What a person can be given beside the role: personal data of others is seen, and applications are decided, by who needs to, not by everybody of a role. */
export const GRANTS = ['pii:read', 'application:decide'] as const satisfies readonly Operation[]
export type Grant = (typeof GRANTS)[number]
/** Who can be given it: a guard or a student cannot. */
export const GRANTABLE: Record<Grant, readonly Role[]> = {
  'pii:read': ['staff'],
  'application:decide': ['staff'],
}

/** Whether somebody may: by role, or by a grant that the role can be given. */
export function may(role: Role, operation: Operation, grants: readonly Grant[] = []): boolean {
  if (RIGHTS[role].includes(operation)) return true
  return grants.some(grant => grant === operation && GRANTABLE[grant].includes(role))
}
