import type { BoardConfig, BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { controllerDevice } from './controller-board.ts'
import type { BoardDevice, FarEnd, MakeBoard } from './device.ts'
import { lcusDevice } from './lcus-board.ts'
import { modbusDevice } from './modbus-board.ts'

/** The far side of every family of boards. */
const DEVICES: { readonly [Family in BoardFamily]?: MakeBoard<Family> } = {
  lcus: lcusDevice,
  'modbus-flash': modbusDevice,
  controller: controllerDevice,
}

/** A board as it is configured at the gate. */
export function boardDevice(config: BoardConfig, far: FarEnd): BoardDevice {
  const make = DEVICES[config.family] as MakeBoard<BoardFamily>
  return make(config, far)
}
