import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import {
  confirmTotp as confirmTotpRoute,
  type Factors,
  listFactors,
  removeTotp as removeTotpRoute,
  renewRecoveryCodes,
  resetFactors as resetFactorsRoute,
  startTotp as startTotpRoute,
} from '@gatehouse/shared/wire/api/auth-factors.ts'
import type { RequestHandler } from 'express'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Binder, Caller } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import {
  codesLeft,
  confirmTotp,
  makeRecoveryCodes,
  removeTotp,
  resetFactors,
  startTotp,
  takeProof,
  totpSince,
} from './factors.repo.ts'
import type { Post } from './letters.ts'
import { dropOneTimes } from './one-time.repo.ts'
import { passkeyOf, passkeysOf } from './passkeys.repo.ts'
import { endSessionsOf } from './sessions.repo.ts'
import { schoolOfUser } from './sign-in.ts'
import { signInRulesOf } from './sign-in-rules.repo.ts'

export type FactorsRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly post: Post
  readonly nowMs: () => number
  /** Of codes that somebody signed in gives. */
  readonly codeLimit: RequestHandler
}

const PROBLEMS = {
  has_totp: {
    status: 409,
    code: 'factor_exists',
    message: 'An authenticator application is set up already. Remove it first, then set up another.',
  },
  not_started: { status: 409, code: 'not_started', message: 'Begin by asking for a new secret.' },
  wrong_code: {
    status: 403,
    code: 'wrong_code',
    message:
      'The code is not right, or was used. Wait for the next one, and check that the phone’s clock is set by the network.',
  },
  no_totp: { status: 404, code: 'not_found', message: 'No authenticator application is set up.' },
  no_such_user: { status: 404, code: 'not_found', message: 'There is nobody with that id in this school.' },
} satisfies Record<string, Problem>

/** What somebody signs in with beside the password: setting it up, taking it away, and giving it back to who lost it. */
export function factorsRoutes(routes: Binder, { db, vault, post, nowMs, codeLimit }: FactorsRoutesNeeds): void {
  routes.own(listFactors, async ({ who }) => {
    const schoolId = schoolOfUser(who)
    return { data: await inSchool(db, schoolId, tx => factorsOf(tx, who, schoolId)) }
  })

  routes.own(startTotpRoute, async ({ who }) => {
    const schoolId = schoolOfUser(who)
    const wanted = { schoolId, userId: who.userId, account: who.email, nowMs: nowMs() }
    const started = await inSchool(db, schoolId, tx => startTotp(tx, vault, wanted))
    return started.ok
      ? { data: started.value, message: 'Scan it, and give back the code that is shown.' }
      : { problem: PROBLEMS[started.failure] }
  })

  routes.own(
    confirmTotpRoute,
    async ({ who, body: { code } }) => {
      const schoolId = schoolOfUser(who)
      const confirmed = await inSchool(db, schoolId, async tx => {
        const done = await confirmTotp(tx, vault, { schoolId, userId: who.userId, code, nowMs: nowMs() })
        if (done.ok) await told(tx, who, 'factor.create', 'totp')
        return done
      })
      if (!confirmed.ok) return { problem: PROBLEMS[confirmed.failure] }
      return { data: { recoveryCodes: confirmed.value }, message: 'Keep the recovery codes: they are shown once.' }
    },
    [codeLimit],
  )

  routes.own(
    removeTotpRoute,
    async ({ who, body: { code } }) => {
      const done = await withProof(who, code, async tx => {
        await removeTotp(tx, who.userId)
        await told(tx, who, 'factor.end', 'totp')
        return null
      })
      if (!done.ok) return { problem: PROBLEMS[done.failure] }
      return { data: null, message: 'No codes are asked for any more.' }
    },
    [codeLimit],
  )

  routes.own(
    renewRecoveryCodes,
    async ({ who, body: { code } }) => {
      const schoolId = schoolOfUser(who)
      const done = await withProof(who, code, async tx => {
        const codes = await makeRecoveryCodes(tx, vault, { schoolId, userId: who.userId })
        await told(tx, who, 'factor.update', 'recovery codes')
        return codes
      })
      if (!done.ok) return { problem: PROBLEMS[done.failure] }
      return { data: { recoveryCodes: done.value }, message: 'Keep the new codes: they are shown once.' }
    },
    [codeLimit],
  )

  routes.inSchool(resetFactorsRoute, async ({ who, params: { userId } }) => {
    const schoolId = who.school.id
    const done = await inSchool(db, schoolId, async tx => {
      const user = await tx.selectFrom('users').select('email').where('id', '=', userId).executeTakeFirst()
      if (user === undefined) return false
      await resetFactors(tx, userId)
      await dropOneTimes(tx, userId, ['second_factor', 'passkey_new', 'passkey_sign_in'])
      const at = { schoolId, nowMs: nowMs(), by: who.by }
      await audit(tx, at, { action: 'factor.reset', subject: { kind: 'user', id: userId } })
      await endSessionsOf(tx, { ...at, userId, why: 'factors_reset' })
      await letter(tx, { schoolId, userId, email: user.email }, who)
      return true
    })
    if (!done) return { problem: PROBLEMS.no_such_user }
    return { data: null, message: 'The second factors are gone and the sessions have ended. The password stays.' }
  })

  function withProof<Done>(
    who: Caller,
    code: string,
    work: (tx: Tx) => Promise<Done>,
  ): Promise<Result<Done, 'no_totp' | 'wrong_code'>> {
    return inSchool(db, schoolOfUser(who), async tx => {
      if ((await totpSince(tx, who.userId)) === null) return fail('no_totp')
      if (!(await takeProof(tx, vault, who.userId, code, nowMs()))) return fail('wrong_code')
      return ok(await work(tx))
    })
  }

  async function told(tx: Tx, who: Caller, action: `factor.${string}`, which: string): Promise<void> {
    const schoolId = schoolOfUser(who)
    const subject = { kind: 'user', id: who.userId }
    await audit(tx, { schoolId, nowMs: nowMs(), by: who.by }, { action, subject, after: { factor: which } })
    await letter(tx, { schoolId, userId: who.userId, email: who.email }, who)
  }

  async function letter(
    tx: Tx,
    { schoolId, userId, email }: { schoolId: string | null; userId: string; email: string },
    { by }: Caller,
  ): Promise<void> {
    const values = { address: by.address ?? '', at: new Date(nowMs()).toISOString() }
    await post(tx, { schoolId, userId, to: email, template: 'factor_changed', values })
  }

  async function factorsOf(tx: Tx, { userId, role }: Caller, schoolId: string | null): Promise<Factors> {
    const since = await totpSince(tx, userId)
    const rules = schoolId === null ? null : await signInRulesOf(tx, schoolId)
    return {
      totp: since && { since: since.toISOString() },
      recoveryCodesLeft: await codesLeft(tx, userId),
      passkeys: (await passkeysOf(tx, userId)).map(passkeyOf),
      required: rules?.secondFactorFor.includes(role) ?? false,
    }
  }
}
