import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { DoorFailure } from '../ports.ts'
import { answerTo, writeCoilFrame } from './modbus.ts'
import type { Relay } from './relay.ts'
import type { Wire } from './wire.ts'

/** Coils from here on are `flash on`: the value is the time in tenths of a second, and the board switches off by itself. */
const FLASH_ON_COIL = 0x0200
const TENTH_MS = 100

/** 300 ms is the slowest answer seen at 9600 baud behind an FTDI and its 16 ms; beyond it the person is told. */
const ANSWER_MS_MAX = 300

export type ModbusFlashRelayNeeds = { readonly address: number; readonly channel: number; readonly pulseMs: number }

/**
 * A relay of a Waveshare or like board on Modbus RTU that ends the pulse by itself.
 *
 * A flash-on without an answer is not sent again: the board may have heard it, and a second one would open a second
 * time for one person. The person presents again; whoever watches sees an alarm.
 */
export function modbusFlashRelay({ address, channel, pulseMs }: ModbusFlashRelayNeeds): Relay {
  const coil = channel - 1
  const ask = async (wire: Wire, request: Uint8Array): Promise<Result<null, DoorFailure>> => {
    const word = await wire.exchange(request, received => answerTo(request, received), ANSWER_MS_MAX)
    if (word === null) return fail('no_answer')
    return word === 'done' ? ok(null) : fail('refused')
  }
  return {
    pulse: 'hardware-timed',
    open: wire =>
      ask(wire, writeCoilFrame({ address, coil: FLASH_ON_COIL + coil, value: Math.round(pulseMs / TENTH_MS) })),
    secure: wire => ask(wire, writeCoilFrame({ address, coil, value: 0 })),
  }
}
