import { ok } from '@gatehouse/shared/result.ts'
import { PULSE_MS_MAX } from '@gatehouse/shared/wire/gate-config.ts'
import type { Clock } from '../ports.ts'
import type { Relay } from './relay.ts'
import type { Wire } from './wire.ts'

const START = 0xa0

/** `A0`, channel, 1 on or 0 off, sum of the three. The board answers nothing. */
export function lcusFrame(channel: number, on: boolean): Uint8Array {
  const state = on ? 1 : 0
  return Uint8Array.of(START, channel, state, (START + channel + state) & 0xff)
}

export type LcusRelayNeeds = { readonly channel: number; readonly pulseMs: number; readonly clock: Clock }

/**
 * A relay of an LCUS-1, -2, -4 or -8 (CH340). It has no timer: the pulse is ours to end, and a process that is killed
 * within one leaves it on until the next start, which begins with off. A board with a timer is the better choice.
 */
export function lcusRelay({ channel, pulseMs, clock }: LcusRelayNeeds): Relay {
  let ending: AbortController | null = null
  let onSinceMs = 0

  const endAfter = async (wire: Wire, ms: number, ended: AbortController) => {
    await clock.after(ms, ended.signal)
    if (ended.signal.aborted) return
    ending = null
    // A line that is lost now is made safe when it is back, before anything else is said on it.
    await wire.write(lcusFrame(channel, false)).catch(() => {})
  }

  return {
    pulse: 'software-timed',
    async open(wire) {
      const nowMs = clock.monotonicMs()
      if (ending === null) onSinceMs = nowMs
      ending?.abort()
      await wire.write(lcusFrame(channel, true))
      // One person after the other keeps a door open, but never beyond the longest pulse a door may have.
      const leftMs = Math.max(0, onSinceMs + PULSE_MS_MAX - nowMs)
      ending = new AbortController()
      void endAfter(wire, Math.min(pulseMs, leftMs), ending)
      return ok(null)
    },
    async secure(wire) {
      ending?.abort()
      ending = null
      await wire.write(lcusFrame(channel, false))
      return ok(null)
    },
  }
}
