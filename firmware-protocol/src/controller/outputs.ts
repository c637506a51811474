import { LEASE_MS_MAX, type MessageOf, OUTPUTS_MAX, PULSE_MS_MAX } from '../messages.ts'

type Output = {
  rest: boolean
  maxOnMs: number
  /** When the first of the pulses began that follow each other without a pause. */
  pulsesSinceMs: number
  pulseEndMs: number
  leaseEndMs: number
  isAway: boolean
}

export type Outputs = {
  /** Every output to its new rest. */
  configure(config: MessageOf<'configure'>): void
  /** Away from rest for so long; pulse after pulse never beyond the longest of its configuration. False: more than this output may. */
  pulse(output: number, onMs: number, atMs: number): boolean
  hold(output: number, leaseMs: number, atMs: number): boolean
  release(output: number): void
  /** Ends what is over. */
  due(atMs: number): void
  dueMs(): number | null
  /** Everything to rest; a bit for each that was away. */
  makeSafe(): number
  away(): number
  isEnergised(output: number): boolean
}

/** The outputs of a controller: nothing is brought away from rest without its end being known. */
export function outputsOf(count: number, moved: (output: number, energised: boolean) => void): Outputs {
  const outputs = Array.from({ length: Math.min(count, OUTPUTS_MAX) }, (): Output => {
    const never = Number.NEGATIVE_INFINITY
    return { rest: false, maxOnMs: 0, pulsesSinceMs: never, pulseEndMs: never, leaseEndMs: never, isAway: false }
  })
  const bring = (at: number, isAway: boolean) => {
    const output = outputs[at]!
    if (output.isAway === isAway) return
    output.isAway = isAway
    moved(at, output.rest !== isAway)
  }
  const rest = (at: number) => {
    outputs[at]!.pulseEndMs = outputs[at]!.leaseEndMs = Number.NEGATIVE_INFINITY
    bring(at, false)
  }
  const away = () => outputs.reduce((bits, { isAway }, at) => bits | (isAway ? 1 << at : 0), 0)

  return {
    configure({ rest: levels, max_on_ms }) {
      for (const [at, output] of outputs.entries()) {
        rest(at)
        const level = (levels & (1 << at)) !== 0
        output.maxOnMs = max_on_ms[at]!
        if (output.rest !== level) moved(at, level)
        output.rest = level
      }
    },
    pulse(at, onMs, atMs) {
      const output = outputs[at]
      if (output === undefined || onMs > Math.min(output.maxOnMs, PULSE_MS_MAX)) return false
      if (output.pulseEndMs <= atMs) output.pulsesSinceMs = atMs
      output.pulseEndMs = Math.max(output.pulseEndMs, Math.min(atMs + onMs, output.pulsesSinceMs + output.maxOnMs))
      bring(at, true)
      return true
    },
    hold(at, leaseMs, atMs) {
      const output = outputs[at]
      if (output === undefined || output.maxOnMs === 0 || leaseMs > LEASE_MS_MAX) return false
      output.leaseEndMs = Math.max(output.leaseEndMs, atMs + leaseMs)
      bring(at, true)
      return true
    },
    release(at) {
      if (at < outputs.length) rest(at)
    },
    due(atMs) {
      for (const [at, { pulseEndMs, leaseEndMs }] of outputs.entries())
        if (Math.max(pulseEndMs, leaseEndMs) <= atMs) rest(at)
    },
    dueMs() {
      const ends = outputs.filter(({ isAway }) => isAway).map(output => Math.max(output.pulseEndMs, output.leaseEndMs))
      return ends.length === 0 ? null : Math.min(...ends)
    },
    makeSafe() {
      const ended = away()
      for (const at of outputs.keys()) rest(at)
      return ended
    },
    away,
    isEnergised(at) {
      const output = outputs[at]
      return output !== undefined && output.rest !== output.isAway
    },
  }
}
