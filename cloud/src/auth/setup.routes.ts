import { setUp } from '@gatehouse/shared/wire/api/auth-setup.ts'
import type { RequestHandler } from 'express'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type Binder, nobodyOf } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { SchoolName } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { whereOneTime } from './one-time.repo.ts'
import type { Passwords } from './password.ts'
import { weakness } from './password-rules.ts'
import { weakPassword } from './passwords.routes.ts'
import { isUntouched, setUpFirst } from './setup.repo.ts'

export type SetupRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly passwords: Passwords
  readonly nowMs: () => number
  readonly limit: RequestHandler
  /** In the transaction that makes a school: on embedded parts its keys are signed here. */
  readonly onSchoolMade: (tx: Tx, school: SchoolName) => Promise<void>
}

const LINK_ENDED: Problem = {
  status: 404,
  code: 'link_ended',
  message:
    'This link was used, or is older than a day. Start the service again, or run ./gatehouse cloud admin-link, for a new one.',
}

/** The first school, by the link that an empty service prints. */
export function setupRoutes(
  routes: Binder,
  { db, vault, passwords, nowMs, limit, onSchoolMade }: SetupRoutesNeeds,
): void {
  routes.open(
    setUp,
    async ({ body: { token, school, administrator, superAdministrator }, req }) => {
      // Nobody who has no link makes this service hash.
      if ((await whereOneTime(db, token, 'setup')) === undefined || !(await isUntouched(db))) {
        return { problem: LINK_ENDED }
      }
      for (const [path, one] of Object.entries({ administrator, superAdministrator })) {
        const weak = one && weakness(one.password, { ...one, school: school.name })
        if (weak) return { problem: weakPassword(weak, `${path}.password`) }
      }
      const first = {
        ...school,
        administrator: await hashed(administrator),
        superAdministrator: superAdministrator === undefined ? null : await hashed(superAdministrator),
      }
      const done = await inSchool(db, null, async tx => {
        const done = await setUpFirst(tx, vault, token, first, { nowMs: nowMs(), by: nobodyOf(req) })
        if (done.ok) await onSchoolMade(done.value.inside, { schoolId: done.value.schoolId, tenant: school.tenant })
        return done
      })
      if (!done.ok) return { problem: LINK_ENDED }
      return { data: { schoolId: done.value.schoolId, tenant: school.tenant }, message: 'Set up. Sign in.' }
    },
    [limit],
  )

  async function hashed({ email, displayName, password }: { email: string; displayName: string; password: string }) {
    return { email, displayName, passwordHash: await passwords.hash(password) }
  }
}
