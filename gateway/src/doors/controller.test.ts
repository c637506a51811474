import { NO_FAULTS } from '@gatehouse/firmware-protocol/line-faults.ts'
import { encodeMessage } from '@gatehouse/firmware-protocol/message.ts'
import { chanceFrom } from '@gatehouse/firmware-protocol/testing/pair.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { linePortOpener } from '../devices/open-port.ts'
import { systemClock } from '../devices/system-clock.ts'
import type { Clock, Health, OpenPort } from '../ports.ts'
import type { WireConfig } from '../simulators/config.ts'
import { controllerDevice } from '../simulators/controller-board.ts'
import { openWire } from '../simulators/open-wire.ts'
import { type HandClock, handClock } from '../testing/hand-clock.ts'
import { type MemoryPort, memoryPort } from '../testing/memory-port.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import type { BoardEvent } from './board-line.ts'
import { controllerBoard } from './controller.ts'
import { keptBoard, type OutputUse } from './kept-board.ts'

const STRIKE: OutputUse = { channel: 1, energised: 'unlock', pulseMs: 700, pulseMsMax: 30_000 }
const MAGNET: OutputUse = { channel: 2, energised: 'lock', pulseMs: 700, pulseMsMax: 30_000 }

const settled = () => new Promise(resolve => setImmediate(resolve))

type Device = ReturnType<typeof controllerDevice>

/** A gate's board over a line of the test's own. */
function gateOver(open: OpenPort, clock: Clock) {
  const healths: Health[] = []
  const events: string[] = []
  const outputs = [STRIKE, MAGNET]
  const driver = controllerBoard({ open, outputs, inputs: [1, 3], clock, random: chanceFrom(1) })
  const board = keptBoard({
    name: '/dev/controller',
    driver,
    outputs,
    report: health => healths.push(health),
    tell: event => events.push(wordsOf(event)),
    clock,
    random: () => 1,
  })
  const stop = new AbortController()
  return { board, driver, healths, events, stop, run: () => board.run(stop.signal) }
}

function wordsOf(event: BoardEvent | { readonly kind: 'lost' }): string {
  if (event.kind === 'input') return `${event.channel} ${event.closed ? 'closed' : 'open'}`
  return event.kind === 'fault' ? event.problem : event.kind
}

/** Lets time go by in steps that every part can keep up with. */
async function passOn(clock: HandClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10)
    await settled()
  }
}

/** Gate and controller in one process, on a clock that is moved by hand. */
async function joined() {
  const clock = handClock()
  let port: MemoryPort | null = null
  const device: Device = controllerDevice(null, { clock, send: bytes => port?.feed(bytes) })
  const open: OpenPort = async () => {
    port = memoryPort()
    port.answer = frame => {
      device.receive(frame)
      return null
    }
    return port
  }
  const gate = gateOver(open, clock)
  const pass = (ms: number) => passOn(clock, ms)
  const running = gate.run()
  onTestFinished(async () => {
    gate.stop.abort()
    // One that is not there is waited for: three seconds.
    for (let turn = 0; turn < 400; turn++) {
      clock.advance(10)
      await settled()
    }
    await running
  })
  await pass(50)
  return { ...gate, device, clock, pass, port: () => port! }
}

