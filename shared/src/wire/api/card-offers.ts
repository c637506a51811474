import { z } from 'zod'
import { TECHNOLOGIES } from '../../list/card.ts'
import { PassId } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { ShortName } from '../hardware/port.ts'
import { At, Id } from './envelope.ts'
import { Credential } from './passes.ts'

/** A pass that a card is on already. */
export const CardHolder = z.object({ passId: PassId, serial: z.int(), name: z.string() })
export type CardHolder = z.infer<typeof CardHolder>

/** How it stands with a card that somebody waits for. The number itself is shown to nobody. */
export const CardOffer = z.object({
  armingId: Id,
  /** `refused`: by the gate, see `why`. `taken`: it is on a pass now. */
  state: z.enum(['waiting', 'offered', 'taken', 'expired', 'gate_offline', 'refused']),
  expiresAt: At,
  why: z.string().nullable(),
  card: z
    .object({
      technology: z.enum(TECHNOLOGIES),
      bitCount: z.int(),
      /** Its last characters, to compare. */
      ending: z.string(),
    })
    .nullable(),
  /** Whose the card is already: the one that was offered, or one the gate knew and did not offer. */
  holder: CardHolder.nullable(),
})
export type CardOffer = z.infer<typeof CardOffer>

export const armReader = route({
  method: 'post',
  path: '/gates/:gateId/readers/:reader/arming',
  can: 'reader:arm',
  summary: 'Arm a reader for 60 seconds: the next unknown card at it is offered to who armed it. Nothing opens by it.',
  status: 202,
  params: z.object({ gateId: Id, reader: ShortName }),
  body: z.strictObject({ lane: ShortName }),
  data: z.object({ armingId: Id, expiresAt: At }),
})

export const cardOffer = route({
  method: 'get',
  path: '/card-offers/:armingId',
  can: 'reader:arm',
  summary: 'How it stands with the card that an armed reader waits for; for who armed it.',
  params: z.object({ armingId: Id }),
  data: CardOffer,
})

export const takeCard = route({
  method: 'post',
  path: '/card-offers/:armingId/credential',
  can: 'pass:update',
  summary: 'Add the card that was read to a pass; for who armed the reader.',
  status: 201,
  params: z.object({ armingId: Id }),
  body: z.strictObject({ passId: PassId }),
  data: Credential,
})
