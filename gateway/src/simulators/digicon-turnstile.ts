import { digiconFrame, digiconLength } from '../doors/digicon.ts'
import { framesIn } from '../doors/frames.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { turnstile } from './turnstile.ts'

const TO_LEFT = 0x48
const TO_RIGHT = 0x41
const CONTROLLED = 0x43
const DONE = 0x06
const INVALID = 0x15
const WENT_LEFT = 0x1a
const WENT_RIGHT = 0x1b
const COMMAND_AT = 3
const GAP_MS_MAX = 1_000

/** A Digicon turnstile. `swapped`: mounted the other way round, so that its left is the installation's right. */
export function digiconDevice({ swapped }: { readonly swapped: boolean }, { send, clock }: FarEnd): BoardDevice {
  const arms = turnstile(clock)
  const frames = framesIn(digiconLength, GAP_MS_MAX)
  const execute = (command: number): number => {
    if (command === TO_LEFT || command === TO_RIGHT) arms.release((command === TO_LEFT) !== swapped ? 1 : 2)
    else if (command === CONTROLLED) arms.lock()
    else return INVALID
    return DONE
  }
  return {
    state: arms.state,
    onChange: arms.onChange,
    contact(channel, closed) {
      if (closed && arms.push(channel)) send(digiconFrame((channel === 1) !== swapped ? WENT_LEFT : WENT_RIGHT))
    },
    receive(bytes) {
      for (const frame of frames(bytes, clock.monotonicMs())) {
        arms.heard(frame)
        send(digiconFrame(execute(frame[COMMAND_AT]!)))
      }
    },
  }
}
