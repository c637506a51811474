import { PRESENTABLE_KINDS } from '@gatehouse/shared/wire/api/gates.ts'
import { BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { boardsInPlace } from '@gatehouse/shared/wire/hardware/boards-in-place.ts'
import { ShortName } from '@gatehouse/shared/wire/hardware/port.ts'
import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { z } from 'zod'

/**
 * Where a simulated device stands: a pty linked at a path, or a port of this machine (0: any free one); a HID device's
 * reports go over `hid-tcp`.
 */
export const WireConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pty'),
    link: z.string().min(1).max(4096),
    baudRate: z.int().min(300).max(3_000_000).default(9600),
  }),
  z.strictObject({ kind: z.literal('tcp'), port: z.int().min(0).max(65535).default(0) }),
  z.strictObject({ kind: z.literal('hid-tcp'), port: z.int().min(0).max(65535).default(0) }),
])
export type WireConfig = z.infer<typeof WireConfig>

/** A placeholder where a device's own settings are read: at the far end there is no line to open, but it carries bytes or reports. */
const noPort = ({ kind }: WireConfig) => ({ kind: kind === 'pty' ? 'tcp' : kind, host: '127.0.0.1', port: 1 })

/** The settings that the gate has of the same device, so that both ends speak the same way. */
function settingsOf<Settings>(
  schema: z.ZodType<Settings>,
  wire: WireConfig,
  rest: Record<string, unknown>,
  context: z.RefinementCtx,
): Settings {
  const read = schema.safeParse({ ...rest, port: noPort(wire) })
  if (read.success) return read.data
  for (const issue of read.error.issues) context.addIssue({ ...issue, code: 'custom', message: issue.message })
  return z.NEVER
}

/** `kind`: what is held to it. An `id12` is an RDM6300 to the gate. */
export const SimulatedReader = z
  .looseObject({
    id: ShortName,
    kind: z.enum(PRESENTABLE_KINDS),
    family: z.string().max(31),
    port: WireConfig,
  })
  .transform(({ id, kind, family, port, ...rest }, context) => {
    const isId12 = family === 'id12'
    const settings = { ...rest, id, family: isId12 ? 'rdm6300' : family }
    return { id, kind, port, isId12, config: settingsOf(ReaderConfig, port, settings, context) }
  })
export type SimulatedReader = z.infer<typeof SimulatedReader>

export const SimulatedBoard = z
  .looseObject({ id: ShortName, family: z.string().max(31), port: WireConfig })
  .transform(({ port, ...rest }, context) => ({
    id: rest.id,
    port,
    config: settingsOf(BoardConfig, port, rest, context),
  }))
export type SimulatedBoard = z.infer<typeof SimulatedBoard>

const channel = z.int().min(0).max(511)

export const SimulatedDoor = z.strictObject({
  output: z.strictObject({ board: ShortName, channel }),
  /** Somebody who goes through whenever the door is released: this input closes for a moment after a while. */
  walker: z.strictObject({ board: ShortName, channel, afterMs: z.int().min(0).max(60_000).default(800) }).optional(),
})
export type SimulatedDoor = z.infer<typeof SimulatedDoor>

/** The hardware of one gate, as `gateway simulate --config FILE` brings it up. A door may name its board in place. */
export const SimulatorConfig = z.preprocess(
  boardsInPlace,
  z.strictObject({
    gate: ShortName,
    control: z.strictObject({
      port: z.int().min(0).max(65535).default(0),
      token: z.string().min(16, 'the token must have 16 characters').max(200),
    }),
    boards: z.array(SimulatedBoard).max(16),
    lanes: z
      .array(
        z.strictObject({
          lane: ShortName,
          name: z.string().min(1).max(64),
          readers: z.array(SimulatedReader).min(1).max(8),
          door: SimulatedDoor,
        }),
      )
      .min(1)
      .max(16),
  }),
)
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
      readers: z.array(z.object({ id: z.string(), kind: z.enum(PRESENTABLE_KINDS) })),
    }),
  ),
})
export type SimulatorEntry = z.infer<typeof SimulatorEntry>
