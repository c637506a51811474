import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sainsmartDevice } from '../simulators/sainsmart-board.ts'
import { boardOnTable, gateAt } from '../testing/board-in-hand.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryPort } from '../testing/memory-port.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { kmtronicFrame, kmtronicIsOn, kmtronicStatus } from './kmtronic.ts'
import { readCoils, writeCoil } from './modbus.ts'
import { asciiFrame, asciiFraming } from './modbus-ascii.ts'
import { numatoAnswer, numatoNumber } from './numato.ts'
import { sainsmartBoard } from './sainsmart16.ts'

const latin = (text: string) => Buffer.from(text, 'latin1')

describe('KMTronic', () => {
  const { kmtronic } = protocolVectors

  test('says what the maker says', () => {
    expect(toHex(kmtronicFrame(1, true))).toBe(kmtronic.on1!.toLowerCase())
    expect(toHex(kmtronicFrame(1, false))).toBe(kmtronic.off1!.toLowerCase())
    expect(toHex(kmtronicStatus(2, 1))).toBe(kmtronic.status1!.toLowerCase())
    expect(toHex(kmtronicStatus(8, 1))).toBe(kmtronic.statusAll48ch!.toLowerCase())
  })

  test.each([
    [1, 1, kmtronic.status1Reply!.replace('xx', '01'), true],
    [1, 1, kmtronic.status1Reply!.replace('xx', '00'), false],
    [2, 2, 'ff0101ff0200', false],
    [2, 2, 'ff02', null],
    [2, 2, 'ff0207', null],
    [2, 1, '41ffff0101', true],
    [4, 2, '00010000', true],
    [4, 4, '00010000', false],
    [4, 1, '000100', null],
    [4, 3, '4100000100', true],
    [8, 8, '0000000000000001', true],
    [8, 8, '00000000000000ff', null],
  ])('of %i relays, number %i after %s: %s', (relays, relay, received, on) => {
    expect(kmtronicIsOn(relays, relay, fromHex(received)!)).toBe(on)
  })

  test('a board that says it did not do it is not believed', async () => {
    const table = boardOnTable({ family: 'kmtronic', relays: 1 })
    const gate = await gateAt(table)
    await table.pass(20)
    table.line().answer = bytes => (bytes[2] === 3 ? fromHex('ff0100') : null)
    expect(await gate.release()).toEqual({ ok: false, failure: 'refused' })
    await gate.stop()
  })
})

describe('Numato', () => {
  test.each([
    [1, '0'],
    [10, '9'],
    [11, 'A'],
    [32, 'V'],
  ])('channel %i is its %s', (channel, number) => {
    expect(numatoNumber(channel)).toBe(number)
  })

  test.each([
    ['relay on 0', 'relay on 0\r\n\r>', ''],
    ['relay on 0', 'relay on 0\n\r>', ''],
    ['relay on 0', 'relay on 0', null],
    ['relay on 0', '>\r\nrelay on 0\r\n', null],
    ['relay on 0', '\r\n>relay off 0\r\n\r>', null],
    ['relay on 1', 'relay on 1A\r\n\r>', null],
    ['gpio read 3', 'gpio read 3\r\n\r1\n\r>', '1'],
    ['gpio read 3', '>gpio read 2\r\n\r0\n\r>gpio read 3\r\n\r1\n\r>', '1'],
    ['ver', 'ver\r\n\r00000008\n\r>', '00000008'],
  ])('to %j: %j says %j', (command, received, answer) => {
    expect(numatoAnswer(command, latin(received))).toBe(answer)
  })

  test('half a command that stood in its buffer spoils one answer and not the board', async () => {
    const table = boardOnTable({ family: 'numato' })
    table.device.receive(latin('relay o'))
    const gate = await gateAt(table)
    await table.pass(50)
    expect(gate.healths).toEqual([{ up: true }])
    expect(await gate.release()).toEqual({ ok: true, value: null })
    await gate.stop()
  })

  test('a board that has no such relay refuses', async () => {
    const table = boardOnTable({ family: 'numato' })
    const gate = await gateAt(table)
    await table.pass(20)
    table.line().answer = bytes => Buffer.concat([bytes, latin('\n\rerror\n\r>')])
    expect(await gate.release()).toEqual({ ok: false, failure: 'refused' })
    await gate.stop()
  })

  test('an input that it has not is told once', async () => {
    const table = boardOnTable({ family: 'numato' })
    const gate = await gateAt(table, { inputs: [1] })
    await table.pass(20)
    table.line().answer = () => latin('gpio read 0\r\n\rerror\n\r>')
    await table.pass(500)
    expect(gate.events).toEqual([{ kind: 'fault', problem: 'the board has no input 1: wire the contacts elsewhere' }])
    await gate.stop()
  })
})

