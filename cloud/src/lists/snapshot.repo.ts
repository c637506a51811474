import { createHash, createHmac } from 'node:crypto'
import { CARD_KEY_BYTES, cardKeyMessage } from '@gatehouse/shared/list/card.ts'
import { EMPTY_POLICY, type Policy } from '@gatehouse/shared/list/policy.ts'
import { type PackedPass, packPass } from '@gatehouse/shared/list/snapshot.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { openCard } from '../passes/credentials.repo.ts'
import { cardSecretOf } from '../schools/schools.repo.ts'

/** A pass that ran out this long ago is off the list, and unknown at the gate; until then the guard hears `expired`. */
const EXPIRED_KEPT_MS = 90 * 86_400_000

/** What a list says, before it has a version and a date. */
export type ListContent = {
  readonly serialMax: number
  readonly policy: Policy
  readonly passes: PackedPass[]
  readonly cards: [string, string][]
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

  const secret = await cardSecretOf(tx, vault, of)
  const cards = credentials.map((row): [string, string] => [
    cardKey(secret, openCard(vault, of.tenant, row)),
    row.pass_id,
  ])
  return {
    serialMax: Number(serialMax),
    policy: EMPTY_POLICY,
    passes: passes.map(row =>
      packPass({
        passId: row.pass_id,
        notBeforeS: Math.floor(row.not_before.getTime() / 1000),
        expiresS: Math.floor(row.expires.getTime() / 1000),
        groups: row.groups,
        status: row.status,
        class: row.class,
        profile: row.profile,
        minGeneration: row.min_generation,
      }),
    ),
    cards: cards.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** The fingerprint of a card in a scope, 24 hexadecimal characters. */
export function cardKey(secret: Uint8Array, card: Parameters<typeof cardKeyMessage>[0]): string {
  return createHmac('sha256', secret).update(cardKeyMessage(card)).digest().subarray(0, CARD_KEY_BYTES).toString('hex')
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
