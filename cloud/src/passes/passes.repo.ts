import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tables, Tx } from '../db/tables.ts'
import { HOLDER_NAME } from '../visitors/holder-name.ts'
import { passesOfFound } from '../visitors/visitors-found.ts'
import type { PassStatus } from './tables.ts'
import { tellOfPass } from './tell-of-pass.ts'

export type PassRow = Row<'passes'> & {
  readonly first_name: string
  readonly last_name: string
  /** Null: a visitor. */
  readonly student_number: string | null
  /** Of a visitor. */
  readonly host_id: string | null
  readonly host_name: string | null
  readonly level_name: string | null
}

export type PassQuery = {
  readonly page: number
  readonly limit: number
  readonly studentId?: string | undefined
  readonly status?: PassStatus | 'expired' | undefined
  readonly search?: string | undefined
  readonly nowMs: number
}

export type PassFilters = Omit<PassQuery, 'page' | 'limit'>

/** Passes that match, newest first. `expired` is seen and not stored: an active pass whose time is over. */
export async function listPasses(
  tx: Tx,
  { page, limit, ...filters }: PassQuery,
): Promise<{ rows: PassRow[]; total: number }> {
  const matching = (passes: ExpressionBuilder<Tables, 'passes'>) => fitting(passes, filters)
  const { total } = await tx
    .selectFrom('passes')
    .where(matching)
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  const rows = await withHolder(tx)
    .where(eb => matching(eb as unknown as ExpressionBuilder<Tables, 'passes'>))
    .orderBy('passes.serial', 'desc')
    .limit(limit)
    .offset((page - 1) * limit)
    .execute()
  return { rows, total }
}

/** The same passes without pages, oldest first, from the one after this serial on. */
export function passesAfter(
  tx: Tx,
  { after, limit, ...filters }: PassFilters & { readonly after: string | null; readonly limit: number },
): Promise<PassRow[]> {
  return withHolder(tx)
    .where(eb => fitting(eb as unknown as ExpressionBuilder<Tables, 'passes'>, filters))
    .$if(after !== null, passes => passes.where('passes.serial', '>', after!))
    .orderBy('passes.serial')
    .limit(limit)
    .execute()
}

function fitting(passes: ExpressionBuilder<Tables, 'passes'>, { studentId, status, search, nowMs }: PassFilters) {
  const now = new Date(nowMs)
  return passes.and([
    ...(studentId === undefined ? [] : [passes('passes.student_id', '=', studentId)]),
    ...(status === undefined ? [] : [passes('passes.status', '=', status === 'expired' ? 'active' : status)]),
    ...(status === 'expired' ? [passes('passes.expires', '<=', now)] : []),
    ...(status === 'active' ? [passes('passes.expires', '>', now)] : []),
    ...(search === undefined || search === '' ? [] : [searched(passes, search)]),
  ])
}

/** A holder's name or number, or the serial as printed. */
export function searched(passes: ExpressionBuilder<Tables, 'passes'>, search: string) {
  const holder = passes('passes.pass_id', 'in', passesOfFound(search))
  return /^\d{1,10}$/.test(search) ? passes.or([holder, passes('passes.serial', '=', search)]) : holder
}

export function findPass(tx: Tx, passId: string): Promise<PassRow | undefined> {
  return withHolder(tx).where('passes.pass_id', '=', passId).executeTakeFirst()
}

export function findPasses(tx: Tx, passIds: readonly string[]): Promise<PassRow[]> {
  return withHolder(tx).where('passes.pass_id', 'in', passIds).execute()
}

/** The newest passes of each of these students, so many of each. */
export function passesOfEach(tx: Tx, studentIds: readonly string[], ofEach: number): Promise<PassRow[]> {
  const numbered = tx
    .selectFrom('passes')
    .where('student_id', 'in', studentIds)
    .select(['pass_id', sql<string>`row_number() over (partition by student_id order by serial desc)`.as('place')])
  const newest = tx.selectFrom(numbered.as('numbered')).select('pass_id').where('place', '<=', String(ofEach))
  return withHolder(tx).where('passes.pass_id', 'in', newest).orderBy('passes.serial', 'desc').execute()
}

type Holding = Pick<Row<'passes'>, 'student_id' | 'visitor_id'>

/** The student or the visitor whose pass it is: every pass has one of the two. */
export function holderIdOf({ student_id, visitor_id }: Holding): string {
  return (student_id ?? visitor_id)!
}

/** What an audit row of a pass is about. */
export function aboutPass(pass: Holding & Pick<PassRow, 'pass_id'>) {
  return { subject: { kind: 'pass', id: pass.pass_id }, studentId: holderIdOf(pass) }
}

/**
 * Revokes a pass once. The first revocation stands: its time and note are evidence, so a second one is told it is
 * late and changes nothing.
 */
