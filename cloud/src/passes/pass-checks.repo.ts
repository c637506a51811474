import { randomUUIDv7 } from 'node:crypto'
import type { Refusal } from '@gatehouse/shared/decision/refusals.ts'
import { PROOF_AGE_S } from '@gatehouse/shared/pass/proof.ts'
import type { PassCheck } from '@gatehouse/shared/wire/api/passes.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { CheckCursor } from './check-cursor.ts'
import { holderIdOf, type PassRow } from './passes.repo.ts'

const KEPT_MS = 90 * 86_400_000

/** A code as late as may be, seen by a gate as early as may be, and as much again for what is on its way. */
const GRANTS_BACK_MS = 2 * (PROOF_AGE_S.most - PROOF_AGE_S.least) * 1000

export type NewCheck = {
  readonly gateId: string | null
  readonly lane: string | null
  /** Claimed where `proven` is false. */
  readonly passId: string | null
  /** The time in a moving code. */
  readonly codeTimeS: number | null
  readonly proven: boolean
  readonly refusal: Refusal | null
}

/** Enters who asked and what was said. */
export async function enterCheck(tx: Tx, { schoolId, userId, nowMs }: Actor, check: NewCheck): Promise<void> {
  await tx
    .insertInto('pass_checks')
    .values({
      school_id: schoolId,
      id: randomUUIDv7(),
      checked_at: new Date(nowMs),
      user_id: userId,
      gate_id: check.gateId,
      lane: check.lane,
      pass_id: check.passId,
      code_time: check.codeTimeS,
      proven: check.proven,
      open: check.refusal === null,
      refusal: check.refusal,
    })
    .execute()
}

/**
 * The newest code time with which this pass opened a gate, or was told open to somebody else; null for none that matters
 * now. Who asked before is told the same again. The pass is held until the commit: of two who ask at once, one is first.
 */
export async function lastOpenedS(
  tx: Tx,
  { userId, nowMs }: Pick<Actor, 'userId' | 'nowMs'>,
  pass: PassRow,
): Promise<number | null> {
  await tx.selectFrom('passes').select('pass_id').where('pass_id', '=', pass.pass_id).forNoKeyUpdate().execute()
  const since = new Date(nowMs - GRANTS_BACK_MS)
  // By the holder, whose index has the time: there is none by pass.
  const { granted } = await tx
    .selectFrom('access_events')
    .select(sql<string | null>`max((record -> 'credential' -> 'code' ->> 'timeS')::bigint)`.as('granted'))
    .where('student_id', '=', holderIdOf(pass))
    .where('event_time', '>=', since)
    .where('pass_id', '=', pass.pass_id)
    .where('kind', '=', 'granted')
    .executeTakeFirstOrThrow()
  const { checked } = await tx
    .selectFrom('pass_checks')
    .select(sql<string | null>`max(code_time)`.as('checked'))
    .where('school_id', '=', pass.school_id)
    .where('pass_id', '=', pass.pass_id)
    .where('checked_at', '>=', since)
    .where('proven', '=', true)
    .where('open', '=', true)
    .where('user_id', 'is distinct from', userId)
    .executeTakeFirstOrThrow()
  const times = [granted, checked].filter(time => time !== null).map(Number)
  return times.length === 0 ? null : Math.max(...times)
}

export type CheckQuery = {
  readonly after: CheckCursor | null
  readonly limit: number
  readonly passId?: string | undefined
  readonly from: Date
}

export type CheckRow = Row<'pass_checks'> & { readonly user_name: string | null; readonly gate_name: string | null }

/** Checks that match, newest first, from the cursor on. Names are those of today. */
export function listChecks(tx: Tx, { after, limit, passId, from }: CheckQuery): Promise<CheckRow[]> {
  return tx
    .selectFrom('pass_checks')
    .leftJoin('users', 'users.id', 'pass_checks.user_id')
    .leftJoin('gates', 'gates.id', 'pass_checks.gate_id')
    .selectAll('pass_checks')
    .select(['users.display_name as user_name', 'gates.name as gate_name'])
    .where('checked_at', '>=', from)
    .$if(passId !== undefined, checks => checks.where('pass_checks.pass_id', '=', passId!))
    .$if(after !== null, checks =>
      checks.where(sql<boolean>`(checked_at, pass_checks.id) < (${new Date(after!.atMs)}, ${after!.id}::uuid)`),
    )
    .orderBy('checked_at', 'desc')
    .orderBy('pass_checks.id', 'desc')
    .limit(limit)
    .execute()
}

export function checkOf(row: CheckRow): PassCheck {
  return {
    id: row.id,
    at: row.checked_at.toISOString(),
    who: row.user_id === null ? null : { userId: row.user_id, name: row.user_name ?? '' },
    gate: row.gate_id === null ? null : { gateId: row.gate_id, name: row.gate_name ?? row.gate_id },
    lane: row.lane,
    passId: row.pass_id,
    proven: row.proven,
    open: row.open,
    refusal: row.refusal as Refusal | null,
  }
}

/** Checks of more than 90 days ago. Answers how many. */
export async function forgetChecks(tx: Tx, { nowMs }: { readonly nowMs: number }): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('pass_checks')
    .where('checked_at', '<', new Date(nowMs - KEPT_MS))
    .executeTakeFirst()
  return Number(numDeletedRows)
}
