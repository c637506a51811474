import type { BoardConfig, BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { PortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { portOpener, reportPortOpener } from '../devices/open-port.ts'
import { startTool } from '../devices/tool.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { controllerBoard } from './controller.ts'
import { digiconBoard } from './digicon.ts'
import { gate7eBoard } from './gate-7e.ts'
import { gpioBoard } from './gpio.ts'
import { HID_RELAY_NEEDS, hidRelayBoard } from './hid-relay.ts'
import type { OutputUse } from './kept-board.ts'
import { kmtronicBoard } from './kmtronic.ts'
import { lcBoard } from './lc.ts'
import { lcusBoard } from './lcus.ts'
import { machPowerBoard } from './mach-power.ts'
import { modbusCoilBoard } from './modbus-coil.ts'
import { modbusFlashBoard } from './modbus-flash.ts'
import { silenceMs } from './modbus-framing.ts'
import { numatoBoard } from './numato.ts'
import { sainsmartBoard } from './sainsmart16.ts'

type Of<Family extends BoardFamily> = Extract<BoardConfig, { family: Family }>

/** What a driver is given besides its settings. */
export type BoardSurroundings = {
  /** Channels of the board that a contact is wired to. */
  readonly inputs: readonly number[]
  /** What hangs on it: a board that makes itself safe must know what is safe. */
  readonly outputs: readonly OutputUse[]
  readonly clock: Clock
  readonly random: () => number
  /** How a line of bytes is opened, where it is not a port of this machine. */
  readonly open?: (port: PortConfig) => OpenPort
}

type Surroundings = Required<BoardSurroundings>

/** Every family of boards. A panel on an OSDP bus will be one more. */
const FAMILIES: {
  readonly [Family in BoardFamily]: (config: Of<Family>, surroundings: Surroundings) => BoardDriver
} = {
  lcus: ({ port }, { open, clock }) => lcusBoard({ open: open(port), clock }),
  kmtronic: ({ port, relays }, { open, clock }) => kmtronicBoard({ open: open(port), relays, clock }),
  numato: ({ port }, { open, inputs, clock }) => numatoBoard({ open: open(port), inputs, clock }),
  sainsmart16: ({ port }, { open, clock }) => sainsmartBoard({ open: open(port), clock }),
  'hid-relay': ({ port, model }, { clock }) =>
    hidRelayBoard({ open: reportPortOpener(port, HID_RELAY_NEEDS[model]), model, clock }),
  'modbus-flash': ({ port, address, framing }, { open, inputs, clock }) =>
    modbusFlashBoard({ open: open(port), address, framing, quietMs: quietOn(port), inputs, clock }),
  'modbus-coil': ({ port, address, framing }, { open, inputs, clock }) =>
    modbusCoilBoard({ open: open(port), address, framing, quietMs: quietOn(port), inputs, clock }),
  lc: ({ port, address }, { open, inputs, clock }) =>
    lcBoard({ open: open(port), address, quietMs: quietOn(port), inputs, clock }),
  gpio: ({ chip, activeLow }, { inputs, clock }) => gpioBoard({ start: startTool, chip, activeLow, inputs, clock }),
  digicon: ({ port, swapped }, { open, clock }) => digiconBoard({ open: open(port), swapped, clock }),
  'mach-power': ({ port, address }, { open, clock }) => machPowerBoard({ open: open(port), address, clock }),
  controller: ({ port }, { open, ...surroundings }) => controllerBoard({ open: open(port), ...surroundings }),
  'gate-7e': ({ port, machine }, { open, clock }) => gate7eBoard({ open: open(port), machine, clock }),
}

/** How fast a serial server of the network speaks to the board is set there; most boards leave the factory so. */
const USUAL_BAUD_RATE = 9_600

function quietOn(port: PortConfig): number {
  return silenceMs(port.kind === 'serial' ? port.baudRate : USUAL_BAUD_RATE)
}

/** How the board of a configuration is reached. */
export function boardDriver(config: BoardConfig, surroundings: BoardSurroundings): BoardDriver {
  const make = FAMILIES[config.family] as (config: BoardConfig, surroundings: Surroundings) => BoardDriver
  return make(config, { open: portOpener, ...surroundings })
}
