import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { sql } from 'kysely'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import { NO_PASSWORD } from './password.ts'
import { endSessionsOf } from './sessions.repo.ts'
import type { Entrant } from './sign-in.ts'

/** What an issuer said of somebody, checked and signed. */
export type Claims = { readonly sub: string; readonly [name: string]: unknown }

export type NotLetIn =
  | 'no_email'
  | 'email_not_checked'
  | 'other_domain'
  | 'unknown_person'
  | 'no_role'
  | 'other_account'
  | 'not_active'

type At = { readonly schoolId: string; readonly signOn: SignOn; readonly nowMs: number; readonly by: By }

/**
 * Whom the claims mean here. By the subject they meant before; at first by a checked e-mail address of an allowed
 * domain; whom nobody entered yet is entered where the school wants that.
 */
export async function entrantOfClaims(tx: Tx, at: At, claims: Claims): Promise<Result<Entrant, NotLetIn>> {
  const { signOn } = at
  const email = addressIn(claims, signOn)
  if (email === null) return fail('no_email')
  if (claims.email_verified !== true && !signOn.trustEmail) return fail('email_not_checked')
  if (!signOn.allowedDomains.includes(email.split('@')[1]!)) return fail('other_domain')

  const known = (await bySubject(tx, at, claims.sub)) ?? (await byEmail(tx, at, email))
  if (known === undefined) return newcomer(tx, at, claims, email)
  if (!known.active) return fail('not_active')
  if (known.subject !== null && known.subject !== claims.sub) return fail('other_account')
  if (known.subject === null) await bind(tx, at, known.userId, claims.sub)
  return inRole(tx, at, known, roleIn(claims, signOn))
}

/** In small letters. Addresses with more than one @ or with blanks are somebody's trick. */
function addressIn(claims: Claims, { emailClaim }: SignOn): string | null {
  const said = claims[emailClaim]
  if (typeof said !== 'string' || said.length > 254) return null
  const email = said.normalize('NFKC').trim().toLowerCase()
  return /^[^\s@]+@[^\s@]+$/.test(email) ? email : null
}

/** The role of the first group that fits; null: none does. */
function roleIn(claims: Claims, { groupsClaim, roleOfGroup }: SignOn): Exclude<Role, 'super_admin'> | null {
  const said = groupsClaim === null ? [] : claims[groupsClaim]
  const groups = new Set(Array.isArray(said) ? said : [said])
  return roleOfGroup.find(({ group }) => groups.has(group))?.role ?? null
}

type Known = Entrant & { readonly active: boolean; readonly subject: string | null }

const users = (tx: Tx, { signOn, schoolId }: At) =>
  tx
    .selectFrom('users')
    .leftJoin('sign_on_subjects', join =>
      join
        .onRef('sign_on_subjects.user_id', '=', 'users.id')
        .on('sign_on_subjects.school_id', '=', schoolId)
        .on('sign_on_subjects.issuer', '=', signOn.issuer),
    )
    .select([
      'users.id as userId',
      'users.school_id as schoolId',
      'role',
      'email',
      'display_name as displayName',
      'active',
      'subject',
    ])
    .where('users.school_id', '=', schoolId)

function bySubject(tx: Tx, at: At, subject: string): Promise<Known | undefined> {
  return users(tx, at).where('subject', '=', subject).executeTakeFirst()
}

function byEmail(tx: Tx, at: At, email: string): Promise<Known | undefined> {
  return users(tx, at).where(sql<boolean>`lower(users.email) = ${email}`).executeTakeFirst()
}

async function bind(tx: Tx, { schoolId, signOn, nowMs, by }: At, userId: string, subject: string): Promise<void> {
  const row = { school_id: schoolId, issuer: signOn.issuer, subject, user_id: userId, created_at: new Date(nowMs) }
  await tx.insertInto('sign_on_subjects').values(row).execute()
  const facts = { issuer: signOn.issuer }
  await audit(
    tx,
    { schoolId, nowMs, by },
    { action: 'sign_on.bind', subject: { kind: 'user', id: userId }, after: facts },
  )
}

/** Gives the role that a group says, and takes back one that only a group gives. The last administrator stays one. */
async function inRole(tx: Tx, at: At, known: Known, said: Role | null): Promise<Result<Entrant, NotLetIn>> {
  const { signOn, schoolId, nowMs, by } = at
  const byGroup = signOn.roleOfGroup.some(({ role }) => role === known.role)
  const role = said ?? (byGroup ? signOn.newcomersAre : known.role)
  if (role === known.role) return ok(known)
  if (known.role === 'school_admin' && (await administrators(tx)) <= 1) return ok(known)
  if (role === null) return fail('no_role')
  await tx.updateTable('users').set({ role }).where('id', '=', known.userId).execute()
  const subject = { kind: 'user', id: known.userId }
  const entry = { action: 'user.update', subject, before: { role: known.role }, after: { role } } as const
  await audit(tx, { schoolId, nowMs, by }, { ...entry, note: `as a group of ${signOn.issuer} says` })
  await endSessionsOf(tx, { schoolId, userId: known.userId, why: 'role_changed', nowMs, by })
  return ok({ ...known, role })
}

/** How many there are. Their rows are locked: two who lose the role at once do not both find the other. */
async function administrators(tx: Tx): Promise<number> {
  const rows = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'school_admin')
    .where('active', '=', true)
    .forUpdate()
    .execute()
  return rows.length
}

async function newcomer(tx: Tx, at: At, claims: Claims, email: string): Promise<Result<Entrant, NotLetIn>> {
  const { signOn, schoolId, nowMs, by } = at
  if (signOn.newcomersAre === null) return fail('unknown_person')
  const role = roleIn(claims, signOn) ?? signOn.newcomersAre
  const student = role === 'student' ? await studentWith(tx, email) : null
  // An account that shows nobody's pass is of no use to anybody.
  if (student === undefined) return fail('unknown_person')
  const userId = randomUUIDv7()
  const displayName = nameIn(claims) ?? email
  await tx
    .insertInto('users')
    .values({ id: userId, school_id: schoolId, email, display_name: displayName, role, password_hash: NO_PASSWORD })
    .execute()
  if (student !== null) await tx.updateTable('students').set({ user_id: userId }).where('id', '=', student.id).execute()
  await audit(
    tx,
    { schoolId, nowMs, by },
    {
      action: 'user.create',
      subject: { kind: 'user', id: userId },
      ...(student !== null && { studentId: student.id }),
      after: { email, displayName, role },
      note: `at the first sign-on by ${signOn.issuer}`,
    },
  )
  await bind(tx, at, userId, claims.sub)
  return ok({ userId, schoolId, role, email, displayName })
}

/** The living student with this school e-mail who has no account yet; undefined: there is none. */
function studentWith(tx: Tx, email: string): Promise<{ id: string } | undefined> {
  return tx
    .selectFrom('students')
    .select('id')
    .where(sql<boolean>`lower(email) = ${email}`)
    .where('archived_at', 'is', null)
    .where('user_id', 'is', null)
    .executeTakeFirst()
}

function nameIn(claims: Claims): string | null {
  const said = typeof claims.name === 'string' ? claims.name.normalize('NFC').trim() : ''
  return said === '' ? null : said.slice(0, 200)
}
