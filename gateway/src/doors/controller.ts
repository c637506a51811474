import { dueMs, type HostInput, next } from '@gatehouse/firmware-protocol/command.ts'
import { type Configuration, DEBOUNCE_MS } from '@gatehouse/firmware-protocol/configuration.ts'
import { frameSplitter } from '@gatehouse/firmware-protocol/frame.ts'
import {
  type Deed,
  hostOf,
  type Memory,
  NO_MEMORY,
  type OfflineReason,
  type Order,
  type Outcome,
} from '@gatehouse/firmware-protocol/host.ts'
import { decodeMessage } from '@gatehouse/firmware-protocol/message.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { BytePort, Clock, DoorFailure, OpenPort } from '../ports.ts'
import type { BoardDriver, BoardEvent, BoardLine } from './board-line.ts'
import type { OutputUse } from './kept-board.ts'

/** An output that is held is held for so long, and told again in time: a gate that is killed holds nothing open. */
const LEASE_MS = 3_000
const RENEW_MS = 1_000

const NONCES = 0x1_0000_0000

export type ControllerNeeds = {
  readonly open: OpenPort
  readonly outputs: readonly OutputUse[]
  /** Channels of the inputs that contacts hang on. */
  readonly inputs: readonly number[]
  readonly clock: Clock
  readonly random: () => number
}

/**
 * Our own door controller (docs/door-protocol.md): it ends every pulse by itself, executes a grant once, does not open
 * for one that the line held back, and brings everything to rest when it hears nothing for three seconds.
 */
export function controllerBoard({ open, outputs, inputs, clock, random }: ControllerNeeds): BoardDriver {
  const config: Configuration = {
    outputs: outputs.map(({ channel, energised, pulseMsMax }) => ({
      output: channel - 1,
      restEnergised: energised === 'lock',
      maxOnMs: pulseMsMax,
    })),
    inputs: inputs.map(channel => ({ input: channel - 1, activeHigh: false, debounceMs: DEBOUNCE_MS })),
  }
  let memory: Memory = NO_MEMORY
  return {
    pulse: 'hardware-timed',
    async open(signal) {
      const port = await open(signal)
      const nonce = Math.floor(random() * NONCES)
      const remember = (known: Memory) => {
        memory = known
      }
      return controllerLine({ port, config, nonce, memory, clock, remember })
    },
  }
}

type LineNeeds = {
  readonly port: BytePort
  readonly config: Configuration
  readonly nonce: number
  readonly memory: Memory
  readonly clock: Clock
  readonly remember: (memory: Memory) => void
}

type WithoutId<One> = One extends Order ? Omit<One, 'id'> : never
type Wanted = WithoutId<Order>

function controllerLine({ port, config, nonce, memory, clock, remember }: LineNeeds): BoardLine {
  const closed = new AbortController()
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  const unsettled = new Map<number, (outcome: Outcome) => void>()
  const holding = new Map<number, symbol>()
  // Nothing is heard of the line before somebody listens.
  let tell = (_event: BoardEvent) => {}
  let host = hostOf(config, nonce, clock.monotonicMs(), memory)
  let wake = new AbortController()
  let orders = 0

  const take = (input: HostInput) => {
    if (closed.signal.aborted) return
    const step = next(host, input, clock.monotonicMs())
    host = step.host
    remember({ boot: host.boot, nextEvent: host.nextEvent })
    for (const deed of step.deeds) perform(deed)
    wake.abort()
  }
  const perform = (deed: Deed) => {
    if (deed.kind === 'send') void port.write(deed.bytes).catch(lost.reject)
    else if (deed.kind === 'settled') {
      unsettled.get(deed.id)?.(deed.outcome)
      unsettled.delete(deed.id)
    } else if (deed.kind === 'offline') lost.reject(new Error(SENTENCES[deed.why]))
    else if (deed.kind === 'input') tell({ kind: 'input', channel: deed.input + 1, closed: deed.closed })
    else if (deed.kind === 'rebooted')
      tell({ kind: 'fault', problem: 'the door controller began anew: check its power' })
    else if (deed.kind === 'lost')
      tell({
        kind: 'fault',
        problem: `${deed.count} events of the door controller were pushed out before we heard them`,
      })
    else if (deed.kind === 'safe' && deed.ended !== 0)
      tell({ kind: 'fault', problem: 'the door controller was without us and locked what was open' })
  }
  const order = async (what: Wanted): Promise<Result<null, DoorFailure>> => {
    if (closed.signal.aborted) return fail('absent')
    const id = orders++
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    unsettled.set(id, resolve)
    take({ kind: 'order', order: { ...what, id } })
    return resultOf(await promise)
  }
  const keepTime = async () => {
    while (!closed.signal.aborted) {
      wake = new AbortController()
      const due = dueMs(host)
      if (due === null) return
      await clock.after(Math.max(0, due - clock.monotonicMs()), wake.signal)
      if (!wake.signal.aborted) take({ kind: 'time' })
    }
  }
  const renew = async (channel: number, hold: symbol) => {
    for (;;) {
      await clock.after(RENEW_MS, closed.signal)
      if (closed.signal.aborted || holding.get(channel) !== hold) return
      void order({ kind: 'hold', output: channel - 1, ms: LEASE_MS })
    }
  }
  const read = async () => {
    const split = frameSplitter()
    for await (const chunk of port.incoming) {
      for (const one of split(chunk)) {
        const received = one.ok ? decodeMessage(one.value) : one
        if (received.ok) take({ kind: 'heard', received: received.value })
      }
    }
  }
  const isRest = (channel: number, energised: boolean) =>
    config.outputs.some(({ output, restEnergised }) => output === channel - 1 && restEnergised) === energised

  take({ kind: 'opened' })
  void keepTime()

  return {
    async set(channel, energised) {
      holding.delete(channel)
      if (isRest(channel, energised)) return order({ kind: 'release', output: channel - 1 })
      const hold = Symbol()
      holding.set(channel, hold)
      void renew(channel, hold)
      return order({ kind: 'hold', output: channel - 1, ms: LEASE_MS })
    },
    async flash(channel, energised, ms) {
      // A lock that is at rest by current is not opened by more of it.
      if (isRest(channel, energised)) return fail('refused')
      return order({ kind: 'pulse', output: channel - 1, ms })
    },
    async listen(hear) {
      tell = hear
      await Promise.race([read(), lost.promise])
    },
    async [Symbol.asyncDispose]() {
      closed.abort()
      wake.abort()
      holding.clear()
      for (const settle of unsettled.values()) settle('no_answer')
      unsettled.clear()
      await port[Symbol.asyncDispose]()
    },
  }
}

function resultOf(outcome: Outcome): Result<null, DoorFailure> {
  return outcome === 'done' ? ok(null) : fail(outcome)
}

const SENTENCES: Record<OfflineReason, string> = {
  silent: 'the door controller says nothing: check its power, cable and baud rate (115200)',
  not_understood: 'the door controller speaks another version: bring its firmware up to date',
  not_configured: 'the door controller did not take its configuration: bring its firmware up to date',
  too_small: 'the door controller has fewer outputs or inputs than are configured: check the channels',
}
