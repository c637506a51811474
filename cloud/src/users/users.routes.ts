import { randomBytes } from 'node:crypto'
import { endSessionsOfUser } from '@gatehouse/shared/wire/api/auth-sessions.ts'
import {
  createUser as createRoute,
  deleteUser as deleteRoute,
  getUser,
  listUsers as listRoute,
  type UserAccount,
  updateUser as updateRoute,
} from '@gatehouse/shared/wire/api/users.ts'
import type { Actor } from '../audit/actor.ts'
import { look } from '../audit/audit.ts'
import type { Passwords } from '../auth/password.ts'
import { endSessionsOf } from '../auth/sessions.repo.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import { deleteUser, enterUser, findUser, listUsers, type UserRow, updateUser } from './users.repo.ts'

export type UsersRoutesNeeds = {
  readonly db: Db
  readonly passwords: Passwords
  readonly nowMs: () => number
  /** Writes the mail by whose link somebody new chooses a password. Without it they ask for one at the sign-in page. */
  readonly invite?: (tx: Tx, actor: Actor, user: UserRow) => Promise<void>
}

const PROBLEMS = {
  no_such_user: { status: 404, code: 'not_found', message: 'There is nobody with that id.' },
  email_taken: {
    status: 409,
    code: 'email_taken',
    message: 'Somebody else of the school has this e-mail address.',
    details: [{ path: 'email', message: 'is another person’s' }],
  },
  not_grantable: {
    status: 422,
    code: 'validation_failed',
    message: 'That cannot be given to this role: personal data is given to staff, and administrators see it anyway.',
    details: [{ path: 'grants', message: 'cannot be given to this role' }],
  },
  last_administrator: {
    status: 409,
    code: 'last_administrator',
    message: 'This is the last administrator of the school. Make somebody else an administrator first.',
  },
  yourself: {
    status: 409,
    code: 'yourself',
    message: 'You cannot take your own role or access away. Ask another administrator.',
  },
  not_by_hand: {
    status: 409,
    code: 'not_by_hand',
    message: 'A student’s account stays a student’s. Enter a new account with another address for their work.',
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export function usersRoutes(routes: Binder, { db, passwords, nowMs, invite }: UsersRoutesNeeds): void {
  routes.inSchool(listRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listUsers(tx, query)
      await look(tx, actorOf(who, nowMs()), { action: 'user.list', after: { ...asked(query), shown: rows.length } })
      return { data: rows.map(accountOf), pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(getUser, ({ params: { userId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findUser(tx, userId)
      if (row === undefined) return { problem: PROBLEMS.no_such_user }
      await look(tx, actorOf(who, nowMs()), { action: 'user.read', subject: { kind: 'user', id: userId } })
      return { data: accountOf(row) }
    }),
  )

  routes.inSchool(createRoute, async ({ body, who }) => {
    // Of a password that nobody knows: hashed outside the transaction, for it takes a while.
    const passwordHash = await passwords.hash(randomBytes(32).toString('base64url'))
    const actor = actorOf(who, nowMs())
    return inSchool(db, who.school.id, async tx => {
      const made = await enterUser(tx, actor, { ...body, passwordHash })
      if (!made.ok) return { problem: PROBLEMS[made.failure] }
      await invite?.(tx, actor, made.value)
      return { data: accountOf(made.value) }
    })
  })

  routes.inSchool(updateRoute, ({ params: { userId }, body, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx => {
      const done = await updateUser(tx, actorOf(who, nowMs()), userId, body, ifMatch)
      return done.ok ? { data: accountOf(done.value) } : { problem: PROBLEMS[done.failure] }
    }),
  )

  routes.inSchool(deleteRoute, ({ params: { userId }, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx => {
      const done = await deleteUser(tx, actorOf(who, nowMs()), userId, ifMatch)
      return done.ok ? { data: null } : { problem: PROBLEMS[done.failure] }
    }),
  )

  routes.inSchool(endSessionsOfUser, ({ params: { userId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      if ((await findUser(tx, userId)) === undefined) return { problem: PROBLEMS.no_such_user }
      const { schoolId, nowMs: at, by } = actorOf(who, nowMs())
      const ended = await endSessionsOf(tx, { schoolId, userId, why: 'ended', nowMs: at, ...(by && { by }) })
      return { data: { ended } }
    }),
  )
}

export function accountOf(row: UserRow): UserAccount {
  return {
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    role: row.role,
    grants: row.grants,
    active: row.active,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
