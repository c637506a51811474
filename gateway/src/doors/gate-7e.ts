import { fail, ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver, BoardEvent } from './board-line.ts'
import { framesIn, type Measure } from './frames.ts'
import { polledLine } from './polled-line.ts'
import { wireOver } from './wire.ts'

const REQUEST_START = 0x7e
const STATUS_START = 0x7f
const STATUS_BYTES = 18

export const QUERY = 0x10
export const OPEN_LEFT = 0x80
export const OPEN_RIGHT = 0x82
export const CLOSE = 0x84

const BYTE_MS_MAX = 80
const ANSWER_MS_MAX = 300
const QUERY_EVERY_MS = 300

/** People that a query may have missed between two; more is a counter that was set anew. */
const PASSED_MAX = 8
const COUNTS = 1 << 24

/** All bytes and this one sum up to FF. */
export function gate7eSum(bytes: Uint8Array): number {
  return ~bytes.reduce((sum, byte) => sum + byte, 0) & 0xff
}

/** `7E`, 0, machine, command, three bytes, sum. */
export function gate7eFrame(machine: number, command: number, times = 0): Uint8Array {
  const head = Uint8Array.of(REQUEST_START, 0, machine, command, times, 0, 0)
  return Uint8Array.of(...head, gate7eSum(head))
}

/**
 * Of an answer of this machine, each of which is the state of the gate. Any eighteen bytes of two answers in a row have
 * the right sum, so that the number of the machine is looked at too.
 */
export function gate7eLength(machine: number): Measure {
  return bytes => {
    if (bytes[0] !== STATUS_START || (bytes.length > 2 && bytes[2] !== machine)) return 0
    if (bytes.length < STATUS_BYTES) return null
    const status = bytes.subarray(0, STATUS_BYTES)
    return gate7eSum(status.subarray(0, -1)) === status.at(-1) ? STATUS_BYTES : 0
  }
}

export type Gate7eStatus = {
  /** 0: none. What the numbers mean is not published. */
  readonly fault: number
  readonly alarm: number
  /** Who went through since the board was made or its counters were reset, modulo 2^24. */
  readonly left: number
  readonly right: number
}

/** `7F`, version, machine, fault, gate, alarm, left and right with the high byte first, infrared, executed, voltages, sum. */
export function gate7eStatus(frame: Uint8Array): Gate7eStatus {
  const count = (at: number) => (frame[at]! << 16) | (frame[at + 1]! << 8) | frame[at + 2]!
  return { fault: frame[3]!, alarm: frame[5]!, left: count(6), right: count(9) }
}

/** What is news in a state after the one before it; nothing in the first one but its troubles. */
export function gate7eNews(before: Gate7eStatus | null, now: Gate7eStatus): BoardEvent[] {
  const passed = (channel: number, side: 'left' | 'right'): BoardEvent[] => {
    const people = before === null ? 0 : (now[side] - before[side] + COUNTS) % COUNTS
    return people > PASSED_MAX ? [] : Array.from({ length: people }, () => ({ kind: 'passed', channel }))
  }
  const trouble = (name: 'fault' | 'alarm'): BoardEvent[] =>
    now[name] === 0 || now[name] === before?.[name]
      ? []
      : [{ kind: 'fault', problem: `the gate reports ${name} ${now[name]}: see its display and manual` }]
  return [...passed(1, 'left'), ...passed(2, 'right'), ...trouble('fault'), ...trouble('alarm')]
}

export type Gate7eNeeds = { readonly open: OpenPort; readonly machine: number; readonly clock: Clock }

/**
 * A swing gate whose board speaks frames that begin with 7E, 19200 8N1 (public ESP32 firmware for it; no manual was
 * found). Output 1 lets one person through to the left, 2 to the right; it locks again by itself and counts who went.
 */
export function gate7eBoard({ open, machine, clock }: Gate7eNeeds): BoardDriver {
  return {
    pulse: 'hardware-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock, 0, ANSWER_MS_MAX)
      let before: Gate7eStatus | null = null
      let tell = (_event: BoardEvent) => {}
      const ask = async (command: number, times = 0): Promise<boolean> => {
        const frames = framesIn(gate7eLength(machine), BYTE_MS_MAX)
        const read = (_received: Uint8Array, fresh: Uint8Array) => frames(fresh, clock.monotonicMs())[0] ?? null
        const answer = await wire.exchange(gate7eFrame(machine, command, times), read, ANSWER_MS_MAX)
        if (answer === null) return false
        const now = gate7eStatus(answer)
        for (const event of gate7eNews(before, now)) tell(event)
        before = now
        return true
      }
      const say = async (command: number, times = 0) => ((await ask(command, times)) ? ok(null) : fail('no_answer'))
      return {
        set: async (_channel, energised) => (energised ? fail('refused') : say(CLOSE)),
        flash: async (channel, energised) =>
          energised ? say(channel === 1 ? OPEN_LEFT : OPEN_RIGHT, 1) : fail('refused'),
        listen(told) {
          tell = told
          return polledLine({ line: wire.listen(), ask: () => ask(QUERY), everyMs: () => QUERY_EVERY_MS, clock })
        },
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
