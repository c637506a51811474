import type { Role } from '@gatehouse/shared/wire/rights.ts'

/** Who is speaking, and from where: what an audit row says of it. */
export type By = {
  /** `nobody`: not signed in, as before a sign-in. `command`: somebody at the machine itself. */
  readonly kind: 'user' | 'key' | 'scim' | 'job' | 'command' | 'nobody'
  /** The person's id, also behind a key; null where there is none. */
  readonly id: string | null
  readonly name: string
  readonly role: Role | null
  readonly sessionId: string | null
  readonly address: string | null
  readonly requestId: string | null
}

/** Who is acting, in which school, and when. */
export type Actor = {
  readonly schoolId: string
  /** For columns that name a user of the school: null for a super_admin, a job or a command. */
  readonly userId: string | null
  readonly nowMs: number
  /** Left out: the service itself. */
  readonly by?: By
}

/** The service itself, doing what it was told to by a schedule. */
export const THE_SERVICE: By = {
  kind: 'job',
  id: null,
  name: 'Gatehouse',
  role: null,
  sessionId: null,
  address: null,
  requestId: null,
}

/** Whoever may run commands on the machine of the service. */
export const AT_THE_MACHINE: By = { ...THE_SERVICE, kind: 'command', name: '' }
