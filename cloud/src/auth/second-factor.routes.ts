import { secondFactor } from '@gatehouse/shared/wire/api/auth-factors.ts'
import type { PasskeyAssertion } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Binder } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import type { Cookies } from './cookies.ts'
import { takeRecoveryCode, takeTotp } from './factors.repo.ts'
import { takeOneTime, tryOneTime, whereOneTime } from './one-time.repo.ts'
import { takePasskey } from './passkeys.repo.ts'
import { placeOf } from './place.ts'
import { hashOf } from './secret-hash.ts'
import { wasThere } from './sessions.repo.ts'
import type { Entrant, SignIn } from './sign-in.ts'
import type { FactorUsed } from './tables.ts'
import type { Passkeys } from './webauthn.ts'

export type SecondFactorRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly entry: SignIn
  readonly passkeys: Passkeys
  readonly nowMs: () => number
  /** In front of it; counts the wrong ones. */
  readonly limits: readonly RequestHandler[]
}

const PROBLEMS = {
  ended: {
    status: 401,
    code: 'step_ended',
    message: 'This sign-in took too long, or had too many tries. Begin again with the password.',
  },
  wrong: {
    status: 401,
    code: 'wrong_code',
    message: 'This is not right, or was used already. Wait for the next code and try again.',
  },
} satisfies Record<string, Problem>

type Shown = { readonly code: string } | { readonly recoveryCode: string } | { readonly passkey: PasskeyAssertion }

/** The second step of signing in. */
export function secondFactorRoutes(
  routes: Binder,
  { db, vault, entry, passkeys, nowMs, limits }: SecondFactorRoutesNeeds,
): void {
  routes.open(
    secondFactor,
    async ({ body: { token, ...shown }, req, res }) => {
      const place = await whereOneTime(db, token, 'second_factor')
      if (place === undefined) return { problem: PROBLEMS.ended }
      const { schoolId } = place
      // A wrong code is counted, so this answers and does not throw.
      const step = await inSchool(db, schoolId, async tx => {
        const waiting = await tryOneTime(tx, token, 'second_factor', nowMs())
        const entrant = waiting && (await entrantIn(tx, waiting.userId!))
        if (waiting === null || entrant === undefined || entrant === null) return 'ended'
        const used = await take(tx, entrant, shown as Shown)
        if (used === null) {
          await entry.refusedIn(tx, req, entrant, 'wrong second factor')
          return 'wrong'
        }
        // Of two who come with the same token at once, one gets in.
        if ((await takeOneTime(tx, token, 'second_factor', nowMs())) === null) return 'ended'
        return { entrant, used, ...Facts.parse(waiting.facts) }
      })
      if (typeof step === 'string') return { problem: PROBLEMS[step] }
      const { entrant, used, remember } = step
      const data = await entry.begin({ req, res }, entrant, { method: 'password', secondFactor: used, remember })
      return data === null ? { problem: PROBLEMS.ended } : { data, message: 'Signed in.' }
    },
    limits,
  )

  async function take(tx: Tx, { userId, schoolId }: Entrant, shown: Shown): Promise<FactorUsed | null> {
    if ('code' in shown) return (await takeTotp(tx, vault, userId, shown.code, nowMs())) ? 'totp' : null
    if ('recoveryCode' in shown) {
      return (await takeRecoveryCode(tx, vault, userId, shown.recoveryCode, nowMs())) ? 'recovery' : null
    }
    const taken = await takePasskey(tx, passkeys, { userId, schoolId, assertion: shown.passkey, nowMs: nowMs() })
    return taken.ok ? 'passkey' : null
  }
}

const Facts = z.object({ remember: z.boolean() })

/** Somebody as their row is now; undefined: deactivated meanwhile. */
export async function entrantIn(tx: Tx, userId: string): Promise<Entrant | undefined> {
  return tx
    .selectFrom('users')
    .select(['id as userId', 'school_id as schoolId', 'role', 'email', 'display_name as displayName'])
    .where('id', '=', userId)
    .where('active', '=', true)
    .executeTakeFirst()
}

/** Whose codes are counted together: an account's, and those from a place it knows by themselves. */
export function countedWith(db: Db, cookies: Cookies): (req: Request) => Promise<string> {
  return async req => {
    const token: unknown = req.body?.token
    const found = typeof token === 'string' ? await whereOneTime(db, token, 'second_factor') : undefined
    // Of a token that nobody made there is nothing to guess at.
    if (found === undefined || found.userId === null) return `factor ${hashOf(String(token)).slice(0, 16)}`
    const { userId, schoolId } = found
    const place = placeOf(req, cookies)
    const known = place.deviceHash !== null && (await inSchool(db, schoolId, tx => wasThere(tx, userId, place)))
    return known ? `factor ${userId} ${place.deviceHash}` : `factor ${userId}`
  }
}
