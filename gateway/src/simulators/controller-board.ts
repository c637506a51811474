import { randomInt } from 'node:crypto'
import { type Controller, controllerOf } from '@gatehouse/firmware-protocol/controller/controller.ts'
import { frameSplitter } from '@gatehouse/firmware-protocol/frame.ts'
import { arrivals, type LineFaults, NO_FAULTS } from '@gatehouse/firmware-protocol/line-faults.ts'
import { decodeMessage } from '@gatehouse/firmware-protocol/message.ts'
import { INPUTS_MAX, OUTPUTS_MAX } from '@gatehouse/firmware-protocol/messages.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { relayContacts } from './relay-contacts.ts'

const FIRMWARE = 0x0100
const NONCES = 0x1_0000_0000

/** A door controller that can be given a bad line, a deaf ear or a loss of power. */
export type ControllerDevice = BoardDevice & {
  /** From now on, in both directions. `random`: from 0 to below 1. */
  setFaults(faults: LineFaults, random: () => number): void
  setDeaf(deaf: boolean): void
  /** Power off and on: all outputs without current, nothing remembered. */
  reboot(): void
}

/** Our own door controller, as its firmware behaves. */
export function controllerDevice(_config: unknown, { send, clock }: FarEnd): ControllerDevice {
  const contacts = relayContacts()
  const pins = Array.from({ length: INPUTS_MAX }, () => true)
  let isDeaf = false
  let faults = NO_FAULTS
  let random = () => 1
  let wake = new AbortController()
  let controller: Controller
  let frames = frameSplitter()

  const over = (bytes: Uint8Array, arrive: (bytes: Uint8Array) => void) => {
    for (const one of arrivals(bytes, faults, random)) {
      if (one.afterMs === 0) arrive(one.bytes)
      else void clock.after(one.afterMs).then(() => arrive(one.bytes))
    }
  }
  const say = (all: readonly Uint8Array[]) => {
    for (const frame of all) over(frame, send)
    wake.abort()
  }
  const keepTime = async (of: Controller) => {
    while (of === controller) {
      wake = new AbortController()
      const due = of.dueMs()
      const waited = due === null ? woken(wake.signal) : clock.after(due - clock.monotonicMs(), wake.signal)
      await waited
      if (of === controller && !wake.signal.aborted) say(of.due(clock.monotonicMs()))
    }
  }
  const powerOn = () => {
    frames = frameSplitter()
    controller = controllerOf({
      bootNonce: randomInt(NONCES),
      firmware: FIRMWARE,
      outputs: OUTPUTS_MAX,
      inputs: INPUTS_MAX,
      moved: (output, energised) => contacts.set(output + 1, energised),
    })
    say(controller.begin(clock.monotonicMs()))
    for (const [input, high] of pins.entries()) controller.sense(input, high, clock.monotonicMs())
    void keepTime(controller)
  }
  /** Kept for whoever asks; heartbeats would push out all else. */
  const note = (bytes: Uint8Array) => {
    for (const one of frames(bytes)) {
      const received = one.ok ? decodeMessage(one.value) : one
      if (one.ok && received.ok && received.value.message.name !== 'heartbeat') contacts.heard(one.value)
    }
  }
  powerOn()

  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact(channel, closed) {
      const high = !closed
      if (pins[channel - 1] === undefined) return
      pins[channel - 1] = high
      say(controller.sense(channel - 1, high, clock.monotonicMs()))
    },
    receive(chunk) {
      over(chunk, bytes => {
        if (isDeaf) return
        note(bytes)
        say(controller.take(bytes, clock.monotonicMs()))
      })
    },
    setFaults(next, chance) {
      faults = next
      random = chance
    },
    setDeaf(deaf) {
      isDeaf = deaf
    },
    reboot() {
      wake.abort()
      for (let output = 1; output <= OUTPUTS_MAX; output++) contacts.set(output, false)
      powerOn()
    },
  }
}

function woken(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
