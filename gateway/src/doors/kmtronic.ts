import { fail, ok } from '@gatehouse/shared/result.ts'
import type { Clock, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { polledLine } from './polled-line.ts'
import { wireOver } from './wire.ts'

const START = 0xff
const ASK_ONE = 0x03
/** In the place of the relay: all of them. */
const ALL = 0x09

const ANSWER_MS_MAX = 300
const LATE_MS_MAX = 200
const PRESENCE_EVERY_MS = 2_000

/** `FF`, relay, 1 on or 0 off. */
export function kmtronicFrame(relay: number, on: boolean): Uint8Array {
  return Uint8Array.of(START, relay, on ? 1 : 0)
}

/** What a board is asked for the state of a relay: with one or two relays each by itself, with more all at once. */
export function kmtronicStatus(relays: number, relay: number): Uint8Array {
  return relays <= 2 ? Uint8Array.of(START, relay, ASK_ONE) : Uint8Array.of(START, ALL, 0)
}

/** Whether the relay is on; null: more must come. One or two answer `FF` relay state, four and eight a byte for each relay, bare. */
export function kmtronicIsOn(relays: number, relay: number, received: Uint8Array): boolean | null {
  const isState = (byte: number | undefined) => byte === 0 || byte === 1
  if (relays > 2) {
    const states = received.subarray(-relays)
    return states.length === relays && states.every(isState) ? states[relay - 1] === 1 : null
  }
  for (let at = 0; at + 2 < received.length; at++) {
    const isMine = received[at] === START && received[at + 1] === relay
    if (isMine && isState(received[at + 2])) return received[at + 2] === 1
  }
  return null
}

export type KmtronicNeeds = { readonly open: OpenPort; readonly relays: number; readonly clock: Clock }

/**
 * A KMTronic USB or RS-232 board with 1, 2, 4 or 8 relays, 9600 8N1 (info.kmtronic.com, "USB Relay Test software"). It
 * does not say that it has done something, so it is asked for its state after each command. It has no timer: the pulse is ours to end.
 */
export function kmtronicBoard({ open, relays, clock }: KmtronicNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock, 0, LATE_MS_MAX)
      const isOn = (relay: number) =>
        wire.exchange(kmtronicStatus(relays, relay), received => kmtronicIsOn(relays, relay, received), ANSWER_MS_MAX)
      return {
        async set(channel, energised) {
          await wire.write(kmtronicFrame(channel, energised))
          const on = await isOn(channel)
          if (on === null) return fail('no_answer')
          return on === energised ? ok(null) : fail('refused')
        },
        flash: null,
        listen: () =>
          polledLine({
            line: wire.listen(),
            ask: async () => (await isOn(1)) !== null,
            everyMs: () => PRESENCE_EVERY_MS,
            clock,
          }),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
