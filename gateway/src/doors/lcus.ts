import { ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { wireOver } from './wire.ts'

const START = 0xa0

/** `A0`, channel, 1 on or 0 off, sum of the three. The board answers nothing. */
export function lcusFrame(channel: number, on: boolean): Uint8Array {
  const state = on ? 1 : 0
  return Uint8Array.of(START, channel, state, (START + channel + state) & 0xff)
}

export type LcusNeeds = { readonly open: OpenPort; readonly clock: Clock }

/**
 * An LCUS-1, -2, -4 or -8 (CH340, 9600 8N1). It has no timer: the pulse is ours to end, and a process that is killed
 * within one leaves it on until the next start, which begins with off. A board with a timer is the better choice.
 */
export function lcusBoard({ open, clock }: LcusNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock)
      return {
        async set(channel, energised) {
          await wire.write(lcusFrame(channel, energised))
          return ok(null)
        },
        flash: null,
        listen: () => wire.listen(),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
