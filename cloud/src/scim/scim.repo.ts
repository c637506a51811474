import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { GRANTABLE, type Grant } from '@gatehouse/shared/wire/rights.ts'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { deactivateUser, endSessionsOf } from '../auth/sessions.repo.ts'
import type { Tables, Tx } from '../db/tables.ts'
import { createUser } from '../schools/schools.repo.ts'
import { type Account, SCIM_ROLES, type ScimRole } from './account.ts'
import { type Filter, WrongFilter } from './filter.ts'

export type ScimUser = {
  readonly id: string
  readonly email: string
  readonly display_name: string
  readonly role: ScimRole
  readonly active: boolean
  readonly external_id: string | null
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

type Refused = 'email_taken' | 'external_id_taken' | 'last_administrator'

/** Staff of the school: who signs in with a role that an identity provider may give. Whoever was deleted here is not there any more. */
const accounts = (tx: Tx) =>
  tx
    .selectFrom('users')
    .leftJoin('scim_links', join =>
      join.onRef('scim_links.school_id', '=', 'users.school_id').onRef('scim_links.user_id', '=', 'users.id'),
    )
    .where('users.role', 'in', SCIM_ROLES)
    .where('users.deleted_at', 'is', null)

const COLUMNS = [
  'users.id',
  'users.email',
  'users.display_name',
  'users.role',
  'users.active',
  'users.created_at',
  'users.version',
  'users.updated_at',
  'scim_links.external_id',
] as const

export async function listAccounts(
  tx: Tx,
  {
    filter,
    startIndex,
    count,
  }: { readonly filter: Filter | null; readonly startIndex: number; readonly count: number },
): Promise<{ rows: ScimUser[]; total: number }> {
  const matching = filter === null ? accounts(tx) : accounts(tx).where(eb => where(eb as unknown as Builder, filter))
  const { total } = await matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await matching
    .select(COLUMNS)
    .orderBy('users.id')
    .limit(count)
    .offset(startIndex - 1)
    .execute()
  return { rows: rows as ScimUser[], total }
}

export async function findAccount(tx: Tx, userId: string): Promise<ScimUser | undefined> {
  return (await accounts(tx).select(COLUMNS).where('users.id', '=', userId).executeTakeFirst()) as ScimUser | undefined
}

export const accountIn = (row: ScimUser): Account => ({
  userName: row.email,
  displayName: row.display_name,
  active: row.active,
  externalId: row.external_id,
  role: row.role,
})

export async function enterAccount(
  tx: Tx,
  actor: Actor,
  account: Account,
  passwordHash: string,
): Promise<Result<ScimUser, Refused>> {
  const { userName: email, displayName, role } = account
  if (await externalIdTaken(tx, account.externalId, null)) return fail('external_id_taken')
  const made = await createUser(tx, { schoolId: actor.schoolId, email, displayName, role, passwordHash })
  if (!made.ok) return made
  if (!account.active) await tx.updateTable('users').set({ active: false }).where('id', '=', made.value).execute()
  await keepLink(tx, actor, made.value, account.externalId)
  await audit(tx, actor, { action: 'user.create', subject: { kind: 'user', id: made.value }, after: { ...account } })
  return ok((await findAccount(tx, made.value))!)
}

/** Makes the account as it is told. Another role ends the sessions, and switching it off ends them and its keys at once. */
export async function changeAccount(
  tx: Tx,
  actor: Actor,
  row: ScimUser,
  account: Account,
): Promise<Result<ScimUser, Refused>> {
  const before = accountIn(row)
  const differ = changes(before, account)
  if (Object.keys(differ.after).length === 0) return ok(row)
  const stepsDown =
    before.role === 'school_admin' && before.active && (account.role !== 'school_admin' || !account.active)
  if (stepsDown && (await otherAdministrators(tx, row.id)) === 0) return fail('last_administrator')
  if (await emailTaken(tx, account.userName, row.id)) return fail('email_taken')
  if (await externalIdTaken(tx, account.externalId, row.id)) return fail('external_id_taken')
  await tx
    .updateTable('users')
    .set({
      email: account.userName,
      display_name: account.displayName,
      role: account.role,
      // What the new role cannot have falls away with the old one.
      ...(before.role !== account.role && { grants: await grantsFor(tx, row.id, account.role) }),
      version: row.version + 1,
      updated_at: new Date(actor.nowMs),
    })
    .where('id', '=', row.id)
    .execute()
  const ending = { schoolId: actor.schoolId, userId: row.id, nowMs: actor.nowMs, ...(actor.by && { by: actor.by }) }
  if (before.active && !account.active) await deactivateUser(tx, ending)
  else if (before.role !== account.role) await endSessionsOf(tx, { ...ending, why: 'deactivated' })
  if (!before.active && account.active)
    await tx.updateTable('users').set({ active: true }).where('id', '=', row.id).execute()
  await keepLink(tx, actor, row.id, account.externalId)
  await audit(tx, actor, { action: 'user.update', subject: { kind: 'user', id: row.id }, ...differ })
  return ok((await findAccount(tx, row.id))!)
}

async function keepLink(tx: Tx, actor: Actor, userId: string, externalId: string | null): Promise<void> {
  const columns = { external_id: externalId, updated_at: new Date(actor.nowMs) }
  await tx
    .insertInto('scim_links')
    .values({ school_id: actor.schoolId, user_id: userId, ...columns })
    .onConflict(conflict => conflict.columns(['school_id', 'user_id']).doUpdateSet(columns))
    .execute()
}

async function grantsFor(tx: Tx, userId: string, role: ScimRole): Promise<Grant[]> {
  const { grants } = await tx.selectFrom('users').select('grants').where('id', '=', userId).executeTakeFirstOrThrow()
  return grants.filter(grant => GRANTABLE[grant].includes(role))
}

async function otherAdministrators(tx: Tx, userId: string): Promise<number> {
  // Held, so that of two who step down at once the second one sees the first.
  const rows = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'school_admin')
    .where('active', '=', true)
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.filter(({ id }) => id !== userId).length
}

