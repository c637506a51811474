import type { BoardConfig, BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { controllerDevice } from './controller-board.ts'
import type { BoardDevice, FarEnd, MakeBoard } from './device.ts'
import { digiconDevice } from './digicon-turnstile.ts'
import { gate7eDevice } from './gate-7e-turnstile.ts'
import { hidRelayDevice } from './hid-relay-board.ts'
import { kmtronicDevice } from './kmtronic-board.ts'
import { lcusDevice } from './lcus-board.ts'
import { machPowerDevice } from './mach-power-turnstile.ts'
import { coilDevice, lcDevice, modbusDevice } from './modbus-board.ts'
import { numatoDevice } from './numato-board.ts'
import { sainsmartDevice } from './sainsmart-board.ts'

/** The far side of every family of boards but GPIO, which stands at no line. */
const DEVICES: { readonly [Family in BoardFamily]?: MakeBoard<Family> } = {
  lcus: lcusDevice,
  kmtronic: kmtronicDevice,
  numato: numatoDevice,
  sainsmart16: sainsmartDevice,
  'hid-relay': hidRelayDevice,
  'modbus-flash': modbusDevice,
  'modbus-coil': coilDevice,
  lc: lcDevice,
  digicon: digiconDevice,
  'mach-power': machPowerDevice,
  'gate-7e': gate7eDevice,
  controller: controllerDevice,
}

/** A board as it is configured at the gate. */
export function boardDevice(config: BoardConfig, far: FarEnd): BoardDevice {
  const make = DEVICES[config.family] as MakeBoard<BoardFamily>
  return make(config, far)
}
