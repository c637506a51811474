import { createHash, createHmac } from 'node:crypto'
import { CARD_KEY_BYTES, cardKeyMessage } from '@gatehouse/shared/list/card.ts'
import {
  encodeCard,
  encodeDeviceKey,
  encodePass,
  NO_ROW_FLAGS,
  perTable,
  type Table,
} from '@gatehouse/shared/list/rows.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { openCards } from '../passes/credentials.repo.ts'
import { opensUntil } from '../passes/passes.repo.ts'
import { cardSecretOf } from '../schools/schools.repo.ts'

/** A pass that ran out this long ago is off the list, and unknown at the gate; until then the guard hears `expired`. */
const EXPIRED_KEPT_MS = 90 * 86_400_000

/** What a list says, before it has a version and a date. */
export type ListContent = {
  readonly serialMax: number
  /** Rows of each table, ascending, one behind the other. */
  readonly rows: Record<Table, Uint8Array>
}

export type Scope = { readonly schoolId: string; readonly tenant: string; readonly scope: string }

/**
 * Reads what the list of a scope says now.
 *
 * The serial is read before the passes: one that is committed between the two has its row, and one that is not yet
 * committed has a serial beyond it. Either way the gate is not told that a valid pass is unknown.
 */
export async function readListContent(tx: Tx, vault: Vault, of: Scope, nowMs: number): Promise<ListContent> {
  const { pass_serial_last: serialMax } = await tx
    .selectFrom('schools')
    .select('pass_serial_last')
    .where('id', '=', of.schoolId)
    .executeTakeFirstOrThrow()
  const kept = new Date(nowMs - EXPIRED_KEPT_MS)
  const passes = await tx.selectFrom('passes').selectAll().where('expires', '>', kept).orderBy('pass_id').execute()
  const credentials = await tx
    .selectFrom('credentials')
    .innerJoin('passes', join =>
      join.onRef('passes.school_id', '=', 'credentials.school_id').onRef('passes.pass_id', '=', 'credentials.pass_id'),
    )
    .select([
      'credentials.id',
      'credentials.technology',
      'credentials.bit_count',
      'credentials.sealed_bits',
      'credentials.pass_id',
    ])
    .where('passes.expires', '>', kept)
    .execute()

  const deviceKeys = await tx
    .selectFrom('device_keys')
    .innerJoin('passes', join =>
      join.onRef('passes.school_id', '=', 'device_keys.school_id').onRef('passes.pass_id', '=', 'device_keys.pass_id'),
    )
    .select(['device_keys.pass_id as passId', 'device_keys.point'])
    .where('passes.expires', '>', kept)
    .execute()

  const cards = await openCards(tx, vault, of.schoolId, credentials)
  const secret = await cardSecretOf(tx, vault, of)
  const mask = await scopeMask(tx, of.scope)
  const rows: Record<Table, Uint8Array[]> = {
    P: passes
      .filter(({ groups }) => (groups & mask) !== 0)
      .map(row =>
        encodePass({
          passId: row.pass_id,
          notBeforeS: Math.floor(row.not_before.getTime() / 1000),
          expiresS: Math.floor(opensUntil(row).getTime() / 1000),
          groups: row.groups & mask,
          status: row.status,
          class: row.class,
          profile: row.profile,
          flags: { ...NO_ROW_FLAGS, dynamicOnly: row.dynamic_only, escort: row.escort },
          minGeneration: row.min_generation,
        }),
      ),
    C: credentials.map((row, at) => encodeCard({ cardKey: cardKey(secret, cards[at]!), passId: row.pass_id })),
    K: deviceKeys.map(encodeDeviceKey),
    N: [],
  }
  return {
    serialMax: Number(serialMax),
    rows: perTable(table => Buffer.concat(rows[table].sort((a, b) => Buffer.compare(a, b)))),
  }
}

/** The gates that read a scope's list, and the groups of all their access points. */
export async function gateMasks(
  tx: Tx,
  scope: string,
): Promise<{ readonly gateId: string; readonly name: string; readonly mask: number }[]> {
  const rows = await tx
    .selectFrom('gates')
    .leftJoin('access_points', 'access_points.gate_id', 'gates.id')
    .leftJoin('access_point_groups', 'access_point_groups.access_point_id', 'access_points.id')
    .select(['gates.id', 'gates.name', sql<number>`coalesce(bit_or(1 << group_number), 0)::int`.as('mask')])
    .where('gates.scope', '=', scope)
    .groupBy(['gates.id', 'gates.name'])
    .orderBy('gates.name')
    .execute()
  return rows.map(({ id, name, mask }) => ({ gateId: id, name, mask }))
}

/** Gates hold only what is theirs: a pass of no group of theirs is off their list, and its other groups are not told. No gate yet: all. */
async function scopeMask(tx: Tx, scope: string): Promise<number> {
  const gates = await gateMasks(tx, scope)
  return gates.length === 0 ? 0x7fffffff : gates.reduce((all, { mask }) => all | mask, 0)
}

/** The fingerprint of a card in a scope, 24 hexadecimal characters. */
export function cardKey(secret: Uint8Array, card: Parameters<typeof cardKeyMessage>[0]): string {
  return createHmac('sha256', secret).update(cardKeyMessage(card)).digest().subarray(0, CARD_KEY_BYTES).toString('hex')
}

export function sha256Hex(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('hex')
}