export async function revokePass(
  tx: Tx,
  actor: Actor,
  { passId, note }: { readonly passId: string; readonly note: string },
): Promise<Result<PassRow, 'no_such_pass' | 'already_revoked'>> {
  const { schoolId, userId, nowMs } = actor
  const before = await tx
    .selectFrom('passes')
    .select('status')
    .where('pass_id', '=', passId)
    .forUpdate()
    .executeTakeFirst()
  const revoked = await tx
    .updateTable('passes')
    .set({
      status: 'revoked',
      revoked_at: new Date(nowMs),
      revoked_by: userId,
      changed_by: userId,
      note,
      suspended_with_student: false,
      revoke_at: null,
    })
    .where('pass_id', '=', passId)
    .where('revoked_at', 'is', null)
    .returning('pass_id')
    .executeTakeFirst()
  if (revoked === undefined) return fail((await findPass(tx, passId)) ? 'already_revoked' : 'no_such_pass')
  await leave(tx, schoolId, 'list.changed', {})
  const row = (await findPass(tx, passId))!
  await audit(tx, actor, {
    action: 'pass.revoke',
    ...aboutPass(row),
    before: { status: before!.status },
    after: { status: 'revoked' },
    note,
  })
  await tellOfPass(tx, row, 'pass_revoked', note)
  return ok(row)
}

export function suspendPass(
  tx: Tx,
  actor: Actor,
  { passId, note }: { readonly passId: string; readonly note: string },
) {
  return turn(tx, actor, { passId, from: 'active', to: 'suspended', note, otherwise: 'not_active' })
}

/** Gives a suspended pass back; not while its student is suspended. */
export async function resumePass(tx: Tx, actor: Actor, passId: string) {
  const pass = await findPass(tx, passId)
  if (pass?.suspended_with_student && pass.student_id !== null) {
    const { status } = await tx
      .selectFrom('students')
      .select('status')
      .where('id', '=', pass.student_id)
      .executeTakeFirstOrThrow()
    if (status === 'suspended') return fail('student_suspended')
  }
  return turn(tx, actor, { passId, from: 'suspended', to: 'active', note: null, otherwise: 'not_suspended' })
}

async function turn<Otherwise extends string>(
  tx: Tx,
  actor: Actor,
  turned: { passId: string; from: PassStatus; to: PassStatus; note: string | null; otherwise: Otherwise },
): Promise<Result<PassRow, 'no_such_pass' | Otherwise>> {
  const { passId, from, to, note, otherwise } = turned
  const { schoolId, userId } = actor
  const changed = await tx
    .updateTable('passes')
    .set({ status: to, note, changed_by: userId, suspended_with_student: false })
    .where('pass_id', '=', passId)
    .where('status', '=', from)
    .returning('pass_id')
    .executeTakeFirst()
  if (changed === undefined) return fail((await findPass(tx, passId)) ? otherwise : 'no_such_pass')
  await leave(tx, schoolId, 'list.changed', {})
  const row = (await findPass(tx, passId))!
  await audit(tx, actor, {
    action: to === 'active' ? 'pass.resume' : 'pass.suspend',
    ...aboutPass(row),
    before: { status: from },
    after: { status: to },
    ...(note !== null && { note }),
  })
  if (to === 'suspended') await tellOfPass(tx, row, 'pass_suspended', note ?? undefined)
  return ok(row)
}

/** When a pass no longer opens: it has run out, or its holder left and keeps it until then. */
export function opensUntil({ expires, revoke_at: revokeAt }: Pick<Row<'passes'>, 'expires' | 'revoke_at'>): Date {
  return revokeAt !== null && revokeAt < expires ? revokeAt : expires
}

export function withHolder(tx: Tx) {
  return tx
    .selectFrom('passes')
    .leftJoin('students', join =>
      join.onRef('students.school_id', '=', 'passes.school_id').onRef('students.id', '=', 'passes.student_id'),
    )
    .leftJoin('visitors', join =>
      join.onRef('visitors.school_id', '=', 'passes.school_id').onRef('visitors.id', '=', 'passes.visitor_id'),
    )
    .leftJoin('users', join =>
      join.onRef('users.school_id', '=', 'visitors.school_id').onRef('users.id', '=', 'visitors.host_user_id'),
    )
    .leftJoin('access_levels', join =>
      join
        .onRef('access_levels.school_id', '=', 'passes.school_id')
        .onRef('access_levels.id', '=', 'passes.access_level_id'),
    )
    .selectAll('passes')
    .select([
      'students.student_number',
      'visitors.host_user_id as host_id',
      'users.display_name as host_name',
      'access_levels.name as level_name',
    ])
    .select(HOLDER_NAME)
}

/** Bit i = group i. */
export function groupMask(numbers: readonly number[]): number {
  return numbers.reduce((mask, number) => mask | (1 << number), 0)
}

export function groupNumbers(mask: number): number[] {
  return Array.from({ length: 31 }, (_, number) => number).filter(number => (mask & (1 << number)) !== 0)
}
