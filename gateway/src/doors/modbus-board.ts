import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock, DoorFailure, OpenPort } from '../ports.ts'
import type { BoardDriver, BoardEvent } from './board-line.ts'
import { inputLevels } from './input-levels.ts'
import { COIL_OFF, COIL_ON, exceptionOf, isOn, readCoils, readInputs, writeCoil } from './modbus.ts'
import { rtuFraming, tcpFraming } from './modbus-framing.ts'
import { polledLine } from './polled-line.ts'
import { type Wire, wireOver } from './wire.ts'

/** 300 ms is the slowest answer seen at 9600 baud behind an FTDI and its 16 ms; beyond it the person is told. */
const ANSWER_MS_MAX = 300
/** An answer that comes later than that comes within this, or never. */
const LATE_MS_MAX = 200

/** A turnstile's contact is closed for 200 ms and more. */
const INPUTS_EVERY_MS = 50
/** Without inputs there is nothing to hear, but a board that lost its power shall be missed before somebody stands there. */
const PRESENCE_EVERY_MS = 2_000
/** Boards have 8 inputs or a multiple, and are asked for whole bytes. */
const INPUTS_STEP = 8
const COILS_ASKED = 8

export type ModbusNeeds = {
  readonly open: OpenPort
  readonly address: number
  readonly framing: 'rtu' | 'tcp'
  /** Silence before each frame. */
  readonly quietMs: number
  /** Inputs that something is wired to, counted from 1; none: they are not asked for. */
  readonly inputs: readonly number[]
  readonly clock: Clock
}

/** What a model says to end a pulse by itself; null: it cannot. */
export type FlashRequest = ((channel: number, energised: boolean, ms: number) => Uint8Array) | null

/**
 * A relay board on Modbus: coils by function 5, inputs by function 2. Bringing a coil to a level twice changes nothing,
 * so that is asked once more where no answer came; a flash is not, and toggle is never used.
 */
export function modbusBoard({ open, address, framing, quietMs, inputs, clock }: ModbusNeeds, flashed: FlashRequest) {
  return {
    pulse: flashed === null ? 'software-timed' : 'hardware-timed',
    async open(signal) {
      const isTcp = framing === 'tcp'
      const wire = wireOver(await open(signal), clock, isTcp ? 0 : quietMs, isTcp ? 0 : LATE_MS_MAX)
      const framed = isTcp ? tcpFraming(address) : rtuFraming(address)
      const ask = (request: Uint8Array) => {
        const { bytes, answer } = framed(request)
        return wire.exchange(bytes, answer, ANSWER_MS_MAX)
      }
      const done = async (request: Uint8Array): Promise<Result<null, DoorFailure>> => {
        const answer = await ask(request)
        if (answer === null) return fail('no_answer')
        return exceptionOf(answer) === null ? ok(null) : fail('refused')
      }
      return {
        async set(channel, energised) {
          const request = writeCoil(channel - 1, energised ? COIL_ON : COIL_OFF)
          const first = await done(request)
          return !first.ok && first.failure === 'no_answer' ? done(request) : first
        },
        flash: flashed === null ? null : (channel, energised, ms) => done(flashed(channel, energised, ms)),
        listen: tell => listened({ wire, ask, inputs, tell, clock }),
        [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
      }
    },
  } satisfies BoardDriver
}

type Listened = {
  readonly wire: Wire
  readonly ask: (request: Uint8Array) => Promise<Uint8Array | null>
  readonly inputs: readonly number[]
  readonly tell: (event: BoardEvent) => void
  readonly clock: Clock
}

function listened({ wire, ask, inputs, tell, clock }: Listened): Promise<void> {
  const levels = inputLevels(tell, clock)
  const count = Math.ceil(Math.max(0, ...inputs) / INPUTS_STEP) * INPUTS_STEP
  let areRead = inputs.length > 0
  return polledLine({
    line: wire.listen(),
    everyMs: () => (areRead ? INPUTS_EVERY_MS : PRESENCE_EVERY_MS),
    clock,
    async ask() {
      const answer = await ask(areRead ? readInputs(count) : readCoils(COILS_ASKED))
      if (answer === null) return false
      const exception = exceptionOf(answer)
      if (!areRead) return true
      if (exception !== null) {
        areRead = false
        tell({
          kind: 'fault',
          problem: `the board has no ${count} inputs (exception ${exception}): wire the contacts elsewhere`,
        })
        return true
      }
      for (const channel of inputs) levels.see(channel, isOn(answer, channel))
      return true
    },
  })
}
