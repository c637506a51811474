import type { BoardDriver } from './board-line.ts'
import { type ModbusNeeds, modbusBoard } from './modbus-board.ts'

/**
 * A board with the standard functions 1, 2 and 5 and no timer, such as KMTronic's on RS-485. The pulse is ours to end, and
 * a process that is killed within one leaves the relay on until the next start, which begins with off.
 */
export function modbusCoilBoard(needs: ModbusNeeds): BoardDriver {
  return modbusBoard(needs, null)
}
