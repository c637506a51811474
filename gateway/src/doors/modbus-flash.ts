import type { BoardDriver } from './board-line.ts'
import { writeCoil } from './modbus.ts'
import { type ModbusNeeds, modbusBoard } from './modbus-board.ts'

/** Coils from here on are `flash on`: the value is the time in tenths of a second, and the board switches off by itself. */
const FLASH_ON_COIL = 0x0200
/** And from here on `flash off`: off at once, on again by itself. */
const FLASH_OFF_COIL = 0x0400
const TENTH_MS = 100

/** A Waveshare or like board that ends the pulse by itself (waveshare.com/wiki/Modbus_RTU_Relay, section "Flash on/off"). */
export function modbusFlashBoard(needs: ModbusNeeds): BoardDriver {
  return modbusBoard(needs, (channel, energised, ms) =>
    writeCoil((energised ? FLASH_ON_COIL : FLASH_OFF_COIL) + channel - 1, Math.round(ms / TENTH_MS)),
  )
}
