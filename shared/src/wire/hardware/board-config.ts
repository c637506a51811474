import { z } from 'zod'
import { PortConfig, portName, ReportPortConfig, ShortName } from './port.ts'

/** Every kind of board that doors and their contacts can hang on, each with its own settings. */

const id = ShortName.meta({ title: 'Name' })
const bytes = { id, port: PortConfig }
const address = z.int().min(1).max(247).default(1).meta({ title: 'Modbus address' })
/** Over `tcp` a board may speak Modbus RTU as it is, or Modbus TCP with its own head and no CRC. */
const framing = z.enum(['rtu', 'tcp']).default('rtu').meta({ title: 'Modbus framing' })

export const BoardConfig = z.discriminatedUnion('family', [
  z.strictObject({ family: z.literal('lcus'), ...bytes }),
  z.strictObject({
    family: z.literal('kmtronic'),
    ...bytes,
    relays: z
      .union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)])
      .default(1)
      .meta({ title: 'Relays' }),
  }),
  z.strictObject({ family: z.literal('numato'), ...bytes }),
  z.strictObject({ family: z.literal('sainsmart16'), ...bytes }),
  z.strictObject({
    family: z.literal('hid-relay'),
    id,
    port: ReportPortConfig,
    /** 16c0:05df dcttech (USBRelay), 0519:2018 Ucreatefun, 5131:2007 LCUS with a HID chip. */
    model: z.enum(['dcttech', 'ucreatefun', 'lcus-hid']).default('dcttech').meta({ title: 'Model' }),
  }),
  z.strictObject({ family: z.literal('modbus-flash'), ...bytes, address, framing }),
  z.strictObject({ family: z.literal('modbus-coil'), ...bytes, address, framing }),
  z.strictObject({ family: z.literal('lc'), ...bytes, address: z.int().min(1).max(255).default(255) }),
  z.strictObject({
    family: z.literal('gpio'),
    id,
    /** `gpiochip0` or its label. Outputs and inputs are line offsets of it, counted from 0. */
    chip: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'gpiochip0, or the label that `gpiodetect` shows')
      .default('gpiochip0')
      .meta({ title: 'Chip' }),
    /** The relay module pulls in on a low level. */
    activeLow: z.boolean().default(false).meta({ title: 'Outputs are active low' }),
  }),
  z.strictObject({ family: z.literal('digicon'), ...bytes, swapped: z.boolean().default(false) }),
  z.strictObject({ family: z.literal('mach-power'), ...bytes, address: z.int().min(1).max(255).default(1) }),
  z.strictObject({ family: z.literal('gate-7e'), ...bytes, machine: z.int().min(0).max(255).default(1) }),
  z.strictObject({ family: z.literal('controller'), ...bytes }),
])
export type BoardConfig = z.infer<typeof BoardConfig>
export type BoardFamily = BoardConfig['family']

/** Where a board is, for people: its line, or the chip of this machine that it is. */
export function boardPlace(board: BoardConfig): string {
  return 'port' in board ? portName(board.port) : board.chip
}

/** Who ends a pulse: the board itself, or we. A board of the second kind stays as it is when the process dies within a pulse. */
export type PulseTiming = 'hardware-timed' | 'software-timed'

export type BoardFacts = {
  readonly pulse: PulseTiming
  /** Channels are counted from here. */
  readonly first: 0 | 1
  /** How many a board of this family can have; one in front of us may have fewer. */
  readonly outputs: number
  readonly inputs: number
  /** The time of a pulse is a multiple of this; null: the board has its own and ours is not sent. */
  readonly stepMs: number | null
  readonly pulseMsMax: number
  /** Whether an output can be brought to either level and left there: what a lock that is energised to lock needs. */
  readonly levels: boolean
  /** It tells by itself that somebody went through. */
  readonly tellsPassages: boolean
}

const relays = (outputs: number, inputs = 0): BoardFacts => ({
  pulse: 'software-timed',
  first: 1,
  outputs,
  inputs,
  stepMs: 1,
  pulseMsMax: 30_000,
  levels: true,
  tellsPassages: false,
})
const turnstile: BoardFacts = {
  pulse: 'hardware-timed',
  first: 1,
  outputs: 2,
  inputs: 0,
  stepMs: null,
  pulseMsMax: 30_000,
  levels: false,
  tellsPassages: true,
}

/** What a family can do, whichever board it is. Output 1 of a turnstile is left, 2 right. */
export const BOARD_FACTS: Readonly<Record<BoardFamily, BoardFacts>> = {
  lcus: relays(8),
  kmtronic: relays(8),
  numato: relays(32, 32),
  sainsmart16: relays(16),
  'hid-relay': relays(8),
  'modbus-flash': { ...relays(32, 32), pulse: 'hardware-timed', stepMs: 100 },
  'modbus-coil': relays(32, 32),
  lc: { ...relays(8, 8), pulse: 'hardware-timed', stepMs: 100 },
  gpio: { ...relays(512, 512), first: 0 },
  digicon: turnstile,
  'mach-power': { ...turnstile, tellsPassages: false },
  'gate-7e': turnstile,
  controller: { ...relays(8, 16), pulse: 'hardware-timed' },
}
