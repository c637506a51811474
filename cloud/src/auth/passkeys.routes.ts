import {
  createPasskey,
  deletePasskey,
  newPasskeyOptions,
  passkeyOptions,
  passkeySignIn,
} from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import type { RequestHandler } from 'express'
import { audit } from '../audit/audit.ts'
import { findPasskey } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Binder, Caller } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { codesLeft, dropIdleCodes, makeRecoveryCodes } from './factors.repo.ts'
import type { Post } from './letters.ts'
import { makeOneTime, whereOneTime } from './one-time.repo.ts'
import { addPasskey, keptOf, passkeyOf, passkeysOf, removePasskey, takePasskey } from './passkeys.repo.ts'
import { entrantIn } from './second-factor.routes.ts'
import { type SignIn, schoolOfUser } from './sign-in.ts'
import { mustSignOn } from './sign-in-rules.repo.ts'
import { CHALLENGE_MS, type Passkeys } from './webauthn.ts'

export type PasskeysRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly entry: SignIn
  readonly passkeys: Passkeys
  readonly post: Post
  readonly nowMs: () => number
  /** In front of what only begins. */
  readonly beginLimit: RequestHandler
  /** In front of signing in; counts what was refused. */
  readonly limit: RequestHandler
}

const PROBLEMS = {
  refused: {
    status: 401,
    code: 'passkey_refused',
    message: 'This passkey was not accepted. Try again, or sign in with your password.',
  },
  counter_back: {
    status: 401,
    code: 'passkey_refused',
    message: 'This passkey was not accepted. Try again, or sign in with your password.',
  },
  ended: { status: 401, code: 'step_ended', message: 'This sign-in took too long. Begin again with the password.' },
  must_sign_on: {
    status: 403,
    code: 'sign_on_required',
    message: 'Your school signs on with its own account. Choose your school on the sign-in page.',
  },
  not_made: {
    status: 422,
    code: 'passkey_refused',
    message: 'The passkey was not made for this page, or took longer than five minutes. Try again.',
  },
  too_many: { status: 409, code: 'too_many_passkeys', message: 'You have 20 passkeys. Take one away first.' },
  known: { status: 409, code: 'passkey_known', message: 'This passkey is kept already.' },
  no_such_passkey: { status: 404, code: 'not_found', message: 'You have no passkey with that id.' },
} satisfies Record<string, Problem>

/** Signing in by passkey, and the passkeys of somebody signed in. */
export function passkeysRoutes(routes: Binder, needs: PasskeysRoutesNeeds): void {
  const { db, vault, entry, passkeys, post, nowMs, beginLimit, limit } = needs

  const challenge = (tx: Tx, owner: { schoolId: string | null; userId: string | null }, token: string, isNew = false) =>
    makeOneTime(tx, {
      ...owner,
      token,
      purpose: isNew ? 'passkey_new' : 'passkey_sign_in',
      lifeMs: CHALLENGE_MS,
      nowMs: nowMs(),
    })

  routes.open(
    passkeyOptions,
    async ({ body: { token } }) => {
      const place = token === undefined ? null : await whereOneTime(db, token, 'second_factor')
      if (place === undefined) return { problem: PROBLEMS.ended }
      const owner = place ?? { schoolId: null, userId: null }
      const options = await inSchool(db, owner.schoolId, async tx => {
        const kept = owner.userId === null ? [] : (await passkeysOf(tx, owner.userId)).map(keptOf)
        const options = await passkeys.optionsForUse(kept)
        await challenge(tx, owner, options.challenge)
        return options
      })
      return { data: { options } }
    },
    [beginLimit],
  )

  routes.open(
    passkeySignIn,
    async ({ body: { passkey: assertion, rememberMe }, req, res }) => {
      const found = await findPasskey(db, assertion.id)
      if (found === undefined || assertion.response.userHandle !== handleOf(found.user_id).toString('base64url')) {
        return { problem: PROBLEMS.refused }
      }
      const { user_id: userId, school_id: schoolId } = found
      const taken = await inSchool(db, schoolId, async tx => {
        const entrant = await entrantIn(tx, userId)
        if (entrant === undefined) return 'refused'
        const taken = await takePasskey(tx, passkeys, { schoolId, userId, assertion, nowMs: nowMs() })
        if (!taken.ok) {
          const why = taken.failure === 'counter_back' ? 'passkey counted back: there is a copy of it' : 'wrong passkey'
          await entry.refusedIn(tx, req, entrant, why)
          return taken.failure
        }
        if (await mustSignOn(tx, schoolId, entrant.role)) {
          await entry.refusedIn(tx, req, entrant, 'must sign on at the issuer of the school')
          return 'must_sign_on'
        }
        return entrant
      })
      if (typeof taken === 'string') return { problem: PROBLEMS[taken] }
      const how = { method: 'passkey', secondFactor: null, remember: rememberMe } as const
      const data = await entry.begin({ req, res }, taken, how)
      return data === null ? { problem: PROBLEMS.refused } : { data, message: 'Signed in.' }
    },
    [limit],
  )

  routes.own(newPasskeyOptions, async ({ who }) => {
    const schoolId = schoolOfUser(who)
    const { userId, email, displayName } = who
    const options = await inSchool(db, schoolId, async tx => {
      const has = (await passkeysOf(tx, userId)).map(keptOf)
      const options = await passkeys.optionsForNew({ userHandle: handleOf(userId), email, displayName, has })
      await challenge(tx, { schoolId, userId }, options.challenge, true)
      return options
    })
    return { data: { options } }
  })

  routes.own(createPasskey, async ({ who, body: { name, passkey: registration } }) => {
    const schoolId = schoolOfUser(who)
    const { userId } = who
    const made = await inSchool(db, schoolId, async tx => {
      const made = await addPasskey(tx, passkeys, { schoolId, userId, name, registration, nowMs: nowMs() })
      if (!made.ok) return made
      const recoveryCodes =
        (await codesLeft(tx, userId)) > 0 ? null : await makeRecoveryCodes(tx, vault, { schoolId, userId })
      await told(tx, who, 'factor.create', name)
      return { ...made, recoveryCodes }
    })
    if (!made.ok) return { problem: PROBLEMS[made.failure === 'refused' ? 'not_made' : made.failure] }
    const data = { passkey: passkeyOf(made.value), recoveryCodes: made.recoveryCodes }
    return { data, message: 'The passkey is kept.' }
  })

  routes.own(deletePasskey, async ({ who, params: { passkeyId } }) => {
    const gone = await inSchool(db, schoolOfUser(who), async tx => {
      const gone = await removePasskey(tx, who.userId, passkeyId)
      if (gone === undefined) return false
      await dropIdleCodes(tx, who.userId)
      await told(tx, who, 'factor.end', gone.name)
      return true
    })
    return gone ? { data: null, message: 'The passkey is gone.' } : { problem: PROBLEMS.no_such_passkey }
  })

  async function told(tx: Tx, who: Caller, action: `factor.${string}`, passkey: string): Promise<void> {
    const schoolId = schoolOfUser(who)
    const { userId, email, by } = who
    const subject = { kind: 'user', id: userId }
    await audit(tx, { schoolId, nowMs: nowMs(), by }, { action, subject, after: { factor: 'passkey', name: passkey } })
    const values = { address: by.address ?? '', at: new Date(nowMs()).toISOString() }
    await post(tx, { schoolId, userId, to: email, template: 'factor_changed', values })
  }
}

function handleOf(userId: string): Buffer {
  return Buffer.from(userId.replaceAll('-', ''), 'hex')
}
