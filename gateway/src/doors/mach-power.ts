import { fail, ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { wireOver } from './wire.ts'

const START = 0xeb
const OPEN_LEFT = 0x40
const OPEN_RIGHT = 0x41
const RESTORE = 0x4b

/**
 * `EB`, address, command, 0, XOR of the four. The manual prints AB behind the commands 42 and 43; by its own rule, and by
 * all its other examples, they end in A8 and A9.
 */
export function machPowerFrame(address: number, command: number): Uint8Array {
  return Uint8Array.of(START, address, command, 0, START ^ address ^ command)
}

export type MachPowerNeeds = { readonly open: OpenPort; readonly address: number; readonly clock: Clock }

/**
 * A Mach-Power AC-ATRI or ASDSC tripod on RS-485, 9600 8N1 (manual 336505, pages 12 and 13). Output 1 lets one person
 * through to the left, 2 to the right; it locks again by itself. Its answers are not published, so it is believed, and
 * who went through is not told: that takes a contact.
 */
export function machPowerBoard({ open, address, clock }: MachPowerNeeds): BoardDriver {
  return {
    pulse: 'hardware-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock)
      const say = async (command: number) => {
        await wire.write(machPowerFrame(address, command))
        return ok(null)
      }
      return {
        // At rest it opens for nobody and forbids nothing.
        set: async (_channel, energised) => (energised ? fail('refused') : say(RESTORE)),
        flash: async (channel, energised) =>
          energised ? say(channel === 1 ? OPEN_LEFT : OPEN_RIGHT) : fail('refused'),
        listen: () => wire.listen(),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
