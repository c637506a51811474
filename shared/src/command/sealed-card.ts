import { z } from 'zod'
import { TECHNOLOGIES } from '../list/card.ts'
import { ShortName } from '../wire/hardware/port.ts'
import { GATE_ID, TENANT } from '../wire/topics.ts'

/** `typ` of what a gate says of a card: a compact JWS by the gate's own key. The key it is sealed to is known to all; the gate's is not. */
export const CARD_TYP = 'gh-card+1'

/** `typ` of the seal around it: a compact JWE, ECDH-ES with A256GCM, to the school's enrolment key. */
export const SEALED_CARD_TYP = 'gh-sealed-card+1'
export const SEAL_ALGORITHM = 'ECDH-ES'
export const SEAL_ENCRYPTION = 'A256GCM'

/** Of the compact JWE; a card and its signature are below 1,500. */
export const SEALED_CARD_BYTES_MAX = 4_096

/** How long after its reader was armed no more a card may still arrive: a network that was away is given a minute. */
export const CARD_LATE_S_MAX = 60

/** A card that an armed reader has seen. */
export const SeenCard = z.strictObject({
  tenant: z.string().regex(TENANT),
  gate: z.string().regex(GATE_ID),
  lane: ShortName,
  reader: ShortName,
  /** The command that armed the reader. */
  command: z.uuid(),
  technology: z.enum(TECHNOLOGIES),
  bitCount: z.int().min(1).max(0xffff),
  bits: z
    .string()
    .max(512)
    .regex(/^(?:[0-9a-f]{2})+$/),
  atMs: z.int().min(0),
})
export type SeenCard = z.infer<typeof SeenCard>