describe('a door controller', () => {
  test('is configured, brought to rest, and pulses for a grant; it ends the pulse by itself', async () => {
    const { board, healths, device, clock, pass } = await joined()
    expect(healths).toEqual([{ up: true }])
    expect([1, 2].map(channel => device.state(channel).energised)).toEqual([false, true])
    expect(await board.release(1, clock.monotonicMs())).toEqual({ ok: true, value: null })
    expect(device.state(1)).toMatchObject({ energised: true, pulses: 1 })
    await pass(690)
    expect(device.state(1).energised).toBe(true)
    await pass(10)
    expect(device.state(1)).toMatchObject({ energised: false, pulses: 1 })
  })

  test('opens a magnet by taking its current away', async () => {
    const { board, device, clock, pass } = await joined()
    await board.release(2, clock.monotonicMs())
    expect(device.state(2).energised).toBe(false)
    await pass(700)
    expect(device.state(2).energised).toBe(true)
  })

  test('a pulse that the line holds back does not open, and the person is told', async () => {
    const { board, device, clock, pass } = await joined()
    device.setFaults({ ...NO_FAULTS, delay: 0.9, delayMsMax: 1_400 }, () => 0.5)
    const released = board.release(1, clock.monotonicMs())
    await pass(400)
    expect(await released).toEqual({ ok: false, failure: 'no_answer' })
    await pass(2_000)
    expect(device.state(1).pulses).toBe(0)
  })

  test('a grant older than two seconds does not open', async () => {
    const { board, device, clock, pass } = await joined()
    const grantedAtMs = clock.monotonicMs()
    await pass(2_010)
    expect(await board.release(1, grantedAtMs)).toEqual({ ok: false, failure: 'too_late' })
    expect(device.state(1).pulses).toBe(0)
  })

  test('on a bad line a grant opens once or not at all', async () => {
    const { board, device, clock, pass } = await joined()
    device.setFaults({ drop: 0.2, corrupt: 0.2, duplicate: 0.3, delay: 0.2, delayMsMax: 80 }, chanceFrom(7))
    const results: boolean[] = []
    for (let person = 0; person < 40; person++) {
      const released = board.release(1, clock.monotonicMs()).then(result => results.push(result.ok))
      await pass(1_500)
      await released
    }
    const opened = results.filter(ok => ok).length
    expect(opened).toBeGreaterThan(20)
    expect(device.state(1).pulses).toBeGreaterThanOrEqual(opened)
    expect(device.state(1).pulses).toBeLessThanOrEqual(40)
    device.setFaults(NO_FAULTS, () => 1)
    await pass(5_000)
    expect(device.state(1).energised).toBe(false)
  })

  test('a line that is lost within a pulse does not keep it open', async () => {
    const { board, device, clock, pass, port, healths } = await joined()
    await board.release(1, clock.monotonicMs())
    device.setDeaf(true)
    port().hangUp(new Error('/dev/controller is gone'))
    await pass(700)
    expect(device.state(1)).toMatchObject({ energised: false, pulses: 1 })
    expect(healths.at(-1)).toEqual({ up: false, problem: '/dev/controller is gone' })
  })

  test('a controller that falls silent is down, with what to check, and is taken up again', async () => {
    const { board, device, clock, pass, healths } = await joined()
    device.setDeaf(true)
    await pass(3_100)
    expect(healths.at(-1)).toEqual({
      up: false,
      problem: 'the door controller says nothing: check its power, cable and baud rate (115200)',
    })
    expect(await board.release(1, clock.monotonicMs())).toEqual({ ok: false, failure: 'absent' })
    device.setDeaf(false)
    await pass(5_000)
    expect(healths.at(-1)).toEqual({ up: true })
    expect((await board.release(1, clock.monotonicMs())).ok).toBe(true)
  })

  test('a controller that loses its power within a pulse is configured again and opens for nobody', async () => {
    const { board, device, clock, pass, events } = await joined()
    await board.release(1, clock.monotonicMs())
    device.reboot()
    await pass(1_000)
    expect([1, 2].map(channel => device.state(channel).energised)).toEqual([false, true])
    expect(device.state(1).pulses).toBe(1)
    expect(events).toContain('the door controller began anew: check its power')
    expect((await board.release(1, clock.monotonicMs())).ok).toBe(true)
  })

  test('tells every level once, then each change, also of what happened while the gate was away', async () => {
    const { device, pass, events, port } = await joined()
    expect(events).toEqual(['1 open', '3 open'])
    device.contact(3, true)
    await pass(20)
    expect(events).toHaveLength(2)
    await pass(20)
    expect(events.slice(2)).toEqual(['3 closed'])
    port().hangUp()
    device.contact(3, false)
    await pass(50)
    device.contact(3, true)
    await pass(1_500)
    expect(events.slice(3)).toEqual(['lost', '3 open', '3 closed', '1 open'])
  })

  test('an event whose acknowledgement was lost is not heard again on the next line', async () => {
    const { device, pass, events, port } = await joined()
    device.contact(3, true)
    await pass(20)
    device.setDeaf(true)
    await pass(20)
    expect(events.slice(2)).toEqual(['3 closed'])
    port().hangUp()
    device.contact(3, false)
    device.setDeaf(false)
    await pass(2_000)
    expect(events.slice(3)).toEqual(['lost', '3 open', '1 open'])
  })

  test('what it locked without us is told when it is back', async () => {
    const clock = handClock()
    let port = memoryPort()
    const device = controllerDevice(null, { clock, send: bytes => port.feed(bytes) })
    const { driver } = gateOver(async () => port, clock)
    const heard: string[] = []
    const opened = async () => {
      port = memoryPort()
      port.answer = frame => {
        device.receive(frame)
        return null
      }
      const line = await driver.open(new AbortController().signal)
      line.listen(event => heard.push(wordsOf(event))).catch(() => {})
      await passOn(clock, 50)
      return line
    }
    const first = await opened()
    await first.flash!(1, true, 10_000)
    await first[Symbol.asyncDispose]()
    await passOn(clock, 3_000)
    expect(device.state(1)).toMatchObject({ energised: false, pulses: 1 })
    const second = await opened()
    expect(heard).toContain('the door controller was without us and locked what was open')
    await second[Symbol.asyncDispose]()
  })

  test('half a frame before the line is opened again is not joined to what comes after', async () => {
    const { pass, events, port } = await joined()
    const frame = encodeMessage({ name: 'input', session: 1, evt_seq: 1, uptime_ms: 1, lost: 0, input: 0, closed: 1 })
    port().feed(frame.subarray(0, 9))
    await settled()
    port().hangUp()
    await pass(500)
    port().feed(frame.subarray(9))
    await pass(100)
    expect(events).not.toContain('1 closed')
  })

  test('what is held stays so for as long as the gate says it, and no longer', async () => {
    const clock = handClock()
    const port = memoryPort()
    const device = controllerDevice(null, { clock, send: bytes => port.feed(bytes) })
    port.answer = frame => {
      device.receive(frame)
      return null
    }
    const { driver } = gateOver(async () => port, clock)
    const pass = (ms: number) => passOn(clock, ms)
    const line = await driver.open(new AbortController().signal)
    const listening = line.listen(() => {})
    await pass(50)
    expect(await line.set(1, true)).toEqual({ ok: true, value: null })
    await pass(10_000)
    expect(device.state(1)).toMatchObject({ energised: true, pulses: 1 })
    await line[Symbol.asyncDispose]()
    await listening
    await pass(3_000)
    expect(device.state(1).energised).toBe(false)
  })

  test('a pulse that a magnet cannot do is refused', async () => {
    const { driver } = gateOver(async () => memoryPort(), handClock())
    const line = await driver.open(new AbortController().signal)
    expect(await line.flash!(2, true, 700)).toEqual({ ok: false, failure: 'refused' })
    await line[Symbol.asyncDispose]()
  })
})

