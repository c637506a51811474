import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boardOnTable, gateAt, settled } from '../testing/board-in-hand.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryPort } from '../testing/memory-port.ts'
import { modbusFrame, protocolVectors } from '../testing/protocol-vectors.ts'
import { exceptionOf, isOn, readCoils, readInputs, writeCoil, writeRegisters } from './modbus.ts'
import { rtuFrame, rtuFraming, silenceMs, tcpFraming } from './modbus-framing.ts'
import { wireOver } from './wire.ts'

const FLASH = modbusFrame('flash-on ch1 700ms')

describe('Modbus frames', () => {
  const frames: Readonly<Record<string, Uint8Array>> = {
    'ch1 on': rtuFrame(1, writeCoil(0, 0xff00)),
    'ch1 off': rtuFrame(1, writeCoil(0, 0)),
    'ch1 toggle': rtuFrame(1, writeCoil(0, 0x5500)),
    'read 8 coils': rtuFrame(1, readCoils(8)),
    'read 8 inputs': rtuFrame(1, readInputs(8)),
    'all on V2': rtuFrame(1, writeCoil(0xff, 0xff00)),
    'all off': rtuFrame(1, writeCoil(0xff, 0)),
    'all on V1': rtuFrame(1, writeCoil(0xff, 0xffff)),
    'flash-on ch1 700ms': rtuFrame(1, writeCoil(0x0200, 7)),
    'flash-on ch2 800ms': rtuFrame(1, writeCoil(0x0201, 8)),
    'flash-off ch1 500ms': rtuFrame(1, writeCoil(0x0400, 5)),
    'flash-off ch2 800ms': rtuFrame(1, writeCoil(0x0401, 8)),
    'LC FF ch1 on': rtuFrame(255, writeCoil(0, 0xff00)),
    'LC flash-on ch1 2s (FC16)': rtuFrame(255, writeRegisters(3, [4, 20])),
    'LC flash-off ch1 3s': rtuFrame(255, writeRegisters(3, [2, 30])),
    'LC read coils': rtuFrame(255, readCoils(8)),
    'LC read inputs': rtuFrame(255, readInputs(8)),
  }
  test.each(protocolVectors.modbusRtu)('$name', ({ name }) => {
    expect(toHex(frames[name]!)).toBe(modbusFrame(name))
  })

  test.each([
    ['unit1 ch1 on txn1', 0, 0xff00],
    ['flash-on ch1 700ms txn2', 0x0200, 7],
  ])('TCP: %s', (name, coil, value) => {
    const framing = tcpFraming(1)
    const frames = [framing(writeCoil(coil, value)), framing(writeCoil(coil, value))]
    expect(frames.map(({ bytes }) => toHex(bytes))).toContain(protocolVectors.modbusTcp[name]!.toLowerCase())
  })

  test('the published answer of a board with eight inputs', () => {
    const answer = rtuFraming(255)(readInputs(8)).answer(fromHex('ff02010151a0')!)!
    expect([1, 2, 8].map(channel => isOn(answer, channel))).toEqual([true, false, false])
  })

  test.each([
    [9_600, 4.01],
    [19_200, 2.01],
    [38_400, 1.75],
    [115_200, 1.75],
  ])('at %d baud a frame begins after %d ms of silence', (baudRate, ms) => {
    expect(silenceMs(baudRate)).toBeCloseTo(ms, 2)
  })
})

const REQUESTS = { coil: writeCoil(0x0200, 7), inputs: readInputs(16), registers: writeRegisters(3, [4, 20]) }
/** What a board answers to them, without its frame. */
const ANSWERS = {
  coil: REQUESTS.coil,
  inputs: Uint8Array.of(2, 2, 0x81, 0x01),
  registers: REQUESTS.registers.subarray(0, 5),
}

