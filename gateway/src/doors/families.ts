import type { BoardConfig, BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { portOpener } from '../devices/open-port.ts'
import type { Clock } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { controllerBoard } from './controller.ts'
import type { OutputUse } from './kept-board.ts'
import { lcusBoard } from './lcus.ts'
import { modbusFlashBoard } from './modbus-flash.ts'

type Of<Family extends BoardFamily> = Extract<BoardConfig, { family: Family }>

/** What a driver is given besides its settings. */
export type BoardSurroundings = {
  readonly clock: Clock
  readonly random: () => number
  /** What hangs on it: a board that makes itself safe must know what is safe. */
  readonly outputs: readonly OutputUse[]
  /** Channels of its inputs that contacts hang on. */
  readonly inputs: readonly number[]
}

/** Every family of boards. A panel on an OSDP bus will be one more. */
const FAMILIES: {
  readonly [Family in BoardFamily]?: (config: Of<Family>, surroundings: BoardSurroundings) => BoardDriver
} = {
  lcus: ({ port }, { clock }) => lcusBoard({ open: portOpener(port), clock }),
  'modbus-flash': ({ port, address }, { clock }) => modbusFlashBoard({ open: portOpener(port), address, clock }),
  controller: ({ port }, surroundings) => controllerBoard({ open: portOpener(port), ...surroundings }),
}

/** How the board of a configuration is reached. */
export function boardDriver(config: BoardConfig, surroundings: BoardSurroundings): BoardDriver {
  const make = FAMILIES[config.family] as (config: BoardConfig, surroundings: BoardSurroundings) => BoardDriver
  return make(config, surroundings)
}
