import { z } from 'zod'
import { ShortName } from '../wire/hardware/port.ts'
import { GATE_ID, TENANT } from '../wire/topics.ts'

/** `typ` of a command: a compact JWS signed with the school's `command` key. */
export const COMMAND_TYP = 'gh-command+1'

/** From its signature to its end. Whoever keeps it longer has nothing. */
export const COMMAND_LIFE_MS = 5_000

/** How long one arming of a reader holds: time to walk there, and no more. */
export const ARMED_S = 60

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** To whom a card is sealed. It travels in the command, so that whoever signs the command says it. */
export const EnrolmentKey = z.strictObject({
  /** `<tenant>/enrolment/<number>` */
  kid: z.string().min(1).max(80),
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
})
export type EnrolmentKey = z.infer<typeof EnrolmentKey>

/** The next unknown card at this reader is sent to the cloud, sealed; nothing opens by it. */
export const ArmReader = z.strictObject({
  do: z.literal('arm_reader'),
  lane: ShortName,
  reader: ShortName,
  forS: z.int().min(1).max(ARMED_S),
  sealTo: EnrolmentKey,
})
export type ArmReader = z.infer<typeof ArmReader>

/** What a gate can be told to do, by its `do`. */
export const Order = z.discriminatedUnion('do', [ArmReader])
export type Order = z.infer<typeof Order>

/** One order for one gate, once, within seconds. */
export const Command = z
  .strictObject({
    /** Of this command alone: a gate obeys it once. */
    id: z.uuid(),
    tenant: z.string().regex(TENANT),
    gate: z.string().regex(GATE_ID),
    /** The id of who ordered it. */
    operator: z.string().min(1).max(64),
    reason: z.string().min(3).max(200),
    issuedAtMs: z.int().min(0),
    expiresAtMs: z.int().min(0),
    order: Order,
  })
  .refine(({ issuedAtMs, expiresAtMs }) => {
    const lifeMs = expiresAtMs - issuedAtMs
    return lifeMs > 0 && lifeMs <= COMMAND_LIFE_MS
  }, `lives at most ${COMMAND_LIFE_MS} ms`)
export type Command = z.infer<typeof Command>
