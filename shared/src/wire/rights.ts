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
  'event:read',
  'feed:read',
  'key:own',
  'demo:present',
] as const
export type Operation = (typeof OPERATIONS)[number]

/**
 * Role x operation, own school always; what is not here is denied. A student's own rows are a matter of the query,
 * not of this table, and come with the student's part.
 */
export const RIGHTS: Record<Role, readonly Operation[]> = {
  super_admin: OPERATIONS,
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
    'event:read',
    'feed:read',
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
    'event:read',
    'feed:read',
    'key:own',
  ],
  security: [
    'student:read',
    'pass:read',
    'pass:suspend',
    'gate:read',
    'event:read',
    'feed:read',
    'key:own',
    'demo:present',
  ],
  facilities: ['gate:create', 'gate:read', 'gate:update', 'feed:read', 'key:own', 'demo:present'],
  student: [],
}

export function may(role: Role, operation: Operation): boolean {
  return RIGHTS[role].includes(operation)
}
