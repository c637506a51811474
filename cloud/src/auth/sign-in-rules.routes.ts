import { listSignOns, readSignInRules, updateSignInRules } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { findSignOns } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { isLoopback } from './cookies.ts'
import { enterSignInRules, type SignInRulesRow, signInRulesOf } from './sign-in-rules.repo.ts'

export type SignInRulesRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly publicUrl: string
  readonly nowMs: () => number
}

const NO_TLS = 'must begin with https://'
const NO_SECRET = 'must be given for a new issuer or client'
const PROBLEMS = {
  changed_meanwhile: {
    status: 409,
    code: 'changed_meanwhile',
    message: 'Somebody else changed this meanwhile. Load it again, and make your change to what is there now.',
  },
  no_client_secret: {
    status: 422,
    code: 'validation_failed',
    message: `Something in the request is not right: clientSecret ${NO_SECRET}.`,
    details: [{ path: 'clientSecret', message: NO_SECRET }],
  },
  no_tls: {
    status: 422,
    code: 'validation_failed',
    message: `Something in the request is not right: signOn.issuer ${NO_TLS}.`,
    details: [{ path: 'signOn.issuer', message: NO_TLS }],
  },
} satisfies Record<string, Problem>

/** Where a school's issuer sends people back to. */
export function callbackUrl(publicUrl: string, tenant: string): string {
  return `${publicUrl}/auth/oidc/${tenant}/callback`
}

/** How people of a school sign in. */
export function signInRulesRoutes(routes: Binder, { db, vault, publicUrl, nowMs }: SignInRulesRoutesNeeds): void {
  const told = ({ version, secondFactorFor, signOn }: SignInRulesRow, { school }: SchoolPerson) => ({
    version,
    secondFactorFor: [...secondFactorFor],
    signOn,
    callbackUrl: callbackUrl(publicUrl, school.tenant),
  })

  routes.inSchool(readSignInRules, async ({ who }) => {
    const rules = await inSchool(db, who.school.id, tx => signInRulesOf(tx, who.school.id))
    return { data: told(rules, who) }
  })

  routes.inSchool(updateSignInRules, async ({ who, body: { secondFactorFor, signOn, clientSecret }, ifMatch }) => {
    // Where the service itself is not on one machine, an address on this machine is somebody looking around in it.
    if (signOn?.issuer.startsWith('http:') && !isLoopback(publicUrl)) return { problem: PROBLEMS.no_tls }
    const entered = await inSchool(db, who.school.id, tx =>
      enterSignInRules(tx, vault, actorOf(who, nowMs()), { secondFactorFor, signOn, clientSecret, ifMatch }),
    )
    return entered.ok ? { data: told(entered.value, who) } : { problem: PROBLEMS[entered.failure] }
  })

  routes.open(listSignOns, async () => ({ data: await findSignOns(db) }))
}
