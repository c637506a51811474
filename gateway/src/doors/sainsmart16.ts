import { fail, ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { COIL_OFF, COIL_ON, exceptionOf, isOn, readCoils, writeCoil } from './modbus.ts'
import { asciiFraming } from './modbus-ascii.ts'
import { polledLine } from './polled-line.ts'
import { wireOver } from './wire.ts'

const ADDRESS = 0xfe
const RELAYS = 16

const ANSWER_MS_MAX = 300
const LATE_MS_MAX = 200
const PRESENCE_EVERY_MS = 2_000

export type SainsmartNeeds = { readonly open: OpenPort; readonly clock: Clock }

/**
 * A SainSmart USB board with 16 relays (CH340, 9600 8N1): Modbus ASCII at address FE (gist omenlabs/3b795dc5). Whether
 * each firmware echoes a command is not published: where it does not, its coils are read instead. It has no timer: the pulse is ours to end.
 */
export function sainsmartBoard({ open, clock }: SainsmartNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock, 0, LATE_MS_MAX)
      const framed = asciiFraming(ADDRESS)
      let echoes = true
      const ask = (request: Uint8Array) => {
        const { bytes, answer } = framed(request)
        return wire.exchange(bytes, answer, ANSWER_MS_MAX)
      }
      return {
        async set(channel, energised) {
          const request = writeCoil(channel - 1, energised ? COIL_ON : COIL_OFF)
          const echo = echoes ? await ask(request) : await wire.write(framed(request).bytes).then(() => null)
          if (echo !== null) return exceptionOf(echo) === null ? ok(null) : fail('refused')
          const coils = await ask(readCoils(RELAYS))
          if (coils === null) return fail('no_answer')
          echoes = false
          return exceptionOf(coils) === null && isOn(coils, channel) === energised ? ok(null) : fail('refused')
        },
        flash: null,
        listen: () =>
          polledLine({
            line: wire.listen(),
            ask: async () => (await ask(readCoils(RELAYS))) !== null,
            everyMs: () => PRESENCE_EVERY_MS,
            clock,
          }),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