async function emailTaken(tx: Tx, email: string, self: string): Promise<boolean> {
  const found = await tx
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`lower(email) = lower(${email})`)
    .where('id', '!=', self)
    .executeTakeFirst()
  return found !== undefined
}

async function externalIdTaken(tx: Tx, externalId: string | null, self: string | null): Promise<boolean> {
  if (externalId === null) return false
  const found = await tx
    .selectFrom('scim_links')
    .select('user_id')
    .where('external_id', '=', externalId)
    .executeTakeFirst()
  return found !== undefined && found.user_id !== self
}

type Builder = ExpressionBuilder<Tables, 'users' | 'scim_links'>

/** Only these can be asked for: others would look as if nobody had them. */
const ATTRIBUTES: Readonly<Record<string, ReturnType<typeof sql<string>>>> = {
  id: sql`users.id::text`,
  username: sql`lower(users.email)`,
  emails: sql`lower(users.email)`,
  'emails.value': sql`lower(users.email)`,
  displayname: sql`lower(users.display_name)`,
  'name.formatted': sql`lower(users.display_name)`,
  externalid: sql`scim_links.external_id`,
  roles: sql`users.role`,
  'roles.value': sql`users.role`,
}

function where(eb: Builder, filter: Filter): Expression<SqlBool> {
  switch (filter.kind) {
    case 'and':
      return eb.and([where(eb, filter.left), where(eb, filter.right)])
    case 'or':
      return eb.or([where(eb, filter.left), where(eb, filter.right)])
    case 'not':
      return sql<boolean>`not coalesce(${where(eb, filter.filter)}, false)`
    case 'present':
      return filter.attribute === 'active'
        ? sql<boolean>`true`
        : sql<boolean>`${columnOf(filter.attribute)} is not null`
    case 'compare':
      return compared(filter)
  }
}

function compared({ attribute, operator, value }: Extract<Filter, { kind: 'compare' }>): Expression<SqlBool> {
  if (attribute === 'active') {
    if (typeof value !== 'boolean' || !['eq', 'ne'].includes(operator))
      throw new WrongFilter('active is eq or ne to true or false.')
    return operator === 'eq' ? sql<boolean>`users.active = ${value}` : sql<boolean>`users.active <> ${value}`
  }
  const column = columnOf(attribute)
  if (value === null) return operator === 'eq' ? sql<boolean>`${column} is null` : sql<boolean>`${column} is not null`
  if (typeof value !== 'string') throw new WrongFilter(`${attribute} is compared with text in quotation marks.`)
  const text = attribute === 'externalid' ? value : value.toLowerCase()
  const like = text.replace(/[\\%_]/g, character => `\\${character}`)
  switch (operator) {
    case 'eq':
      return sql<boolean>`${column} = ${text}`
    case 'ne':
      return sql<boolean>`${column} is distinct from ${text}`
    case 'co':
      return sql<boolean>`${column} like ${`%${like}%`}`
    case 'sw':
      return sql<boolean>`${column} like ${`${like}%`}`
    case 'ew':
      return sql<boolean>`${column} like ${`%${like}`}`
  }
}

function columnOf(attribute: string) {
  const column = ATTRIBUTES[attribute]
  if (column === undefined) throw new WrongFilter(`${attribute} cannot be filtered by.`)
  return column
}
