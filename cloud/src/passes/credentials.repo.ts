import { randomUUIDv7 } from 'node:crypto'
import { BIT_COUNTS, type Card, cardKeyMessage, type Technology } from '@gatehouse/shared/list/card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { aboutPass, findPass, type PassRow } from './passes.repo.ts'

export type TypedCard = {
  readonly technology: Technology
  readonly bits: string
  readonly bitCount?: number | undefined
}

/** The one form of a card, from what was typed. `wrong_length`: not as many bits as this technology has. */
export function cardOf({ technology, bits, bitCount }: TypedCard): Result<Card, 'wrong_length'> {
  const fixed = BIT_COUNTS[technology]
  const count = bitCount ?? fixed ?? bits.length * 4
  if ((fixed !== undefined && count !== fixed) || Math.ceil(count / 8) !== bits.length / 2) return fail('wrong_length')
  const bytes = Buffer.from(bits, 'hex')
  // Bits beyond the count would make two encodings of one card.
  const spare = bytes.length * 8 - count
  if (spare > 0 && (bytes.at(-1)! & ((1 << spare) - 1)) !== 0) return fail('wrong_length')
  return ok({ technology, bitCount: count, bits: bits.toLowerCase() })
}

type Place = { readonly schoolId: string; readonly tenant: string }

/**
 * Adds a card. It is on one pass of the school at most; the pass must still be able to open something. A card of a revoked pass is free:
 * nothing gives that pass back.
 */
export async function addCredential(
  tx: Tx,
  vault: Vault,
  actor: Omit<Actor, 'userId'> & Place,
  { passId, card }: { readonly passId: string; readonly card: Card },
): Promise<Result<string, 'no_such_pass' | 'already_revoked' | 'card_taken'>> {
  const { schoolId, tenant, nowMs } = actor
  const pass = await findPass(tx, passId)
  if (pass === undefined) return fail('no_such_pass')
  if (pass.status === 'revoked') return fail('already_revoked')
  const id = randomUUIDv7()
  const blindIndex = indexOf(vault, tenant, card)
  const revoked = tx.selectFrom('passes').select('passes.pass_id').where('status', '=', 'revoked')
  await tx.deleteFrom('credentials').where('blind_index', '=', blindIndex).where('pass_id', 'in', revoked).execute()
  const seal = await sealingOf(tx, vault, schoolId)
  const made = await tx
    .insertInto('credentials')
    .values({
      id,
      school_id: schoolId,
      pass_id: passId,
      technology: card.technology,
      bit_count: card.bitCount,
      sealed_bits: seal.seal(bitsField(id), Buffer.from(card.bits, 'hex')),
      blind_index: blindIndex,
      ending: endingOf(card),
      created_at: new Date(nowMs),
    })
    .onConflict(conflict => conflict.columns(['school_id', 'blind_index']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return fail('card_taken')
  await leave(tx, schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'card.add',
    ...aboutPass(pass),
    after: { credentialId: id, technology: card.technology, bitCount: card.bitCount, ending: endingOf(card) },
  })
  return ok(id)
}

export async function removeCredential(
  tx: Tx,
  actor: Actor,
  { passId, credentialId }: { readonly passId: string; readonly credentialId: string },
): Promise<Result<null, 'no_such_credential'>> {
  const gone = await tx
    .deleteFrom('credentials')
    .where('id', '=', credentialId)
    .where('pass_id', '=', passId)
    .returning(['technology', 'ending'])
    .executeTakeFirst()
  if (gone === undefined) return fail('no_such_credential')
  await tx.updateTable('passes').set({ changed_by: actor.userId }).where('pass_id', '=', passId).execute()
  await leave(tx, actor.schoolId, 'list.changed', {})
  await audit(tx, actor, {
    action: 'card.remove',
    ...aboutPass((await findPass(tx, passId))!),
    before: { credentialId, ...gone },
  })
  return ok(null)
}

export async function credentialsOf(tx: Tx, passIds: readonly string[]): Promise<Row<'credentials'>[]> {
  if (passIds.length === 0) return []
  return tx
    .selectFrom('credentials')
    .selectAll()
    .where('pass_id', 'in', [...passIds])
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** The last characters of a card's number, for people to compare. Of a PIN none: three characters would be half of it. */
export const endingOf = ({ technology, bits }: Card) => (technology === 'pin' ? '' : bits.slice(-3).toUpperCase())

/** The pass that a card is on. One that was revoked has no cards any more as soon as somebody wants them. */
export async function holderOfCard(tx: Tx, vault: Vault, tenant: string, card: Card): Promise<PassRow | undefined> {
  const found = await tx
    .selectFrom('credentials')
    .select('pass_id')
    .where('blind_index', '=', indexOf(vault, tenant, card))
    .executeTakeFirst()
  const pass = found && (await findPass(tx, found.pass_id))
  return pass?.status === 'revoked' ? undefined : pass
}

type SealedCard = Pick<Row<'credentials'>, 'id' | 'technology' | 'bit_count' | 'sealed_bits'>

/** The cards behind rows, for the list's fingerprints. */
export async function openCards(tx: Tx, vault: Vault, schoolId: string, rows: readonly SealedCard[]): Promise<Card[]> {
  const sealed = rows.map(row => row.sealed_bits)
  const opening = await openingOf(tx, vault, schoolId, sealed)
  return rows.map(row => ({
    technology: row.technology,
    bitCount: row.bit_count,
    bits: opening.open(bitsField(row.id), row.sealed_bits).toString('hex'),
  }))
}

const indexOf = (vault: Vault, tenant: string, card: Card) =>
  vault.blindIndex({ tenant, table: 'credentials', column: 'blind_index' }, Buffer.from(cardKeyMessage(card)))

const bitsField = (row: string) => ({ table: 'credentials', column: 'sealed_bits', row })
