import { may, type Operation, type Role } from '@gatehouse/shared/wire/rights.ts'
import type { IconName } from '../ui/icon.tsx'

export type Section = {
  readonly path: string
  readonly name: string
  readonly icon: IconName
  /** What a role must be allowed for the section to exist for it; null is anybody signed in. */
  readonly needs: Operation | null
  /** Below the heading of the settings. */
  readonly isSetting?: true
}

/** In the order in which they are used at a gate. */
export const SECTIONS: readonly Section[] = [
  { path: '/live', name: 'Live', icon: 'live', needs: 'event:read' },
  { path: '/verify', name: 'Check', icon: 'scan', needs: 'pass:read' },
  { path: '/students', name: 'Students', icon: 'students', needs: 'student:read' },
  { path: '/applications', name: 'Applications', icon: 'decide', needs: 'application:read' },
  { path: '/imports', name: 'Imports', icon: 'download', needs: 'import:run' },
  { path: '/gates', name: 'Gates', icon: 'gates', needs: 'gate:read' },
  { path: '/passes', name: 'Passes', icon: 'passes', needs: 'pass:read' },
  { path: '/visitors', name: 'Visitors', icon: 'visitors', needs: 'visitor:read' },
  { path: '/lists', name: 'Waiting changes', icon: 'pause', needs: 'list:read' },
  { path: '/events', name: 'Events', icon: 'events', needs: 'event:read' },
  { path: '/users', name: 'People', icon: 'people', needs: 'user:read' },
  { path: '/invitations', name: 'Invitations', icon: 'key', needs: 'user:read' },
  { path: '/jobs', name: 'Jobs', icon: 'jobs', needs: 'job:read' },
  { path: '/outbox', name: 'Mail', icon: 'mail', needs: 'outbox:read' },
  { path: '/deliveries', name: 'Deliveries', icon: 'up', needs: 'delivery:read' },
  { path: '/my', name: 'My pass', icon: 'passes', needs: 'my:read' },
  { path: '/apply', name: 'Apply', icon: 'decide', needs: 'my:apply' },
  { path: '/account', name: 'Account', icon: 'account', needs: null },
  { path: '/settings/school', name: 'School', icon: 'school', needs: 'settings:update', isSetting: true },
  { path: '/settings/departments', name: 'Departments', icon: 'events', needs: 'settings:read', isSetting: true },
  { path: '/settings/access-levels', name: 'Access levels', icon: 'key', needs: 'settings:read', isSetting: true },
  { path: '/settings/groups', name: 'Groups', icon: 'door', needs: 'settings:read', isSetting: true },
  { path: '/settings/hours', name: 'Hours and days', icon: 'clock', needs: 'settings:read', isSetting: true },
  { path: '/settings/terms', name: 'Terms', icon: 'calendar', needs: 'settings:read', isSetting: true },
  {
    path: '/settings/application-form',
    name: 'Application form',
    icon: 'decide',
    needs: 'settings:read',
    isSetting: true,
  },
  { path: '/settings/gate-rules', name: 'Gate rules', icon: 'decide', needs: 'settings:read', isSetting: true },
]

export function sectionsOf(role: Role): readonly Section[] {
  return SECTIONS.filter(({ needs }) => needs === null || may(role, needs))
}

/** Whether an address of the dashboard leads this role to a page: what somebody is told of may be seen by others only. */
export function leadsTo(role: Role, address: string): boolean {
  const path = address.split(/[?#]/)[0]!
  const section = SECTIONS.find(one => path === one.path || path.startsWith(`${one.path}/`))
  return section === undefined || section.needs === null || may(role, section.needs)
}

/** Whether there is anything to search for this role. */
export function searchesAnything(role: Role): boolean {
  return may(role, 'search:read')
}

/** Where somebody of this role begins. */
export function homeOf(role: Role): string {
  return sectionsOf(role)[0]!.path
}

/** A phone's bottom bar holds four: all of them, or three and the way to the rest. */
export function bottomBarOf(role: Role): { readonly shown: readonly Section[]; readonly rest: readonly Section[] } {
  const all = sectionsOf(role)
  return all.length <= 4 ? { shown: all, rest: [] } : { shown: all.slice(0, 3), rest: all.slice(3) }
}
