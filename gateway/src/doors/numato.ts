import { ascii } from '@gatehouse/shared/bytes.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock, DoorFailure, OpenPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { inputLevels } from './input-levels.ts'
import { polledLine } from './polled-line.ts'
import { wireOver } from './wire.ts'

/** Relays and pins are counted from 0, the eleventh is A. */
const NUMBERS = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
const PROMPT = '>'
const ENDS_OF_LINE = ['\r', '\n']

const ANSWER_MS_MAX = 300
const LATE_MS_MAX = 200
const INPUTS_EVERY_MS = 50
const PRESENCE_EVERY_MS = 2_000

export function numatoNumber(channel: number): string {
  return NUMBERS[channel - 1]!
}

/** What the board says to a command: all between its echo and the prompt, trimmed; null: more must come. */
export function numatoAnswer(command: string, received: Uint8Array): string | null {
  const text = String.fromCharCode(...received)
  const echoAt = text.lastIndexOf(command)
  if (echoAt < 0 || !ENDS_OF_LINE.includes(text.charAt(echoAt + command.length))) return null
  const said = text.slice(echoAt + command.length)
  const promptAt = said.indexOf(PROMPT)
  return promptAt < 0 ? null : said.slice(0, promptAt).trim()
}

export type NumatoNeeds = {
  readonly open: OpenPort
  /** Pins that a contact is wired to, counted from 1. */
  readonly inputs: readonly number[]
  readonly clock: Clock
}

/**
 * A Numato USB relay module: words on a CDC port at any speed, each command echoed and answered up to a prompt
 * (numato.com/docs, "USB Relay Modules", section "The Command Set"). A contact lies between its pin and ground with a
 * resistor up to the supply: closed reads 0. It has no timer: the pulse is ours to end.
 */
export function numatoBoard({ open, inputs, clock }: NumatoNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open(signal) {
      const wire = wireOver(await open(signal), clock, 0, LATE_MS_MAX)
      const ask = (command: string) =>
        wire.exchange(ascii(`${command}\r`), received => numatoAnswer(command, received), ANSWER_MS_MAX)
      const told = async (command: string): Promise<Result<null, DoorFailure>> => {
        const answer = await ask(command)
        if (answer === null) return fail('no_answer')
        return answer === '' ? ok(null) : fail('refused')
      }
      return {
        async set(channel, energised) {
          const command = `relay ${energised ? 'on' : 'off'} ${numatoNumber(channel)}`
          const first = await told(command)
          // Half a command of an earlier program may have stood in its buffer: that is gone now.
          return first.ok ? first : told(command)
        },
        flash: null,
        listen(tell) {
          const levels = inputLevels(tell, clock)
          let areRead = inputs.length > 0
          return polledLine({
            line: wire.listen(),
            everyMs: () => (areRead ? INPUTS_EVERY_MS : PRESENCE_EVERY_MS),
            clock,
            async ask() {
              if (!areRead) return (await ask('ver')) !== null
              for (const channel of inputs) {
                const answer = await ask(`gpio read ${numatoNumber(channel)}`)
                if (answer === null) return false
                if (answer !== '0' && answer !== '1') {
                  areRead = false
                  tell({ kind: 'fault', problem: `the board has no input ${channel}: wire the contacts elsewhere` })
                  return true
                }
                levels.see(channel, answer === '0')
              }
              return true
            },
          })
        },
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  }
}
