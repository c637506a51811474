import { lossesThatWait, rowsLet, withWaiting } from '@gatehouse/shared/list/guard.ts'
import { type Loss, livingPasses, lossesBetween, type Rows } from '@gatehouse/shared/list/losses.ts'
import { losesBy, policyLosses } from '@gatehouse/shared/list/policy-losses.ts'
import type { ListPass } from '@gatehouse/shared/list/rows.ts'
import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { HoldNumbers } from '@gatehouse/shared/wire/api/lists.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { closeHold, keepHold, openHold } from './holds.repo.ts'
import { isSamePolicy, type PolicyContent, policyContent } from './list-policy.ts'
import { gateMasks, type Scope } from './snapshot.repo.ts'

export type Wanted = { readonly rows: Rows; readonly rules: GateRulesContent }
export type Published = { readonly rows: Rows; readonly policy: PolicyContent }

/** What may be signed of what is wanted, and in its place what was published where it must wait. The hold is kept beside. */
export async function guarded(
  tx: Tx,
  of: Scope,
  { before, wanted, nowMs }: { readonly before: Published; readonly wanted: Wanted; readonly nowMs: number },
): Promise<Published> {
  const nowS = Math.floor(nowMs / 1000)
  const hold = await openHold(tx, of.scope)
  const policy = policyContent(wanted.rules)
  const living = livingPasses(before.rows.P, nowS)
  const limit = rowsLet(wanted.rules.guard, living.length)
  const waiting = lossesThatWait({
    losses: lossesBetween(before.rows, wanted.rows, nowS),
    held: hold?.held ?? new Map(),
    isApproved: hold?.isApproved ?? false,
    limit,
    nowS,
  })
  const isLetGo = hold?.isApproved === true && hold.rules !== null && isSamePolicy(policyContent(hold.rules), policy)
  const losers = isLetGo ? [] : losersByPolicy(before.policy, policy, living, nowMs)
  const policyWaits = losers.length > limit
  if (waiting.length === 0 && !policyWaits) {
    if (hold !== null) await closeHold(tx, hold.id, nowMs)
    return { rows: wanted.rows, policy }
  }

  await keepHold(tx, of, {
    waiting,
    rules: policyWaits ? wanted.rules : null,
    numbers: () => measure(tx, of, { living, waiting, losers: policyWaits ? losers : [], limit, nowMs }),
    nowMs,
  })
  return { rows: withWaiting(wanted.rows, waiting), policy: policyWaits ? before.policy : policy }
}

function losersByPolicy(before: PolicyContent, after: PolicyContent, living: readonly ListPass[], nowMs: number) {
  const losses = policyLosses(before, after, new Date(nowMs).toISOString().slice(0, 10))
  return living.filter(pass => losesBy(losses, pass))
}

type Measured = {
  readonly living: readonly ListPass[]
  readonly waiting: readonly Loss[]
  readonly losers: readonly ListPass[]
  readonly limit: number
  readonly nowMs: number
}

const DAY_MS = 86_400_000

async function measure(tx: Tx, of: Scope, { living, waiting, losers, limit, nowMs }: Measured): Promise<HoldNumbers> {
  const count = (kind: Loss['kind']) => waiting.filter(loss => loss.kind === kind).length
  const losing = new Set([...waiting.map(({ passId }) => passId), ...losers.map(({ passId }) => passId)])
  const ends = new Map(
    waiting
      .filter(({ table }) => table === 'P')
      .map(loss => [loss.passId, loss.kind === 'narrowed' ? loss.after : null]),
  )
  const gates = [...(await gateMasks(tx, of.scope))].map(({ gateId, name, mask }) => ({
    gateId,
    name,
    before: living.filter(({ groups }) => opens(groups, mask)).length,
    after: living.filter(({ passId, groups }) => {
      const end = ends.get(passId)
      return opens(end === undefined ? groups : groupsOf(end), mask)
    }).length,
  }))
  return {
    living: living.length,
    revoked: count('revoked'),
    suspended: count('suspended'),
    narrowed: count('narrowed'),
    credentials: count('credential'),
    byPolicy: losers.length,
    usedToday: await usedSince(tx, [...losing], nowMs - DAY_MS),
    limit,
    gates,
  }
}

/** A group set is taken for a pass that opens: how far it reaches is a matter of the rules, not of this list. */
function opens(groups: number, mask: number): boolean {
  return (groups & 0x80000000) !== 0 || (groups & mask) !== 0
}

function groupsOf(row: Uint8Array | null): number {
  return row === null ? 0 : new DataView(row.buffer, row.byteOffset).getUint32(16)
}

/** How many of these passes went in since then. */
async function usedSince(tx: Tx, passIds: readonly string[], sinceMs: number): Promise<number> {
  if (passIds.length === 0) return 0
  const { used } = await tx
    .selectFrom('access_events')
    .select(sql<number>`count(distinct pass_id)::int`.as('used'))
    .where('event_time', '>', new Date(sinceMs))
    .where('kind', '=', 'granted')
    .where(sql<boolean>`pass_id = any(${passIds}::text[])`)
    .executeTakeFirstOrThrow()
  return used
}
