import { framesIn } from '../doors/frames.ts'
import { machPowerFrame } from '../doors/mach-power.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { turnstile } from './turnstile.ts'

const FRAME_BYTES = 5
const OPEN_LEFT = 0x40
const OPEN_RIGHT = 0x41
const FORBID = 0x4a
const RESTORE = 0x4b
const GAP_MS_MAX = 1_000

/** A Mach-Power tripod: looks at address and XOR, and answers nothing. */
export function machPowerDevice({ address }: { readonly address: number }, { clock }: FarEnd): BoardDevice {
  const arms = turnstile(clock)
  let isForbidden = false
  const frames = framesIn(bytes => {
    if (bytes[0] !== 0xeb) return 0
    if (bytes.length < FRAME_BYTES) return null
    const [, to, command, zero, sum] = bytes as unknown as [number, number, number, number, number]
    return to === address && zero === 0 && machPowerFrame(to, command)[FRAME_BYTES - 1] === sum ? FRAME_BYTES : 0
  }, GAP_MS_MAX)
  return {
    state: arms.state,
    onChange: arms.onChange,
    contact: (channel, closed) => void (closed && arms.push(channel)),
    receive(bytes) {
      for (const frame of frames(bytes, clock.monotonicMs())) {
        const command = frame[2]!
        arms.heard(frame)
        if (command === FORBID || command === RESTORE) isForbidden = command === FORBID
        if (isForbidden) arms.lock()
        else if (command === OPEN_LEFT || command === OPEN_RIGHT) arms.release(command === OPEN_LEFT ? 1 : 2)
      }
    },
  }
}
