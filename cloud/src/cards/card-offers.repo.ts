import { randomUUIDv7 } from 'node:crypto'
import { ARMED_S, COMMAND_LIFE_MS } from '@gatehouse/shared/command/command.ts'
import { CARD_LATE_S_MAX, type SeenCard } from '@gatehouse/shared/command/sealed-card.ts'
import type { Card } from '@gatehouse/shared/list/card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { By } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import { findGateRow, gateLine } from '../gates/gates.repo.ts'
import type { Vault } from '../keys/vault.ts'
import { addCredential, cardOf } from '../passes/credentials.repo.ts'

/** A command takes its time, and a network that was away is given a minute. */
const LATE_MS_MAX = COMMAND_LIFE_MS + CARD_LATE_S_MAX * 1_000

/** A card that was read and that nobody took is not kept for a better day. */
export const OFFER_MS = 10 * 60_000

/** After this an arming is forgotten, and its card with it. */
const KEPT_MS = 60 * 60_000

/** Who asks. Only the one who armed a reader may take its card, so it is always a person: a super_admin too. */
export type Armer = {
  readonly schoolId: string
  readonly tenant: string
  readonly userId: string
  readonly nowMs: number
  readonly by?: By
}

export type Place = { readonly gateId: string; readonly lane: string; readonly reader: string }

export type OfferRow = Row<'card_offers'>

export type ArmFailure = 'no_such_gate' | 'no_such_reader' | 'not_enrolled' | 'gate_offline' | 'reader_busy'

