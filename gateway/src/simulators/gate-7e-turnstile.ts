import { framesIn } from '../doors/frames.ts'
import { CLOSE, gate7eSum, OPEN_LEFT, OPEN_RIGHT } from '../doors/gate-7e.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { turnstile } from './turnstile.ts'

const REQUEST_BYTES = 8
const GAP_MS_MAX = 80

/** A swing gate that answers every request with its state, and counts who goes through. */
export function gate7eDevice({ machine }: { readonly machine: number }, { send, clock }: FarEnd): BoardDevice {
  const arms = turnstile(clock)
  const went = { left: 0, right: 0 }
  const frames = framesIn(bytes => {
    if (bytes[0] !== 0x7e) return 0
    if (bytes.length < REQUEST_BYTES) return null
    const isRight = gate7eSum(bytes.subarray(0, REQUEST_BYTES - 1)) === bytes[REQUEST_BYTES - 1]
    return isRight && bytes[2] === machine ? REQUEST_BYTES : 0
  }, GAP_MS_MAX)
  const status = (command: number) => {
    const count = (people: number) => [(people >> 16) & 0xff, (people >> 8) & 0xff, people & 0xff]
    const head = [0x7f, 1, machine, 0, 0, 0, ...count(went.left), ...count(went.right), 0, command, 120, 0, 0]
    return Uint8Array.of(...head, gate7eSum(Uint8Array.from(head)))
  }
  return {
    state: arms.state,
    onChange: arms.onChange,
    contact(channel, closed) {
      if (closed && arms.push(channel)) went[channel === 1 ? 'left' : 'right']++
    },
    receive(bytes) {
      for (const frame of frames(bytes, clock.monotonicMs())) {
        const command = frame[3]!
        arms.heard(frame)
        if (command === OPEN_LEFT || command === OPEN_RIGHT) arms.release(command === OPEN_LEFT ? 1 : 2)
        if (command === CLOSE) arms.lock()
        send(status(command))
      }
    },
  }
}
