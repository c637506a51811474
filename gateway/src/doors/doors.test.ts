import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import type { Clock, Health, OpenPort } from '../ports.ts'
import { handClock } from '../testing/hand-clock.ts'
import { type MemoryPort, memoryPort } from '../testing/memory-port.ts'
import { modbusFrame, protocolVectors } from '../testing/protocol-vectors.ts'
import type { BoardDriver } from './board-line.ts'
import { keptBoard } from './kept-board.ts'
import { lcusBoard, lcusFrame } from './lcus.ts'
import { modbusFlashBoard } from './modbus-flash.ts'

const OFF = protocolVectors.lcus.off1!.toLowerCase()
const ON = protocolVectors.lcus.on1!.toLowerCase()
const FLASH = modbusFrame('flash-on ch1 700ms')
const COIL_OFF = modbusFrame('ch1 off')

const settled = () => new Promise(resolve => setImmediate(resolve))

type MakeDriver = (open: OpenPort, clock: Clock) => BoardDriver

const lcus: MakeDriver = (open, clock) => lcusBoard({ open, clock })
const flash: MakeDriver = (open, clock) =>
  modbusFlashBoard({ open, address: 1, framing: 'rtu', quietMs: 0, inputs: [], clock })

async function running(make: MakeDriver, ports: MemoryPort[] = [memoryPort()], clock = handClock()) {
  const [port] = ports as [MemoryPort]
  const healths: Health[] = []
  const stop = new AbortController()
  const open: OpenPort = async () => {
    const next = ports.shift()
    if (!next) throw new Error('there is no /dev/relay: plug the device in')
    return next
  }
  const board = keptBoard({
    name: '/dev/relay',
    driver: make(open, clock),
    outputs: [{ channel: 1, energised: 'unlock', pulseMs: 700, pulseMsMax: 30_000 }],
    report: health => healths.push(health),
    tell() {},
    clock,
    random: () => 1,
  })
  const run = board.run(stop.signal)
  await port.frames(1)
  await settled()
  const door = { release: (grantedAtMs: number) => board.release(1, grantedAtMs) }
  return { board, door, port, healths, stop, run, clock }
}

describe('an LCUS relay', () => {
  for (const channel of [1, 2, 4, 8]) {
    test(`channel ${channel} says what the manual says`, () => {
      expect(toHex(lcusFrame(channel, true))).toBe(protocolVectors.lcus[`on${channel}`]!.toLowerCase())
      expect(toHex(lcusFrame(channel, false))).toBe(protocolVectors.lcus[`off${channel}`]!.toLowerCase())
    })
  }

  test('is off before anything else, on for a grant, and off when the pulse is over', async () => {
    const { door, port, clock } = await running(lcus)
    expect(port.written).toEqual([OFF])
    expect(await door.release(clock.monotonicMs())).toEqual({ ok: true, value: null })
    expect(port.written).toEqual([OFF, ON])
    clock.advance(699)
    await settled()
    expect(port.written).toEqual([OFF, ON])
    clock.advance(1)
    await port.frames(3)
    expect(port.written).toEqual([OFF, ON, OFF])
  })

  test('people one after the other keep it open for half a minute and no longer', async () => {
    const { door, port, clock } = await running(lcus)
    for (let person = 0; person < 100; person++) {
      await door.release(clock.monotonicMs())
      clock.advance(500)
      await settled()
      if (port.written.filter(frame => frame === OFF).length > 1) break
    }
    expect(clock.monotonicMs()).toBe(30_000)
  })

  test('a stop within a pulse takes the power off and closes the line', async () => {
    const { door, port, clock, stop, run } = await running(lcus)
    await door.release(clock.monotonicMs())
    stop.abort()
    await run
    expect(port.written).toEqual([OFF, ON, OFF])
    expect(port.closed).toBe(true)
  })

  test('a line lost within a pulse is made safe when it is back, and nothing opens', async () => {
    const [first, second] = [memoryPort(), memoryPort()]
    const { door, clock, healths } = await running(lcus, [first, second])
    await door.release(clock.monotonicMs())
    first.hangUp(new Error('/dev/relay is gone'))
    await settled()
    expect(await door.release(clock.monotonicMs())).toEqual({ ok: false, failure: 'absent' })
    clock.advance(100)
    await second.frames(1)
    await settled()
    clock.advance(10_000)
    await settled()
    expect(second.written).toEqual([OFF])
    expect(healths.map(health => health.up)).toEqual([true, false, true])
  })

  test('a grant older than two seconds does not open', async () => {
    const { door, port, clock } = await running(lcus)
    const grantedAtMs = clock.monotonicMs()
    clock.advance(2_001)
    expect(await door.release(grantedAtMs)).toEqual({ ok: false, failure: 'too_late' })
    expect(port.written).toEqual([OFF])
  })
})

describe('a Modbus flash-on relay', () => {
  const echoing = () => {
    const port = memoryPort()
    port.answer = frame => frame
    return port
  }

  test('is asked to be off first, and flashes once for a grant', async () => {
    const { door, port, clock, healths } = await running(flash, [echoing()])
    expect(await door.release(clock.monotonicMs())).toEqual({ ok: true, value: null })
    expect(port.written).toEqual([COIL_OFF, FLASH])
    expect(healths).toEqual([{ up: true }])
  })

  test('a flash without an answer is told and never sent again', async () => {
    const port = echoing()
    const { door, clock } = await running(flash, [port])
    port.answer = () => null
    const released = door.release(clock.monotonicMs())
    await port.frames(2)
    await settled()
    clock.advance(300)
    expect(await released).toEqual({ ok: false, failure: 'no_answer' })
    expect(port.written).toEqual([COIL_OFF, FLASH])
  })

  test('a late answer to one request is not taken for the next', async () => {
    const port = echoing()
    const { door, clock } = await running(flash, [port])
    port.answer = () => null
    port.feed(fromHex(FLASH)!)
    await settled()
    const released = door.release(clock.monotonicMs())
    await port.frames(2)
    await settled()
    clock.advance(300)
    expect((await released).ok).toBe(false)
  })

  test('a board that does not answer is down, with what to check', async () => {
    const clock = handClock()
    const { port, healths } = await running(flash, [memoryPort()], clock)
    expect(port.written).toEqual([COIL_OFF])
    clock.advance(300)
    await settled()
    // To be off is asked once more: what came late to the first would have come by now.
    clock.advance(200)
    await port.frames(2)
    expect(port.written).toEqual([COIL_OFF, COIL_OFF])
    await settled()
    clock.advance(300)
    await settled()
    expect(healths[0]).toEqual({
      up: false,
      problem: 'the board on /dev/relay does not answer (no_answer): check its power, address and wiring',
    })
  })
})
