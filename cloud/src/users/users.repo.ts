import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { GRANTABLE, type Grant, type Role } from '@gatehouse/shared/wire/rights.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { type Ending, endSessionsOf } from '../auth/sessions.repo.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tables, Tx } from '../db/tables.ts'
import { searchWords } from '../students/fold.ts'

export type UserRow = Row<'users'>

export type UserQuery = {
  readonly page: number
  readonly limit: number
  readonly search?: string | undefined
  readonly role?: Role | undefined
  readonly active?: 'true' | 'false' | undefined
  readonly sort: 'name' | '-name' | 'email' | '-email' | 'createdAt' | '-createdAt'
}

/** People of the school who were not deleted, one page of them, and how many there are. */
export async function listUsers(tx: Tx, query: UserQuery): Promise<{ rows: UserRow[]; total: number }> {
  const { page, limit, sort } = query
  const { total } = await there(tx)
    .where(matching(query))
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  const column = SORTS[sort.replace('-', '') as keyof typeof SORTS]
  const rows = await there(tx)
    .where(matching(query))
    .selectAll()
    .orderBy(column, sort.startsWith('-') ? 'desc' : 'asc')
    .orderBy('id')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

type UserFilters = Pick<UserQuery, 'search' | 'role' | 'active'>

/** Those entered after this one, the first entered first, for a file of them. */
export function usersAfter(
  tx: Tx,
  { after, limit, ...filters }: UserFilters & { readonly after: string | null; readonly limit: number },
): Promise<UserRow[]> {
  return there(tx)
    .selectAll()
    .where(matching(filters))
    .$if(after !== null, users => users.where('id', '>', after!))
    .orderBy('id')
    .limit(limit)
    .execute()
}

function matching({ search, role, active }: UserFilters) {
  return (users: ExpressionBuilder<Tables, 'users'>) =>
    users.and([
      ...(role === undefined ? [] : [users('role', '=', role)]),
      ...(active === undefined ? [] : [users('active', '=', active === 'true')]),
      ...(search === undefined || search === '' ? [] : [users('id', 'in', usersFound(search))]),
    ])
}

/** Ids of people, deleted ones too, whose name and address have every word. */
export function usersFound(search: string) {
  return sql<string>`(select id from search_users(${searchWords(search)}::text[]))`
}

export function findUser(tx: Tx, userId: string): Promise<UserRow | undefined> {
  return there(tx).selectAll().where('id', '=', userId).executeTakeFirst()
}

export type NewAccount = {
  readonly email: string
  readonly displayName: string
  readonly role: Role
  readonly grants: readonly Grant[]
  /** Of a password, or of one that nobody knows. */
  readonly passwordHash: string
}

export async function enterUser(
  tx: Tx,
  actor: Actor,
  { email, displayName, role, grants, passwordHash }: NewAccount,
): Promise<Result<UserRow, 'email_taken' | 'not_grantable'>> {
  if (!grantable(role, grants)) return fail('not_grantable')
  const row = await tx
    .insertInto('users')
    .values({
      id: randomUUIDv7(),
      school_id: actor.schoolId,
      email,
      display_name: displayName,
      role,
      grants: [...new Set(grants)],
      password_hash: passwordHash,
      created_at: new Date(actor.nowMs),
      updated_at: new Date(actor.nowMs),
    })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return fail('email_taken')
  const after = { email, displayName, role, grants: [...grants] }
  await audit(tx, actor, { action: 'user.create', subject: { kind: 'user', id: row.id }, after })
  return ok(row)
}

export type UserChange = {
  readonly email?: string | undefined
  readonly displayName?: string | undefined
  readonly role?: Role | undefined
  readonly grants?: readonly Grant[] | undefined
  readonly active?: boolean | undefined
}

export type UserRefusal =
  | 'no_such_user'
  | 'changed_meanwhile'
  | 'email_taken'
  | 'not_grantable'
  | 'last_administrator'
  | 'yourself'
  | 'not_by_hand'

/** Changes somebody. Who loses a role or access loses their sessions in the same step; a school is never without an administrator. */
export async function updateUser(
  tx: Tx,
  actor: Actor,
  userId: string,
  change: UserChange,
  ifVersion: number | null,
): Promise<Result<UserRow, UserRefusal>> {
  const row = await holdUser(tx, userId)
  if (row === undefined) return fail('no_such_user')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  const role = change.role ?? row.role
  const turns = role !== row.role || (change.active ?? row.active) !== row.active
  // An account that comes with a student goes with it.
  if (role !== row.role && row.role === 'student') return fail('not_by_hand')
  if (turns && actor.userId === userId) return fail('yourself')
  // What a new role cannot have falls away with the old one.
  const grants = change.grants ?? row.grants.filter(grant => GRANTABLE[grant].includes(role))
  if (!grantable(role, grants)) return fail('not_grantable')
  const leaves = role !== 'school_admin' || change.active === false
  if (row.role === 'school_admin' && row.active && leaves && (await isLastAdministrator(tx, userId)))
    return fail('last_administrator')
  if (change.email !== undefined && (await emailTaken(tx, change.email, userId))) return fail('email_taken')

  const { before, after } = changes(factsOf(row), { ...change, grants: [...grants] })
  if (Object.keys(after).length === 0) return ok(row)
  const changed = await tx
    .updateTable('users')
    .set({
      email: change.email ?? row.email,
      display_name: change.displayName ?? row.display_name,
      role,
      grants: [...new Set(grants)],
      active: change.active ?? row.active,
      deactivated_with_school: false,
      version: row.version + 1,
      updated_at: new Date(actor.nowMs),
    })
    .where('id', '=', userId)
    .returningAll()
    .executeTakeFirstOrThrow()
  if (turns) await endAccess(tx, actor, userId, change.active === false ? 'deactivated' : 'role_changed')
  await audit(tx, actor, { action: 'user.update', subject: { kind: 'user', id: userId }, before, after })
  return ok(changed)
}

/** Takes somebody out for good. The row stays for what it is named in; the address is free again. */
export async function deleteUser(
  tx: Tx,
  actor: Actor,
  userId: string,
  ifVersion: number | null,
): Promise<Result<null, UserRefusal>> {
  const row = await holdUser(tx, userId)
  if (row === undefined) return fail('no_such_user')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  if (actor.userId === userId) return fail('yourself')
  if (row.role === 'school_admin' && row.active && (await isLastAdministrator(tx, userId)))
    return fail('last_administrator')
  const now = new Date(actor.nowMs)
  await tx
    .updateTable('users')
    .set({
      email: `${userId}@deleted.invalid`,
      active: false,
      deleted_at: now,
      updated_at: now,
      version: row.version + 1,
    })
    .where('id', '=', userId)
    .execute()
  // What the identity provider calls them may be given to somebody new.
  await tx.deleteFrom('scim_links').where('user_id', '=', userId).execute()
  await tx.updateTable('students').set({ user_id: null }).where('user_id', '=', userId).execute()
  await endAccess(tx, actor, userId, 'deactivated')
  await audit(tx, actor, { action: 'user.delete', subject: { kind: 'user', id: userId }, before: factsOf(row) })
  return ok(null)
}

async function endAccess(tx: Tx, { schoolId, nowMs, by }: Actor, userId: string, why: Ending['why']) {
  await endSessionsOf(tx, { schoolId, userId, why, nowMs, ...(by && { by }) })
  const keys =
    why === 'deactivated'
      ? await tx.deleteFrom('access_keys').where('user_id', '=', userId).returning('id').execute()
      : await tx.selectFrom('access_keys').select('id').where('user_id', '=', userId).execute()
  if (keys.length > 0) await leave(tx, schoolId, 'session.ended', { ids: keys.map(({ id }) => id) })
}

/** All administrators are held until the commit: of two who demote each other one waits, and is told. */
async function isLastAdministrator(tx: Tx, userId: string): Promise<boolean> {
  const administrators = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'school_admin')
    .where('active', '=', true)
    .orderBy('id')
    .forUpdate()
    .execute()
  return administrators.every(({ id }) => id === userId)
}

async function emailTaken(tx: Tx, email: string, self: string): Promise<boolean> {
  const other = await tx
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`lower(email) = lower(${email})`)
    .where('id', '!=', self)
    .executeTakeFirst()
  return other !== undefined
}

const grantable = (role: Role, grants: readonly Grant[]) => grants.every(grant => GRANTABLE[grant].includes(role))

function factsOf({ email, display_name: displayName, role, grants, active }: UserRow) {
  return { email, displayName, role, grants, active }
}

const there = (tx: Tx) => tx.selectFrom('users').where('deleted_at', 'is', null)

function holdUser(tx: Tx, userId: string): Promise<UserRow | undefined> {
  return there(tx).selectAll().where('id', '=', userId).forUpdate().executeTakeFirst()
}

const SORTS = {
  name: sql`lower(display_name)`,
  email: sql`lower(email)`,
  createdAt: sql`created_at`,
} as const