describe('over a real line', () => {
  /** Resolves when output 1 has gone on and off again. */
  async function onceThrough(config: WireConfig) {
    let send = (_bytes: Uint8Array) => {}
    const device = controllerDevice(null, { clock: systemClock, send: bytes => send(bytes) })
    const wire = await openWire(config, bytes => device.receive(bytes))
    send = bytes => wire.send(bytes)
    const up = Promise.withResolvers<void>()
    const changes: string[] = []
    const ended = Promise.withResolvers<void>()
    device.onChange((channel, energised) => {
      changes.push(`${channel} ${energised ? 'on' : 'off'}`)
      if (channel === 1 && !energised) ended.resolve()
    })
    const gate = gateOver(linePortOpener(wire.port), systemClock)
    const running = gate.run()
    onTestFinished(async () => {
      gate.stop.abort()
      await running
      await wire.close()
    })
    const watch = setInterval(() => gate.healths.at(-1)?.up && up.resolve(), 5)
    await up.promise
    clearInterval(watch)
    const released = await gate.board.release(1, systemClock.monotonicMs())
    await ended.promise
    return { released, changes }
  }

  test('TCP', async () => {
    expect(await onceThrough({ kind: 'tcp', port: 0 })).toEqual({
      released: { ok: true, value: null },
      changes: ['2 on', '1 on', '1 off'],
    })
  })

  test('a serial port', async () => {
    const link = `${await tempFolder()}/controller`
    expect(await onceThrough({ kind: 'pty', link, baudRate: 115_200 })).toEqual({
      released: { ok: true, value: null },
      changes: ['2 on', '1 on', '1 off'],
    })
  })
})