describe.each(['coil', 'inputs', 'registers'] as const)('the answer to %s', name => {
  const [request, answer] = [REQUESTS[name], ANSWERS[name]]
  const rtu = rtuFraming(1)(request)
  const good = rtuFrame(1, answer)

  test('counts when it is whole, behind noise and in front of it', () => {
    expect(toHex(rtu.answer(good)!)).toBe(toHex(answer))
    expect(toHex(rtu.answer(concat(fromHex('00ff0105')!, good, fromHex('aa')!))!)).toBe(toHex(answer))
    for (let length = 0; length < good.length; length++) expect(rtu.answer(good.subarray(0, length))).toBeNull()
  })

  test('and not with one bit of it wrong', () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const wrong = Uint8Array.from(good)
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      expect(rtu.answer(wrong)).toBeNull()
    }
  })

  test('nor from another board, nor to another request', () => {
    expect(rtu.answer(rtuFrame(2, answer))).toBeNull()
    expect(rtu.answer(rtuFrame(1, writeCoil(1, 0xff00)))).toBeNull()
    expect(rtu.answer(rtuFrame(1, Uint8Array.of(2, 1, 0)))).toBeNull()
  })

  test('an exception counts only with its CRC, and says why', () => {
    const exception = rtuFrame(1, Uint8Array.of(request[0]! | 0x80, 2))
    expect(exceptionOf(rtu.answer(exception)!)).toBe(2)
    exception[4]! ^= 1
    expect(rtu.answer(exception)).toBeNull()
  })

  test('in TCP it counts only with the number of its request', () => {
    const framing = tcpFraming(1)
    const [first, second] = [framing(request), framing(request)]
    const answered = concat(first.bytes.subarray(0, 5), Uint8Array.of(answer.length + 1, 1), answer)
    expect(toHex(first.answer(concat(fromHex('0001')!, answered))!)).toBe(toHex(answer))
    expect(second.answer(answered)).toBeNull()
    for (let bit = 0; bit < 7 * 8; bit++) {
      const wrong = Uint8Array.from(answered)
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      expect(first.answer(wrong)).toBeNull()
    }
  })
})

test('whatever bytes come, they are an answer or none', () => {
  const framings = [rtuFraming(1), tcpFraming(1)]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), bytes => {
      for (const request of Object.values(REQUESTS)) {
        for (const framing of framings) expect(() => framing(request).answer(bytes)).not.toThrow()
      }
    }),
  )
})

describe('a line to a board', () => {
  test('is silent before each frame', async () => {
    const [port, clock] = [memoryPort(), handClock()]
    const wire = wireOver(port, clock, 4)
    await wire.write(Uint8Array.of(1))
    const second = wire.write(Uint8Array.of(2))
    await settled()
    clock.advance(3)
    await settled()
    expect(port.written).toEqual(['01'])
    clock.advance(1)
    await second
    expect(port.written).toEqual(['01', '02'])
  })

  test('an answer that is late falls into the silence, and is not taken for the next', async () => {
    const [port, clock] = [memoryPort(), handClock()]
    const wire = wireOver(port, clock, 0, 200)
    void wire.listen()
    const ask = (byte: number) => wire.exchange(Uint8Array.of(byte), received => received[0]!, 300)
    const first = ask(1)
    await settled()
    clock.advance(300)
    expect(await first).toBeNull()
    const second = ask(2)
    await settled()
    port.feed(Uint8Array.of(0x11))
    await settled()
    expect(port.written).toEqual(['01'])
    clock.advance(200)
    await port.frames(2)
    await settled()
    port.feed(Uint8Array.of(0x22))
    expect(await second).toBe(0x22)
  })

  test('a megabyte without an answer is not kept, and the answer behind it is found', async () => {
    const [port, clock] = [memoryPort(), handClock()]
    const wire = wireOver(port, clock)
    void wire.listen()
    const framed = rtuFraming(1)(REQUESTS.coil)
    let longest = 0
    const answered = wire.exchange(
      framed.bytes,
      received => {
        longest = Math.max(longest, received.length)
        return framed.answer(received)
      },
      300,
    )
    await settled()
    for (let part = 0; part < 256; part++) {
      port.feed(new Uint8Array(4_096).fill(1))
      await new Promise(resolve => setImmediate(resolve))
    }
    port.feed(fromHex(FLASH)!)
    expect(toHex((await answered)!)).toBe(toHex(REQUESTS.coil))
    expect(longest).toBeLessThanOrEqual(256)
  })
})

