import { randomUUIDv7 } from 'node:crypto'
import { type Held, hexOf } from '@gatehouse/shared/list/guard.ts'
import type { Loss } from '@gatehouse/shared/list/losses.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { readGateRules } from './gate-rules.repo.ts'
import { type Scope, sha256Hex } from './snapshot.repo.ts'

/** Losses of one scope that wait for a second administrator. There is one at a time. */
export type Hold = {
  readonly id: string
  readonly held: Held
  /** The rules that wait; null where only rows do. */
  readonly rules: GateRulesContent | null
  readonly isApproved: boolean
}

export async function openHold(tx: Tx, scope: string): Promise<Hold | null> {
  const row = await open(tx).where('scope', '=', scope).executeTakeFirst()
  if (row === undefined) return null
  const held = new Map(Object.entries(row.held).map(([id, [, measured]]) => [id, measured]))
  return { id: row.id, held, rules: row.rules, isApproved: row.approved_at !== null }
}

/** Keeps what waits now. Where that is something else than before, an approval of before is for nothing. */
export async function keepHold(
  tx: Tx,
  { schoolId, scope }: Scope,
  now: {
    readonly waiting: readonly Loss[]
    readonly rules: GateRulesContent | null
    /** Asked only where the content changed. */
    readonly numbers: () => Promise<HoldNumbers>
    readonly nowMs: number
  },
): Promise<void> {
  const row = await open(tx).where('scope', '=', scope).executeTakeFirst()
  const held = now.waiting
    .map(({ id, passId, after }) => [id, [passId, hexOf(after)]] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const contentHash = sha256Hex(JSON.stringify([held, now.rules]))
  if (row?.content_hash === contentHash && row.approved_at === null) return
  const measured = {
    content_hash: contentHash,
    held: JSON.stringify(Object.fromEntries(held)),
    rules: now.rules === null ? null : JSON.stringify(now.rules),
    numbers: JSON.stringify(await now.numbers()),
    made_at: new Date(now.nowMs),
    approved_by: null,
    approved_at: null,
    note: null,
  }
  if (row !== undefined) {
    await tx.updateTable('list_holds').set(measured).where('id', '=', row.id).execute()
    return
  }
  await tx
    .insertInto('list_holds')
    .values({ id: randomUUIDv7(), school_id: schoolId, scope, closed_at: null, ...measured })
    .execute()
}

/** It was let go, or what was asked for was undone. */
export async function closeHold(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('list_holds')
    .set({ closed_at: new Date(nowMs) })
    .where('id', '=', id)
    .execute()
}

export type HoldRow = Row<'list_holds'> & { readonly makers: readonly { readonly id: string; readonly name: string }[] }

export async function listHolds(tx: Tx, schoolId: string): Promise<HoldRow[]> {
  const rows = await open(tx).orderBy('scope').execute()
  return Promise.all(rows.map(async row => ({ ...row, makers: await makersOf(tx, schoolId, row) })))
}

export type ApprovalRefused = 'no_such_hold' | 'changed_since' | 'approved_already' | 'is_maker'

/** Lets go exactly what was measured. Who made one of the changes cannot. */
export async function approveHold(
  tx: Tx,
  actor: Actor,
  { holdId, contentHash, note }: { readonly holdId: string; readonly contentHash: string; readonly note: string },
): Promise<Result<HoldRow, ApprovalRefused>> {
  const { schoolId, userId, nowMs } = actor
  const row = await open(tx).where('id', '=', holdId).forUpdate().executeTakeFirst()
  if (row === undefined) return fail('no_such_hold')
  if (row.approved_at !== null) return fail('approved_already')
  if (row.content_hash !== contentHash) return fail('changed_since')
  const makers = await makersOf(tx, schoolId, row)
  if (makers.some(({ id }) => id === userId)) return fail('is_maker')
  const approved = { approved_by: userId, approved_at: new Date(nowMs), note }
  await tx.updateTable('list_holds').set(approved).where('id', '=', holdId).execute()
  await leave(tx, schoolId, 'list.changed', {})
  const { living, revoked, suspended, narrowed, credentials, byPolicy } = row.numbers
  await audit(tx, actor, {
    action: 'list.approve',
    subject: { kind: 'list_hold', id: holdId },
    after: { contentHash, living, revoked, suspended, narrowed, credentials, byPolicy },
    note,
  })
  return ok({ ...row, ...approved, makers })
}

/** Who changed last what waits: the passes behind the rows, and the rules. */
async function makersOf(tx: Tx, schoolId: string, { held, rules }: Row<'list_holds'>): Promise<HoldRow['makers']> {
  const passIds = Object.values(held).map(([passId]) => passId)
  const { changedBy } = await readGateRules(tx, schoolId)
  const rulesBy = rules === null ? null : changedBy
  return tx
    .selectFrom('users')
    .select(['id', 'display_name as name'])
    .where(
      sql<boolean>`id in (select changed_by from passes where school_id = ${schoolId}::uuid and pass_id = any(${passIds}::text[])) or id = ${rulesBy}`,
    )
    .orderBy('display_name')
    .execute()
}

const open = (tx: Tx) => tx.selectFrom('list_holds').selectAll().where('closed_at', 'is', null)
