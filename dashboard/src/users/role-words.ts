import type { Role } from '@gatehouse/shared/wire/rights.ts'

export const ROLE_WORDS: Record<Role, string> = {
  super_admin: 'Administrator of all schools',
  school_admin: 'Administrator of the school',
  staff: 'Staff',
  security: 'Security',
  facilities: 'Facilities',
  student: 'Student',
}

/** As it stands in a column or on a chip. */
export const ROLE_SHORT: Record<Role, string> = {
  ...ROLE_WORDS,
  super_admin: 'All schools',
  school_admin: 'Administrator',
}

/** What somebody of this role may, for whoever gives it. */
export const ROLE_MEANS: Record<Role, string> = {
  super_admin: 'Everything, in the school they choose.',
  school_admin: 'Everything of the school: students, passes, people, settings, imports, the log. Sees personal data.',
  staff: 'Reads and changes students, issues and changes passes, sees events. Not people, settings or the log.',
  security: 'Watches the live page, checks passes and suspends them. Of students: name, number and status.',
  facilities: 'Makes, wires and tests gates. Sees no students, passes or events.',
  student: 'Sees their own pass and passages, and nothing of anybody else.',
}
