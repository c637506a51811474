import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { SentConfiguration } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import { hardwareChanges } from '@gatehouse/shared/wire/hardware/diff.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'

/** As many as a person looks back through. */
const HISTORY_MAX = 50

/** Sentences that an audit row keeps; the document itself is in the version. */
const CHANGES_MAX = 50

export type ConfigurationRow = Row<'gate_configurations'>

export function newestConfiguration(tx: Tx, gateId: string): Promise<ConfigurationRow | undefined> {
  return tx
    .selectFrom('gate_configurations')
    .selectAll()
    .where('gate_id', '=', gateId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The newest of every gate of the school that has one. */
export function newestConfigurations(tx: Tx): Promise<ConfigurationRow[]> {
  return tx
    .selectFrom('gate_configurations')
    .selectAll()
    .distinctOn('gate_id')
    .orderBy('gate_id')
    .orderBy('version', 'desc')
    .execute()
}

export function findConfiguration(tx: Tx, gateId: string, version: number): Promise<ConfigurationRow | undefined> {
  return tx
    .selectFrom('gate_configurations')
    .selectAll()
    .where('gate_id', '=', gateId)
    .where('version', '=', version)
    .executeTakeFirst()
}

/** What was sent to a gate, newest first, each with what it changed. */
export async function configurationHistory(tx: Tx, gateId: string): Promise<SentConfiguration[]> {
  const rows = await tx
    .selectFrom('gate_configurations')
    .leftJoin('users', 'users.id', 'gate_configurations.made_by')
    .selectAll('gate_configurations')
    .select('users.display_name')
    .where('gate_id', '=', gateId)
    .orderBy('version', 'desc')
    .limit(HISTORY_MAX + 1)
    .execute()
  return rows.slice(0, HISTORY_MAX).map(({ version, document, made_at, display_name }, at) => ({
    version,
    sentAt: made_at.toISOString(),
    sentBy: display_name,
    changes: hardwareChanges(rows[at + 1]?.document ?? null, document),
  }))
}

/** Makes the next version, when nobody else has since `basedOn`; it is sent after the commit. */
export async function sendConfiguration(
  tx: Tx,
  actor: Actor,
  {
    gateId,
    basedOn,
    hardware,
  }: { readonly gateId: string; readonly basedOn: number; readonly hardware: HardwareConfig },
): Promise<Result<number, 'overtaken'>> {
  const { schoolId, userId, nowMs } = actor
  const newest = await newestConfiguration(tx, gateId)
  if ((newest?.version ?? 0) !== basedOn) return fail('overtaken')
  const { boards, lanes } = hardware
  const made = await tx
    .insertInto('gate_configurations')
    .values({
      school_id: schoolId,
      gate_id: gateId,
      version: basedOn + 1,
      document: JSON.stringify({ boards, lanes }),
      made_by: userId,
      made_at: new Date(nowMs),
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('version')
    .executeTakeFirst()
  if (made === undefined) return fail('overtaken')
  await leave(tx, schoolId, 'configuration.changed', { gateId })
  await audit(tx, actor, {
    action: 'gate_configuration.send',
    subject: { kind: 'gate', id: gateId },
    after: {
      version: made.version,
      changes: hardwareChanges(newest?.document ?? null, hardware).slice(0, CHANGES_MAX),
    },
  })
  return ok(made.version)
}
