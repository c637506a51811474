import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock, DoorFailure, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { answerTo, writeCoilFrame } from './modbus.ts'
import { wireOver } from './wire.ts'

/** Coils from here on are `flash on`: the value is the time in tenths of a second, and the board switches off by itself. */
const FLASH_ON_COIL = 0x0200
/** And from here on `flash off`: off at once, on again by itself. */
const FLASH_OFF_COIL = 0x0400
const ON = 0xff00
const TENTH_MS = 100

/** 300 ms is the slowest answer seen at 9600 baud behind an FTDI and its 16 ms; beyond it the person is told. */
const ANSWER_MS_MAX = 300

export type ModbusFlashNeeds = { readonly open: OpenPort; readonly address: number; readonly clock: Clock }

/** A Waveshare or like board on Modbus RTU that ends the pulse by itself (waveshare.com/wiki/Modbus_RTU_Relay). */
export function modbusFlashBoard({ open, address, clock }: ModbusFlashNeeds): BoardDriver {
  return {
    pulse: 'hardware-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock)
      const write = async (coil: number, value: number): Promise<Result<null, DoorFailure>> => {
        const request = writeCoilFrame({ address, coil, value })
        const word = await wire.exchange(request, received => answerTo(request, received), ANSWER_MS_MAX)
        if (word === null) return fail('no_answer')
        return word === 'done' ? ok(null) : fail('refused')
      }
      return {
        set: (channel, energised) => write(channel - 1, energised ? ON : 0),
        flash: (channel, energised, ms) =>
          write((energised ? FLASH_ON_COIL : FLASH_OFF_COIL) + channel - 1, Math.round(ms / TENTH_MS)),
        listen: () => wire.listen(),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
