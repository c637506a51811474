import {
  armReader,
  type CardHolder,
  type CardOffer,
  cardOffer,
  takeCard,
} from '@gatehouse/shared/wire/api/card-offers.ts'
import { may } from '@gatehouse/shared/wire/rights.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { findGateRow } from '../gates/gates.repo.ts'
import type { Binder, SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { cardTaken } from '../passes/card-taken.ts'
import { credentialsOf, endingOf, holderOfCard } from '../passes/credentials.repo.ts'
import { aboutPass, findPass, type PassRow } from '../passes/passes.repo.ts'
import { nameOf } from '../students/name.ts'
import { armCommand } from './arm-command.ts'
import {
  type Armer,
  findOffer,
  gateSaid,
  type OfferRow,
  offeredCard,
  openArming,
  takeOffer,
} from './card-offers.repo.ts'
import { enrolmentKeyOf } from './enrolment-keys.repo.ts'

export type CardOffersRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly nowMs: () => number
  /** Says something to a gate, once and now. */
  readonly publishToGate: (topic: string, payload: string) => Promise<void>
}

const PROBLEMS = {
  no_such_gate: { status: 404, code: 'not_found', message: 'There is no gate with that id.' },
  no_such_reader: {
    status: 404,
    code: 'not_found',
    message: 'This gate has no card reader of that name in this lane.',
  },
  not_enrolled: { status: 409, code: 'gate_offline', message: 'No mini-PC is enrolled as this gate yet.' },
  gate_offline: {
    status: 409,
    code: 'gate_offline',
    message: 'This gate is offline. Choose another, or type the number.',
  },
  reader_busy: {
    status: 409,
    code: 'reader_busy',
    message: 'Somebody else is enrolling a card at this reader. Try again in a minute, or choose another.',
  },
  broker_away: {
    status: 503,
    code: 'gates_unreachable',
    message: 'The gates cannot be reached now. Try again, or type the number.',
  },
  no_such_offer: { status: 404, code: 'not_found', message: 'No card is offered here, or no longer. Read it again.' },
  no_such_pass: { status: 404, code: 'not_found', message: 'There is no pass with that id.' },
  already_revoked: { status: 409, code: 'already_revoked', message: 'This pass is revoked. Issue a new one.' },
} satisfies Record<string, Problem>

/** Reading a card at a gate's reader, for a pass. */
export function cardOffersRoutes(routes: Binder, { db, vault, nowMs, publishToGate }: CardOffersRoutesNeeds): void {
  const armerOf = ({ userId, school, by }: SchoolPerson): Armer => ({
    by,
    schoolId: school.id,
    tenant: school.tenant,
    userId,
    nowMs: nowMs(),
  })

  routes.inSchool(armReader, async ({ params: { gateId, reader }, body: { lane }, who }) => {
    const armer = armerOf(who)
    const { tenant } = armer
    const opened = await inSchool(db, armer.schoolId, async tx => {
      const arming = await openArming(tx, armer, { gateId, lane, reader })
      if (!arming.ok) return arming
      const sealTo = await enrolmentKeyOf(tx, vault, armer)
      return {
        ok: true,
        value: { arming: arming.value, sealTo, signer: await signerOf(tx, vault, armer, 'command') },
      } as const
    })
    if (!opened.ok) return { problem: PROBLEMS[opened.failure] }
    const { arming, sealTo, signer } = opened.value
    try {
      const command = await armCommand(arming, { tenant, sealTo, signer, nowMs: nowMs() })
      await publishToGate(topics.commands(tenant, gateId), command)
    } catch {
      return { problem: PROBLEMS.broker_away }
    }
    return { data: { armingId: arming.id, expiresAt: arming.expires_at.toISOString() } }
  })

  routes.inSchool(cardOffer, ({ params: { armingId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const armer = armerOf(who)
      const row = await findOffer(tx, armer, armingId)
      if (row === undefined) return { problem: PROBLEMS.no_such_offer }
      const data = await offerOf(tx, armer, row, may(who.role, 'pass:read'))
      if (data.holder !== null) {
        const holder = await findPass(tx, data.holder.passId)
        if (holder !== undefined) await look(tx, armer, { action: 'card.read', ...aboutPass(holder) })
      }
      return { data }
    }),
  )

  /** `maySee`: whose a card is already is told to who may see passes. */
  async function offerOf(tx: Tx, armer: Armer, row: OfferRow, maySee: boolean): Promise<CardOffer> {
    const offer = { armingId: row.id, expiresAt: row.expires_at.toISOString(), why: null, card: null, holder: null }
    if (row.taken_at !== null) return { ...offer, state: 'taken' }
    const card = offeredCard(vault, armer, row)
    if (card !== null) {
      const { technology, bitCount } = card
      const holder = maySee ? holderOf(await holderOfCard(tx, vault, armer.tenant, card)) : null
      return { ...offer, state: 'offered', card: { technology, bitCount, ending: endingOf(card) }, holder }
    }
    if (row.offered_at !== null || armer.nowMs >= row.expires_at.getTime()) return { ...offer, state: 'expired' }
    const { refused, knownPassId } = await gateSaid(tx, row)
    if (refused !== null) return { ...offer, state: 'refused', why: refused }
    const gate = await findGateRow(tx, row.gate_id)
    if (gate?.online !== true) return { ...offer, state: 'gate_offline' }
    const holder = knownPassId === null || !maySee ? null : holderOf(await findPass(tx, knownPassId))
    return { ...offer, state: 'waiting', holder }
  }

  routes.inSchool(takeCard, ({ params: { armingId }, body: { passId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const armer = armerOf(who)
      const row = await findOffer(tx, armer, armingId)
      const card = row === undefined ? null : offeredCard(vault, armer, row)
      const taken = await takeOffer(tx, vault, armer, { armingId, passId })
      if (taken.ok)
        return { data: credentialOf((await credentialsOf(tx, [passId])).find(({ id }) => id === taken.value)!) }
      if (taken.failure !== 'card_taken') return { problem: PROBLEMS[taken.failure] }
      const maySee = card !== null && may(who.role, 'pass:read')
      return { problem: cardTaken(maySee ? await holderOfCard(tx, vault, armer.tenant, card) : undefined) }
    }),
  )
}

function holderOf(pass: PassRow | undefined): CardHolder | null {
  return pass === undefined ? null : { passId: pass.pass_id, serial: Number(pass.serial), name: nameOf(pass) }
}

function credentialOf({
  id,
  technology,
  bit_count,
  ending,
  created_at,
}: Awaited<ReturnType<typeof credentialsOf>>[number]) {
  return { id, technology, bitCount: bit_count, ending, createdAt: created_at.toISOString() }
}
