import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Tx } from '../db/tables.ts'
import { nameOf } from '../students/name.ts'
import { aboutVisitor } from '../visitors/visitors.repo.ts'

/** Who a request for their own data is about (GDPR article 4): a student with all entries and the account, an account alone, or a visitor. */
export type DataSubject = {
  /** The student and the entries that were merged into it; empty: staff. */
  readonly studentIds: readonly string[]
  readonly studentNumbers: readonly string[]
  readonly visitorIds: readonly string[]
  readonly passIds: readonly string[]
  readonly userId: string | null
  readonly userEmail: string | null
  /** Where mail of the school went, in small letters. */
  readonly addresses: readonly string[]
  /** What somebody types who means this person: the student number, the e-mail address of an account, or a visitor's name. */
  readonly confirms: readonly string[]
}

type NotThere = 'no_such_person' | 'already_erased'

/** A student of the school, archived or not. */
export async function studentSubject(tx: Tx, studentId: string): Promise<Result<DataSubject, NotThere>> {
  const entries = await tx
    .selectFrom('students')
    .select(['id', 'student_number', 'user_id', 'email', 'merged_into'])
    .where(eb => eb.or([eb('id', '=', studentId), eb('merged_into', '=', studentId)]))
    .forUpdate()
    .execute()
  const own = entries.find(({ id }) => id === studentId)
  if (own === undefined || own.merged_into !== null) return fail('no_such_person')
  const erased = await tx
    .selectFrom('erased_numbers')
    .select('student_id')
    .where('student_id', '=', studentId)
    .execute()
  if (erased.length > 0) return fail('already_erased')
  const studentIds = entries.map(({ id }) => id)
  const passes = await tx.selectFrom('passes').select('pass_id').where('student_id', 'in', studentIds).execute()
  const account = own.user_id === null ? null : await accountOf(tx, own.user_id)
  const invited = await tx
    .selectFrom('invitations')
    .select('to_address')
    .where('student_id', 'in', studentIds)
    .where('to_address', 'is not', null)
    .execute()
  return ok({
    studentIds,
    studentNumbers: entries.map(({ student_number }) => student_number),
    visitorIds: [],
    confirms: entries.map(({ student_number }) => student_number),
    passIds: passes.map(({ pass_id }) => pass_id),
    userId: account?.id ?? null,
    userEmail: account?.email ?? null,
    addresses: addressesOf([
      ...entries.map(({ email }) => email),
      ...invited.map(({ to_address }) => to_address),
      account?.email,
    ]),
  })
}

/** Somebody with an account who is no student: a student's account goes with the student. */
export async function userSubject(tx: Tx, userId: string): Promise<Result<DataSubject, NotThere | 'is_student'>> {
  const account = await accountOf(tx, userId)
  if (account === null) return fail('no_such_person')
  if (account.role === 'student') return fail('is_student')
  if (account.display_name === ERASED) return fail('already_erased')
  return ok({
    studentIds: [],
    studentNumbers: [],
    visitorIds: [],
    confirms: [account.email],
    passIds: [],
    userId,
    userEmail: account.email,
    addresses: addressesOf([account.email]),
  })
}

/** A visitor of the school. */
export async function visitorSubject(tx: Tx, visitorId: string): Promise<Result<DataSubject, NotThere>> {
  const visitor = await tx
    .selectFrom('visitors')
    .select(['id', 'first_name', 'last_name', 'archived_at'])
    .where('id', '=', visitorId)
    .forUpdate()
    .executeTakeFirst()
  if (visitor === undefined) return fail('no_such_person')
  if (visitor.archived_at !== null) return fail('already_erased')
  const passes = await tx.selectFrom('passes').select('pass_id').where('visitor_id', '=', visitorId).execute()
  return ok({
    studentIds: [],
    studentNumbers: [],
    visitorIds: [visitorId],
    passIds: passes.map(({ pass_id }) => pass_id),
    userId: null,
    userEmail: null,
    addresses: [],
    confirms: [nameOf(visitor)],
  })
}

/** In place of a name. */
export const ERASED = '(erased)'

async function accountOf(tx: Tx, userId: string) {
  const columns = ['id', 'email', 'role', 'display_name'] as const
  return (await tx.selectFrom('users').select(columns).where('id', '=', userId).executeTakeFirst()) ?? null
}

function addressesOf(addresses: readonly (string | null | undefined)[]): string[] {
  return [...new Set(addresses.filter(address => typeof address === 'string').map(address => address.toLowerCase()))]
}

/** What a row of the audit log is about. */
export function aboutSubject({ studentIds, visitorIds, userId }: DataSubject) {
  const [studentId] = studentIds
  const [visitorId] = visitorIds
  if (visitorId !== undefined) return aboutVisitor(visitorId)
  return studentId === undefined
    ? { subject: { kind: 'user', id: userId! } }
    : { subject: { kind: 'student', id: studentId }, studentId }
}
