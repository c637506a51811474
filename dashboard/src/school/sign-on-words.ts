import type { SignInRules } from '@gatehouse/shared/wire/api/auth-sign-on.ts'

/** Whom a school's rules are about; a super_admin is of none. */
export const SCHOOL_ROLES = ['school_admin', 'staff', 'security', 'facilities', 'student'] as const
export type SchoolRole = (typeof SCHOOL_ROLES)[number]

/** Which roles are asked for a second factor, to be given back as they are. */
export function schoolRoles({ secondFactorFor }: Pick<SignInRules, 'secondFactorFor'>): SchoolRole[] {
  return SCHOOL_ROLES.filter(role => secondFactorFor.includes(role))
}

/** "a, b c" as its words. */
export function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}

/** What was said against a field or something inside it: `signOn.allowedDomains.0` stands at the domains. */
export function problemAt(problems: Readonly<Record<string, string>>, path: string): string | undefined {
  return Object.entries(problems).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1]
}