describe('a Modbus board', () => {
  test('flashes in TCP with a number of its own for each request', async () => {
    const table = boardOnTable({ family: 'modbus-flash', framing: 'tcp' })
    const gate = await gateAt(table)
    await gate.release()
    expect(table.line().written).toEqual(['000100000006010500000000', '000200000006010502000007'])
    await gate.stop()
  })

  test('of LC Technology flashes by its registers, five a channel', async () => {
    const table = boardOnTable({ family: 'lc' })
    const gate = await gateAt(table, { outputs: [{ channel: 4, pulseMs: 2_000 }] })
    await table.pass(20)
    await gate.release(4)
    expect(table.line().written.at(-1)).toBe(toHex(rtuFrame(255, writeRegisters(0x12, [4, 20]))))
    await gate.stop()
  })

  test('a magnet lets go by flash-off, which the board ends even when nobody is there any more', async () => {
    const table = boardOnTable({ family: 'modbus-flash' })
    const gate = await gateAt(table, { outputs: [{ channel: 1, energised: 'lock', pulseMs: 500 }] })
    await table.pass(20)
    await gate.release()
    expect(table.line().written.at(-1)).toBe(modbusFrame('flash-off ch1 500ms'))
    table.pull()
    await table.pass(600)
    expect(table.device.state(1).energised).toBe(true)
    await gate.stop()
  })

  test('the echo of one release, when it comes late, is not taken for that of the next', async () => {
    const table = boardOnTable({ family: 'modbus-flash' })
    const gate = await gateAt(table)
    await table.pass(20)
    table.line().answer = () => null
    expect(await gate.release()).toEqual({ ok: false, failure: 'no_answer' })
    const next = gate.release()
    await table.pass(50)
    table.line().feed(fromHex(FLASH)!)
    expect(await next).toEqual({ ok: false, failure: 'no_answer' })
    await gate.stop()
  })

  test('has up to 32 outputs and inputs', async () => {
    for (const family of ['modbus-flash', 'modbus-coil']) {
      const table = boardOnTable({ family })
      table.device.contact(32, true)
      const gate = await gateAt(table, { outputs: [{ channel: 1 }, { channel: 32 }], inputs: [9, 32] })
      await table.pass(200)
      expect(await gate.release(32)).toEqual({ ok: true, value: null })
      expect([1, 32].map(channel => table.device.state(channel).energised)).toEqual([false, true])
      expect(gate.events).toEqual([
        { kind: 'input', channel: 9, closed: false },
        { kind: 'input', channel: 32, closed: true },
      ])
      await gate.stop()
    }
  })

  test('an exception to a release is told as refused, and nothing is said again', async () => {
    const table = boardOnTable({ family: 'modbus-flash' })
    const gate = await gateAt(table)
    await table.pass(20)
    const before = table.line().written.length
    table.line().answer = () => rtuFrame(1, Uint8Array.of(0x85, 2))
    expect(await gate.release()).toEqual({ ok: false, failure: 'refused' })
    expect(table.line().written).toHaveLength(before + 1)
    await gate.stop()
  })

  test('without inputs says so once, and is asked no more', async () => {
    const table = boardOnTable({ family: 'modbus-coil' })
    const gate = await gateAt(table, { inputs: [9] })
    await table.pass(20)
    const asked = rtuFrame(1, readInputs(16))
    table.line().answer = bytes => {
      if (toHex(bytes) === toHex(asked)) return rtuFrame(1, Uint8Array.of(0x82, 2))
      table.device.receive(bytes)
      return null
    }
    await table.pass(1_000)
    expect(gate.events).toEqual([
      { kind: 'fault', problem: 'the board has no 16 inputs (exception 2): wire the contacts elsewhere' },
    ])
    expect(table.line().written.filter(frame => frame === toHex(asked))).toHaveLength(1)
    expect(gate.healths).toEqual([{ up: true }])
    await gate.stop()
  })
})