describe('SainSmart', () => {
  const { sainsmart16 } = protocolVectors

  test.each([
    ['ch1on', writeCoil(0, 0xff00)],
    ['ch1off', writeCoil(0, 0)],
    ['allOn', fromHex('0f0000001002ffff')!],
    ['allOff', fromHex('0f00000010020000')!],
    ['status', readCoils(16)],
  ])('%s is what is published', (name, said) => {
    expect(latin(sainsmart16[name]!)).toEqual(Buffer.from(asciiFrame(0xfe, said)))
  })

  test('the published frames switch its far side', () => {
    const device = sainsmartDevice({}, { send() {}, clock: handClock() })
    for (const [name, on] of [
      ['ch1on', true],
      ['ch1off', false],
      ['allOn', true],
      ['allOff', false],
    ] as const) {
      device.receive(latin(sainsmart16[name]!))
      expect(device.state(1).energised).toBe(on)
    }
  })

  test('an answer counts when its LRC does, behind noise and half a line', () => {
    const { answer } = asciiFraming(0xfe)(writeCoil(0, 0xff00))
    const echo = sainsmart16.ch1on!
    expect(toHex(answer(latin(echo))!)).toBe('050000ff00')
    expect(toHex(answer(latin(`x:FE05\r\n:FE05${echo}`))!)).toBe('050000ff00')
    expect(answer(latin(sainsmart16.ch1off!))).toBeNull()
    for (let length = 0; length < echo.length; length++) expect(answer(latin(echo.slice(0, length)))).toBeNull()
    for (let bit = 0; bit < echo.length * 8; bit++) {
      const wrong = Uint8Array.from(latin(echo))
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      // Hexadecimal has two cases: that bit of a letter says nothing.
      if (String.fromCharCode(...wrong).toUpperCase() !== echo) expect(answer(wrong)).toBeNull()
    }
  })

  test('a board that does not echo is believed by its coils', async () => {
    const clock = handClock()
    const port = memoryPort()
    const device = sainsmartDevice({}, { clock, send: bytes => port.feed(bytes) }, false)
    port.answer = bytes => {
      device.receive(bytes)
      return null
    }
    const table = { ...boardOnTable({ family: 'sainsmart16' }), clock, open: async () => port }
    const line = await sainsmartBoard({ open: table.open, clock }).open(new AbortController().signal)
    void line.listen(() => {}).catch(() => {})
    const set = async (energised: boolean) => {
      const done = line.set(1, energised)
      let isDone = false
      void done.then(() => (isDone = true))
      while (!isDone) {
        clock.advance(10)
        await new Promise(resolve => setImmediate(resolve))
      }
      return done
    }
    expect(await set(true)).toEqual({ ok: true, value: null })
    expect(device.state(1).energised).toBe(true)
    const beganMs = clock.monotonicMs()
    expect(await set(false)).toEqual({ ok: true, value: null })
    expect(device.state(1).energised).toBe(false)
    // The second time nobody waits for an echo.
    expect(clock.monotonicMs() - beganMs).toBeLessThan(100)
    await line[Symbol.asyncDispose]()
  })
})

test('whatever bytes come, nothing throws and nothing is made of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), bytes => {
      for (const relays of [1, 2, 4, 8]) kmtronicIsOn(relays, 1, bytes)
      expect(numatoAnswer('relay on 0', bytes)).toBeNull()
      expect(asciiFraming(0xfe)(readCoils(16)).answer(bytes)).toBeNull()
    }),
  )
})