/** Writes down that a reader is to wait for a card. Of two people at once the first has it until its minute is over. */
export async function openArming(
  tx: Tx,
  armer: Armer,
  { gateId, lane, reader }: Place,
): Promise<Result<OfferRow, ArmFailure>> {
  const { schoolId, userId, nowMs } = armer
  await forgetOffers(tx, nowMs)
  const held = await tx.selectFrom('gates').select('id').where('id', '=', gateId).forUpdate().executeTakeFirst()
  const gate = held && (await findGateRow(tx, gateId))
  if (gate === undefined) return fail('no_such_gate')
  if (gate.enrolled_at === null) return fail('not_enrolled')
  if (!gate.online) return fail('gate_offline')
  const readers = gateLine(gate).lanes.find(one => one.lane === lane)?.readers ?? []
  if (!readers.some(({ id, reads }) => id === reader && reads !== 'code')) return fail('no_such_reader')
  const now = new Date(nowMs)
  const open = await tx
    .selectFrom('card_offers')
    .select(['id', 'armed_by'])
    .where('gate_id', '=', gateId)
    .where('lane', '=', lane)
    .where('reader', '=', reader)
    .where('expires_at', '>', now)
    .where('offered_at', 'is', null)
    .execute()
  if (open.some(({ armed_by }) => armed_by !== userId)) return fail('reader_busy')
  // Theirs from before: the gate answers the newer command from now on.
  for (const { id } of open) await tx.updateTable('card_offers').set({ expires_at: now }).where('id', '=', id).execute()
  const row = await tx
    .insertInto('card_offers')
    .values({
      school_id: schoolId,
      id: randomUUIDv7(),
      gate_id: gateId,
      lane,
      reader,
      armed_by: userId,
      armed_at: now,
      expires_at: new Date(nowMs + ARMED_S * 1_000),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, armer, { action: 'reader.arm', subject: { kind: 'gate', id: gateId }, after: { lane, reader } })
  return ok(row)
}

/** Drops what is over, and the cards that nobody took. */
export async function forgetOffers(tx: Tx, nowMs: number): Promise<void> {
  await tx
    .deleteFrom('card_offers')
    .where('armed_at', '<', new Date(nowMs - KEPT_MS))
    .execute()
}

/** `no_such_arming`: nobody armed this reader of this gate by that command. `second`: it has its card. `late`: its time is long over. */
export type NoteFailure = 'no_such_arming' | 'second' | 'late' | 'not_a_card'

/** Keeps the card that an armed reader has seen, for the one who armed it. */
export async function noteCard(
  tx: Tx,
  vault: Vault,
  { tenant, nowMs }: Pick<Armer, 'tenant' | 'nowMs'>,
  seen: SeenCard,
): Promise<Result<null, NoteFailure>> {
  const card = cardOf(seen)
  if (!card.ok) return fail('not_a_card')
  const arming = await tx
    .selectFrom('card_offers')
    .selectAll()
    .where('id', '=', seen.command)
    .where('gate_id', '=', seen.gate)
    .where('lane', '=', seen.lane)
    .where('reader', '=', seen.reader)
    .forUpdate()
    .executeTakeFirst()
  if (arming === undefined) return fail('no_such_arming')
  if (arming.offered_at !== null) return fail('second')
  if (nowMs > arming.expires_at.getTime() + LATE_MS_MAX) return fail('late')
  const { technology, bitCount, bits } = card.value
  await tx
    .updateTable('card_offers')
    .set({
      technology,
      bit_count: bitCount,
      sealed_bits: vault.seal(bitsPlace(tenant, arming.id), Buffer.from(bits, 'hex')),
      offered_at: new Date(nowMs),
    })
    .where('id', '=', arming.id)
    .execute()
  return ok(null)
}

/** An arming of this person; another's is as if it were not. */
export function findOffer(tx: Tx, { userId }: Armer, id: string): Promise<OfferRow | undefined> {
  return tx.selectFrom('card_offers').selectAll().where('id', '=', id).where('armed_by', '=', userId).executeTakeFirst()
}

/** The card of an offer; null before there is one, after it was taken and when it is too old. */
export function offeredCard(
  vault: Vault,
  { tenant, nowMs }: Pick<Armer, 'tenant' | 'nowMs'>,
  row: OfferRow,
): Card | null {
  const { technology, bit_count, sealed_bits, offered_at } = row
  if (technology === null || bit_count === null || sealed_bits === null || offered_at === null) return null
  if (nowMs >= offered_at.getTime() + OFFER_MS) return null
  return { technology, bitCount: bit_count, bits: vault.open(bitsPlace(tenant, row.id), sealed_bits).toString('hex') }
}

export type TakeFailure = 'no_such_offer' | 'no_such_pass' | 'already_revoked' | 'card_taken'

/** Adds the card to a pass. A refused one stays offered: what is in the way may be taken away. */
export async function takeOffer(
  tx: Tx,
  vault: Vault,
  armer: Armer,
  { armingId, passId }: { readonly armingId: string; readonly passId: string },
): Promise<Result<string, TakeFailure>> {
  await tx.selectFrom('card_offers').select('id').where('id', '=', armingId).forUpdate().execute()
  const row = await findOffer(tx, armer, armingId)
  const card = row === undefined ? null : offeredCard(vault, armer, row)
  if (card === null) return fail('no_such_offer')
  const added = await addCredential(tx, vault, armer, { passId, card })
  if (!added.ok) return added
  await tx
    .updateTable('card_offers')
    .set({ sealed_bits: null, taken_at: new Date(armer.nowMs) })
    .where('id', '=', armingId)
    .execute()
  return added
}

/** Gate clocks differ from ours; the command's id is what is looked for. */
const CLOCKS_APART_MS = 10 * 60_000

/** What the gate has said of an arming so far: why it refused it, and the pass of the last known card that was held to the reader. */
export async function gateSaid(
  tx: Tx,
  { id, gate_id, armed_at }: OfferRow,
): Promise<{ readonly refused: string | null; readonly knownPassId: string | null }> {
  const said = await tx
    .selectFrom('access_events')
    .select(['pass_id', sql<string | null>`record->'details'->>'refused'`.as('refused')])
    .where('gate_id', '=', gate_id)
    .where('event_time', '>', new Date(armed_at.getTime() - CLOCKS_APART_MS))
    .where('kind', '=', 'command')
    .where(sql<string>`record->'details'->>'command'`, '=', id)
    .orderBy('sequence', 'desc')
    .execute()
  const isReplay = (refused: string | null) => refused === 'replayed'
  return {
    // The network said it twice: the first was obeyed.
    refused: said.find(({ refused }) => refused !== null && !isReplay(refused))?.refused ?? null,
    knownPassId: said.find(({ pass_id }) => pass_id !== null)?.pass_id ?? null,
  }
}

const bitsPlace = (tenant: string, id: string) => ({ tenant, table: 'card_offers', column: 'sealed_bits', row: id })
