import type { BoardDriver } from './board-line.ts'
import { writeRegisters } from './modbus.ts'
import { type ModbusNeeds, modbusBoard } from './modbus-board.ts'

/** A channel has five registers, the first two of them for this: mode and time. */
const FIRST_REGISTER = 3
const REGISTERS_A_CHANNEL = 5
const FLASH_ON = 4
const FLASH_OFF = 2
const TENTH_MS = 100

/** A relay board of LC Technology or bestep on Modbus RTU, which ends the pulse by itself (artisan discussion 634, csdn 112915034). */
export function lcBoard(needs: Omit<ModbusNeeds, 'framing'>): BoardDriver {
  return modbusBoard({ ...needs, framing: 'rtu' }, (channel, energised, ms) =>
    writeRegisters(FIRST_REGISTER + REGISTERS_A_CHANNEL * (channel - 1), [
      energised ? FLASH_ON : FLASH_OFF,
      Math.round(ms / TENTH_MS),
    ]),
  )
}
