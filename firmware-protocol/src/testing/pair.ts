import { dueMs, next } from '../command.ts'
import type { Configuration } from '../configuration.ts'
import { type Controller, controllerOf } from '../controller/controller.ts'
import { frameSplitter } from '../frame.ts'
import { type Deed, type Host, hostOf, NO_MEMORY, type Order } from '../host.ts'
import { arrivals, type LineFaults, NO_FAULTS } from '../line-faults.ts'
import { decodeMessage } from '../message.ts'

export const PAIR_CONFIG: Configuration = {
  outputs: [
    { output: 0, restEnergised: false, maxOnMs: 2_000 },
    { output: 1, restEnergised: true, maxOnMs: 1_000 },
  ],
  inputs: [0, 1].map(input => ({ input, activeHigh: false, debounceMs: 10 })),
}

export type Moved = {
  readonly output: number
  readonly energised: boolean
  readonly atMs: number
  readonly boot: number
}

/** A host and a controller on one line that can be made bad, and a clock that is moved by hand. Everything from one seed. */
export function pairOf(seed: number, config: Configuration = PAIR_CONFIG) {
  const random = chanceFrom(seed)
  const nonce = () => Math.floor(random() * 0x1_0000_0000)
  const deeds: (Deed & { readonly atMs: number; readonly boot: number })[] = []
  const moves: Moved[] = []
  let nowMs = 0
  let boots = 0
  const pending: { readonly atMs: number; readonly arrive: () => void }[] = []
  let faults: LineFaults = NO_FAULTS
  let isDeaf = false
  let split = frameSplitter()
  let host: Host = hostOf(config, nonce(), 0)

  const send = (bytes: Uint8Array, arrive: (bytes: Uint8Array) => void) => {
    for (const one of arrivals(bytes, faults, random)) {
      const atMs = nowMs + one.afterMs
      const entry = { atMs, arrive: () => arrive(one.bytes) }
      const behind = pending.findIndex(other => other.atMs > atMs)
      if (behind < 0) pending.push(entry)
      else pending.splice(behind, 0, entry)
    }
  }
  const toHost = (frames: readonly Uint8Array[]) => {
    for (const frame of frames)
      send(frame, bytes => {
        for (const one of split(bytes)) {
          const received = one.ok ? decodeMessage(one.value) : one
          if (received.ok) step({ kind: 'heard', received: received.value })
        }
      })
  }
  const step = (input: Parameters<typeof next>[1]) => {
    const taken = next(host, input, nowMs)
    host = taken.host
    for (const deed of taken.deeds) {
      deeds.push({ ...deed, atMs: nowMs, boot: boots })
      if (deed.kind === 'send') send(deed.bytes, bytes => !isDeaf && toHost(controller.take(bytes, nowMs)))
    }
  }
  let controller: Controller
  const powerOn = () => {
    boots++
    const boot = boots
    controller = controllerOf({
      bootNonce: nonce(),
      firmware: 0x0100,
      outputs: 8,
      inputs: 16,
      moved: (output, energised) => moves.push({ output, energised, atMs: nowMs, boot }),
    })
    toHost(controller.begin(nowMs))
  }
  powerOn()
  step({ kind: 'opened' })

  const reopen = () => {
    split = frameSplitter()
    host = hostOf(config, nonce(), nowMs, host)
    step({ kind: 'opened' })
  }

  return {
    deeds,
    moves,
    now: () => nowMs,
    host: () => host,
    controller: () => controller,
    boots: () => boots,
    /** What came of an order. */
    outcomeOf: (id: number) => deeds.flatMap(deed => (deed.kind === 'settled' && deed.id === id ? [deed.outcome] : [])),
    order: (order: Order) => step({ kind: 'order', order }),
    sense: (input: number, high: boolean) => toHost(controller.sense(input, high, nowMs)),
    setFaults(next: LineFaults) {
      faults = next
    },
    setDeaf(deaf: boolean) {
      isDeaf = deaf
    },
    reboot() {
      for (const output of config.outputs.keys())
        if (controller.isEnergised(output)) moves.push({ output, energised: false, atMs: nowMs, boot: boots })
      powerOn()
    },
    /** The process of the host is killed and starts anew: it remembers nothing. */
    restartHost() {
      host = { ...host, ...NO_MEMORY }
      reopen()
    },
    /** Lets time go by; a host that is offline opens the line again. */
    run(ms: number) {
      const endMs = nowMs + ms
      for (;;) {
        const dues = [pending[0]?.atMs, dueMs(host), controller.dueMs(), host.phase === 'offline' ? nowMs + 100 : null]
        const at = Math.min(...dues.filter(due => due !== null && due !== undefined), endMs)
        nowMs = Math.max(nowMs, at)
        const arriving = pending[0]
        if (arriving !== undefined && arriving.atMs <= nowMs) {
          pending.shift()
          arriving.arrive()
          continue
        }
        if (host.phase === 'offline') reopen()
        const hostDue = dueMs(host)
        if (hostDue !== null && hostDue <= nowMs) step({ kind: 'time' })
        const controllerDue = controller.dueMs()
        if (controllerDue !== null && controllerDue <= nowMs) toHost(controller.due(nowMs))
        if (nowMs >= endMs && !(pending[0] && pending[0].atMs <= nowMs)) return
      }
    },
  }
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
