import { fail, ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver, BoardEvent } from './board-line.ts'
import { framesIn } from './frames.ts'
import { wireOver } from './wire.ts'

const STX = 0x02
const TO_LEFT = 0x48
const TO_RIGHT = 0x41
const CONTROLLED = 0x43
const DONE = 0x06
const INVALID = 0x15
const WENT_LEFT = 0x1a
const WENT_RIGHT = 0x1b

/** Before the commands: STX and the length in two bytes. */
const HEAD_BYTES = 3
/** A command has one or two bytes and its BCC. */
const LENGTH_MIN = 2
const LENGTH_MAX = 3

const ANSWER_MS_MAX = 300
const LATE_MS_MAX = 200
const GAP_MS_MAX = 80

/** STX, length with the low byte first, command, BCC: XOR from the STX on. The length counts the BCC, as the manual's examples have it and its words do not. */
export function digiconFrame(...command: readonly number[]): Uint8Array {
  const frame = Uint8Array.of(STX, command.length + 1, 0, ...command, 0)
  frame[frame.length - 1] = bcc(frame)
  return frame
}

function bcc(frame: Uint8Array): number {
  return frame.subarray(0, -1).reduce((sum, byte) => sum ^ byte, 0)
}

/** Of a frame of ours or of the turnstile's. */
export function digiconLength(bytes: Uint8Array): number | null {
  if (bytes[0] !== STX) return 0
  if (bytes.length < HEAD_BYTES) return null
  const length = bytes[1]! | (bytes[2]! << 8)
  if (length < LENGTH_MIN || length > LENGTH_MAX) return 0
  const frame = bytes.subarray(0, HEAD_BYTES + length)
  if (frame.length < HEAD_BYTES + length) return null
  return frame.at(-1) === bcc(frame) ? frame.length : 0
}

export type DigiconNeeds = {
  readonly open: OpenPort
  /** The turnstile is mounted the other way round: what it calls left is our right. */
  readonly swapped: boolean
  readonly clock: Clock
}

/**
 * A Digicon Tx1500 or Catrax Master, 115200 8N1 (manual of the Tx1500 page 31, of the Catrax Master page 24). Output 1
 * lets one person through to the left, 2 to the right; it locks again by itself and says who went through.
 */
export function digiconBoard({ open, swapped, clock }: DigiconNeeds): BoardDriver {
  const release = (channel: number) => ((channel === 1) !== swapped ? TO_LEFT : TO_RIGHT)
  const wentTo = (said: number) => ((said === WENT_LEFT) !== swapped ? 1 : 2)
  return {
    pulse: 'hardware-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock, 0, LATE_MS_MAX)
      const frames = framesIn(digiconLength, GAP_MS_MAX)
      let tell = (_event: BoardEvent) => {}
      /** What it says to a command; that somebody went through may come at any time, also before the answer. */
      const heard = (fresh: Uint8Array): 'done' | 'invalid' | null => {
        let word: 'done' | 'invalid' | null = null
        for (const frame of frames(fresh, clock.monotonicMs())) {
          const said = frame[HEAD_BYTES]!
          if (said === WENT_LEFT || said === WENT_RIGHT) tell({ kind: 'passed', channel: wentTo(said) })
          if (said === DONE) word = 'done'
          if (said === INVALID) word = 'invalid'
        }
        return word
      }
      const say = async (command: number) => {
        const word = await wire.exchange(digiconFrame(command), (_received, fresh) => heard(fresh), ANSWER_MS_MAX)
        if (word === null) return fail('no_answer')
        return word === 'done' ? ok(null) : fail('refused')
      }
      return {
        set: async (_channel, energised) => (energised ? fail('refused') : say(CONTROLLED)),
        flash: async (channel, energised) => (energised ? say(release(channel)) : fail('refused')),
        listen(told) {
          tell = told
          return wire.listen(fresh => void heard(fresh))
        },
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
