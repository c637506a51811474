import { z } from 'zod'
import { Sha256 } from '../list/snapshot.ts'

/** `typ` of a batch: a compact JWS (EdDSA, `alg` Ed25519, `kid` = gate id) signed with the gate's own key. */
export const BATCH_TYP = 'gh-events+1'

/** `typ` of the cloud's answer: a compact JWS signed with the tenant's `ack` key. The broker could invent an unsigned one, and an event would be lost. */
export const ACK_TYP = 'gh-ack+1'

export const BATCH_EVENTS_MAX = 250

/** Of the JSON before signing. base64url adds a third, and a broker takes 256 KiB a packet. */
export const BATCH_BYTES_MAX = 180_000

/** Events are `ChainedEvent`s, but each is read by itself: one that is broken must not stop the others. */
export const Batch = z.object({
  gate: z.string(),
  tenant: z.string(),
  events: z.array(z.unknown()).min(1).max(BATCH_EVENTS_MAX),
})
export type Batch = z.infer<typeof Batch>

/** Everything up to `sequence` is stored without a gap, or kept as a dead letter; `hash` is that event's. The gate forgets no event before it. */
export const Ack = z.object({ gate: z.string(), sequence: z.int().min(0), hash: Sha256 })
export type Ack = z.infer<typeof Ack>
