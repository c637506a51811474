import { DEFAULT_GATE_RULES, GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes, type Facts } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Tx } from '../db/tables.ts'

export type KeptRules = {
  /** 0 before the first change. */
  readonly version: number
  readonly rules: GateRulesContent
  readonly changedAt: Date | null
  readonly changedBy: string | null
}

export async function readGateRules(tx: Tx, schoolId: string): Promise<KeptRules> {
  const row = await tx.selectFrom('gate_rules').selectAll().where('school_id', '=', schoolId).executeTakeFirst()
  if (row === undefined) return { version: 0, rules: DEFAULT_GATE_RULES, changedAt: null, changedBy: null }
  const { version, changed_at: changedAt, changed_by: changedBy } = row
  return { version, rules: GateRulesContent.parse(row.rules), changedAt, changedBy }
}

/** What of the rules cannot be as asked: which profile passes still name, which gate is not the school's. */
export type RulesRefused =
  | { readonly why: 'overtaken' }
  | { readonly why: 'profile_used'; readonly number: number; readonly passes: number }
  | { readonly why: 'no_such_gate'; readonly gateId: string }

/** Replaces the rules, when nobody else has since `version`. */
export async function saveGateRules(
  tx: Tx,
  actor: Actor,
  { version, rules }: { readonly version: number; readonly rules: GateRulesContent },
): Promise<KeptRules | { readonly refused: RulesRefused }> {
  const { schoolId, userId, nowMs } = actor
  const refused = await whatIsMissed(tx, rules)
  if (refused !== null) return { refused }
  const before = await readGateRules(tx, schoolId)
  const next = { version: version + 1, rules: JSON.stringify(rules), changed_by: userId, changed_at: new Date(nowMs) }
  const saved =
    version === 0
      ? await tx
          .insertInto('gate_rules')
          .values({ school_id: schoolId, ...next })
          .onConflict(conflict => conflict.doNothing())
          .returning('version')
          .executeTakeFirst()
      : await tx
          .updateTable('gate_rules')
          .set(next)
          .where('school_id', '=', schoolId)
          .where('version', '=', version)
          .returning('version')
          .executeTakeFirst()
  if (saved === undefined) return { refused: { why: 'overtaken' } }
  await leave(tx, schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'gate_rules.update',
    subject: { kind: 'gate_rules', id: String(version + 1) },
    ...changes(before.rules as unknown as Facts, rules as unknown as Facts),
  })
  return readGateRules(tx, schoolId)
}

async function whatIsMissed(tx: Tx, rules: GateRulesContent): Promise<RulesRefused | null> {
  const used = await tx
    .selectFrom('passes')
    .select(['profile', sql<number>`count(*)::int`.as('passes')])
    .where('status', '!=', 'revoked')
    .where('profile', '!=', 0)
    .groupBy('profile')
    .execute()
  for (const { profile, passes } of used)
    if (rules.profiles[profile] === undefined) return { why: 'profile_used', number: profile, passes }
  const gates = new Set((await tx.selectFrom('gates').select('id').execute()).map(({ id }) => id))
  const stranger = Object.keys(rules.gates).find(gateId => !gates.has(gateId))
  return stranger === undefined ? null : { why: 'no_such_gate', gateId: stranger }
}
