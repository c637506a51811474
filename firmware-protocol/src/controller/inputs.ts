import { INPUTS_MAX, type MessageOf } from '../messages.ts'

/** Of an input that was not configured yet. */
const DEBOUNCE_MS = 20

type Input = { level: boolean; seen: boolean; seenAtMs: number; debounceMs: number; activeHigh: boolean }

export type Inputs = {
  configure(config: MessageOf<'configure'>): void
  /** The level of the pin, as it is now: low where a contact to ground is closed. */
  sense(input: number, high: boolean, atMs: number): void
  due(atMs: number): void
  dueMs(): number | null
  /** A bit an input: 1 is closed. */
  closed(): number
}

/** The inputs of a controller, pulled up: a level counts when it has stood for its time. */
export function inputsOf(count: number, changed: (input: number, closed: boolean, atMs: number) => void): Inputs {
  const inputs = Array.from({ length: Math.min(count, INPUTS_MAX) }, (): Input => {
    return { level: true, seen: true, seenAtMs: 0, debounceMs: DEBOUNCE_MS, activeHigh: false }
  })
  const isClosed = ({ level, activeHigh }: Input) => level === activeHigh
  return {
    configure({ active_high, debounce_ms }) {
      for (const [at, input] of inputs.entries()) {
        input.activeHigh = (active_high & (1 << at)) !== 0
        input.debounceMs = debounce_ms[at]!
      }
    },
    sense(at, high, atMs) {
      const input = inputs[at]
      if (input === undefined || input.seen === high) return
      input.seen = high
      input.seenAtMs = atMs
    },
    due(atMs) {
      for (const [at, input] of inputs.entries()) {
        if (input.seen === input.level || atMs < input.seenAtMs + input.debounceMs) continue
        input.level = input.seen
        changed(at, isClosed(input), atMs)
      }
    },
    dueMs() {
      const due = inputs.filter(({ seen, level }) => seen !== level).map(input => input.seenAtMs + input.debounceMs)
      return due.length === 0 ? null : Math.min(...due)
    },
    closed: () => inputs.reduce((bits, input, at) => bits | (isClosed(input) ? 1 << at : 0), 0),
  }
}
