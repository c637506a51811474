import { ShortName } from '@gatehouse/shared/wire/gate-config.ts'
import { z } from 'zod'

/** Where a simulated device stands: a pty linked at a path, or a port of this machine (0: any free one). */
export const WireConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pty'),
    link: z.string().min(1).max(4096),
    baudRate: z.int().min(300).max(3_000_000).default(9600),
  }),
  z.strictObject({ kind: z.literal('tcp'), port: z.int().min(0).max(65535).default(0) }),
])
export type WireConfig = z.infer<typeof WireConfig>

export const SimulatedReader = z.strictObject({
  id: ShortName,
  kind: z.enum(['card', 'qr']),
  /** `rdm6300` and `id12` read cards, `line` reads codes. */
  family: z.enum(['rdm6300', 'id12', 'line']),
  port: WireConfig,
})
export type SimulatedReader = z.infer<typeof SimulatedReader>

export const SimulatedDoor = z.strictObject({
  family: z.enum(['lcus', 'modbus-flash']),
  port: WireConfig,
  channel: z.int().min(1).max(32),
  address: z.int().min(1).max(247).default(1),
})
export type SimulatedDoor = z.infer<typeof SimulatedDoor>

/** The hardware of one gate, as `gateway simulate --config FILE` brings it up. */
export const SimulatorConfig = z.strictObject({
  gate: ShortName,
  control: z.strictObject({
    port: z.int().min(0).max(65535).default(0),
    token: z.string().min(16, 'the token must have 16 characters').max(200),
  }),
  lanes: z
    .array(
      z.strictObject({
        lane: ShortName,
        name: z.string().min(1).max(64),
        readers: z
          .array(SimulatedReader)
          .min(1)
          .max(8)
          .refine(
            readers => readers.every(({ kind, family }) => (kind === 'qr') === (family === 'line')),
            'a qr reader is of family line, a card reader of family rdm6300 or id12',
          ),
        door: SimulatedDoor,
      }),
    )
    .min(1)
    .max(16),
})
export type SimulatorConfig = z.infer<typeof SimulatorConfig>

/** A row of `simulators.json`: where a gate's simulated hardware listens for what to present. */
export const SimulatorEntry = z.object({
  gate: ShortName,
  gateId: z.string(),
  gateName: z.string(),
  control: z.url(),
  token: z.string(),
  lanes: z.array(
    z.object({
      lane: z.string(),
      name: z.string(),
      readers: z.array(z.object({ id: z.string(), kind: z.enum(['card', 'qr']) })),
    }),
  ),
})
export type SimulatorEntry = z.infer<typeof SimulatorEntry>
