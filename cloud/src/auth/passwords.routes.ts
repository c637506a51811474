import { askPasswordReset, changePassword, confirmPasswordReset } from '@gatehouse/shared/wire/api/auth-password.ts'
import type { RequestHandler } from 'express'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type Binder, nobodyOf } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Post } from './letters.ts'
import { dropOneTimes, takeOneTime, whereOneTime } from './one-time.repo.ts'
import type { Passwords } from './password.ts'
import { type WeakPassword, weakness } from './password-rules.ts'
import { endSessionsOf } from './sessions.repo.ts'
import { type Entrant, schoolOfUser } from './sign-in.ts'

export type PasswordsRoutesNeeds = {
  readonly db: Db
  readonly passwords: Passwords
  readonly post: Post
  readonly nowMs: () => number
  /** In front of changing one's own, once it is known whose. */
  readonly changeLimit: RequestHandler
  /** In front of asking for a link, and of using one. */
  readonly askLimits: readonly RequestHandler[]
  readonly confirmLimit: RequestHandler
}

const WEAK: Record<WeakPassword, string> = {
  common: 'This password is on the lists that everybody who guesses begins with. Choose another, such as four words.',
  like_email: 'This password is your e-mail address, or part of it. Choose another, such as four words.',
  like_name: 'This password is your name, or part of it. Choose another, such as four words.',
  like_school: 'This password is the name of your school, or part of it. Choose another, such as four words.',
}

const PROBLEMS = {
  wrong: { status: 403, code: 'wrong_password', message: 'The current password is not right. Nothing was changed.' },
  busy: { status: 503, code: 'busy', message: 'Too many people are signing in at this moment. Try again shortly.' },
  no_link: {
    status: 404,
    code: 'link_ended',
    message: 'This link was used, or is older than an hour. Ask for a new one on the sign-in page.',
  },
} satisfies Record<string, Problem>

/** What a weak password is answered with, on whichever route it comes. */
export function weakPassword(why: WeakPassword, path = 'password'): Problem {
  return { status: 422, code: 'weak_password', message: WEAK[why], details: [{ path, message: WEAK[why] }] }
}

/** Changing one's own password, and setting a new one by a mailed link. */
export function passwordsRoutes(routes: Binder, needs: PasswordsRoutesNeeds): void {
  const { db, passwords, post, nowMs, changeLimit, askLimits, confirmLimit } = needs

  routes.own(
    changePassword,
    async ({ who, body: { current, password } }) => {
      const schoolId = schoolOfUser(who)
      const { userId } = who
      const { password_hash: kept } = await inSchool(db, schoolId, tx =>
        tx.selectFrom('users').select('password_hash').where('id', '=', userId).executeTakeFirstOrThrow(),
      )
      const same = await passwords.verify(kept, current)
      if (same === 'busy') return { problem: PROBLEMS.busy }
      if (!same) return { problem: PROBLEMS.wrong }
      const weak = weakness(password, { ...who, school: who.school?.name ?? null })
      if (weak !== null) return { problem: weakPassword(weak) }
      const hash = await passwords.hash(password)
      const entrant = { ...who, schoolId }
      await inSchool(db, schoolId, async tx => {
        await enterPassword(tx, entrant, hash, { by: who.by, why: 'password_changed', except: who.sessionId })
      })
      return { data: null, message: 'The password is changed. Your other sessions have ended.' }
    },
    [changeLimit],
  )

  /** The same work for everybody: who it is, and whether anybody, is looked up when the answer has left. */
  routes.open(
    askPasswordReset,
    async ({ body: { email }, req }) => {
      await leave(db, null, 'password.reset_asked', { email, by: nobodyOf(req) })
      return { data: null, message: 'If somebody here has this e-mail, a link is on its way. It serves for an hour.' }
    },
    askLimits,
  )

  routes.open(
    confirmPasswordReset,
    async ({ body: { token, password }, req }) => {
      const place = await whereOneTime(db, token, 'password_reset')
      if (place === undefined) return { problem: PROBLEMS.no_link }
      const { schoolId } = place
      const user = await inSchool(db, schoolId, tx => activeUser(tx, place.userId!))
      if (user === undefined) return { problem: PROBLEMS.no_link }
      const weak = weakness(password, user)
      // The link still serves: nothing was set by it.
      if (weak !== null) return { problem: weakPassword(weak) }
      const hash = await passwords.hash(password)
      const by: By = { ...nobodyOf(req), kind: 'user', id: user.userId, name: user.displayName, role: user.role }
      const done = await inSchool(db, schoolId, async tx => {
        if ((await takeOneTime(tx, token, 'password_reset', nowMs())) === null) return false
        await enterPassword(tx, { ...user, schoolId }, hash, { by, why: 'password_reset' })
        return true
      })
      if (!done) return { problem: PROBLEMS.no_link }
      return { data: null, message: 'The password is set. Sign in with it.' }
    },
    [confirmLimit],
  )

  type Setting = { readonly by: By; readonly why: 'password_changed' | 'password_reset'; readonly except?: string }

  async function enterPassword(tx: Tx, user: Entrant, hash: string, { by, why, except }: Setting): Promise<void> {
    const { userId, schoolId, email } = user
    const at = nowMs()
    await tx.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute()
    await dropOneTimes(tx, userId, ['password_reset', 'second_factor'])
    const action = why === 'password_reset' ? 'password.reset' : 'password.change'
    await audit(tx, { schoolId, nowMs: at, by }, { action, subject: { kind: 'user', id: userId } })
    await endSessionsOf(tx, { schoolId, userId, why, nowMs: at, by, ...(except !== undefined && { except }) })
    const values = { address: by.address ?? '', at: new Date(at).toISOString() }
    await post(tx, { schoolId, userId, to: email, template: 'password_changed', values })
  }
}

async function activeUser(tx: Tx, userId: string) {
  return tx
    .selectFrom('users')
    .leftJoin('schools', 'schools.id', 'users.school_id')
    .select(['users.id as userId', 'email', 'display_name as displayName', 'role', 'schools.name as school'])
    .where('users.id', '=', userId)
    .where('active', '=', true)
    .executeTakeFirst()
}
