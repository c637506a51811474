import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boardOnTable, gateAt } from '../testing/board-in-hand.ts'
import { awkwardly } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { digiconFrame, digiconLength } from './digicon.ts'
import { framesIn } from './frames.ts'
import {
  CLOSE,
  gate7eFrame,
  gate7eLength,
  gate7eNews,
  gate7eStatus,
  gate7eSum,
  OPEN_LEFT,
  OPEN_RIGHT,
  QUERY,
} from './gate-7e.ts'
import { machPowerFrame } from './mach-power.ts'

const BOTH = { outputs: [{ channel: 1 }, { channel: 2 }] }

/** A state of a gate, with people gone to the left and right. */
function status({ left = 0, right = 0, fault = 0, alarm = 0, machine = 1 } = {}): Uint8Array {
  const count = (people: number) => [people >> 16, (people >> 8) & 0xff, people & 0xff]
  const head = [0x7f, 1, machine, fault, 0, alarm, ...count(left), ...count(right), 0, 0x10, 120, 0, 0]
  return Uint8Array.of(...head, gate7eSum(Uint8Array.from(head)))
}

describe.each([
  ['digicon', digiconLength, digiconFrame(0x1a)],
  ['digicon with two bytes', digiconLength, digiconFrame(0x4c, 0x48)],
  ['gate-7e', gate7eLength(1), status({ left: 0x7f7f7f })],
] as const)('frames of %s', (_name, measure, good) => {
  const found = (...chunks: readonly Uint8Array[]) => {
    const frames = framesIn(measure, 80)
    return chunks.flatMap(chunk => frames(chunk, 0)).map(toHex)
  }

  test('are found however they are cut, and behind noise', () => {
    for (const chunks of awkwardly(good)) expect(found(...chunks)).toEqual([toHex(good)])
    expect(found(concat(fromHex('00ff7f55')!, good, good))).toEqual([toHex(good), toHex(good)])
  })

  test('are none with one bit wrong, and the next one is found', () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const wrong = Uint8Array.from(good)
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      expect(found(wrong)).toEqual([])
    }
  })

  test('half a one is not joined after a silence', () => {
    const frames = framesIn(measure, 80)
    expect(frames(good.subarray(0, 4), 0)).toEqual([])
    expect(frames(good.subarray(4), 81)).toEqual([])
    expect(frames(good, 163).map(toHex)).toEqual([toHex(good)])
  })

  test('a megabyte of anything holds no more than one', () => {
    const frames = framesIn(measure, 80)
    for (const byte of [0x00, 0x02, 0x7f, 0xff]) {
      for (let part = 0; part < 64; part++) frames(new Uint8Array(16_384).fill(byte), 0)
    }
    frames(new Uint8Array(32), 0)
    expect(frames(good, 0).map(toHex)).toEqual([toHex(good)])
  })

  test('nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), chunks => {
        const frames = framesIn(measure, 80)
        for (const chunk of chunks) frames(chunk, 0)
      }),
    )
  })
})

describe('Digicon', () => {
  test('says what the manual’s examples say', () => {
    expect([digiconFrame(0x48), digiconFrame(0x4c, 0x48), digiconFrame(0x06)].map(toHex)).toEqual(
      protocolVectors.tx1500.map(frame => frame.toLowerCase()),
    )
  })

  test('NACK is told as refused, silence as no answer', async () => {
    const table = boardOnTable({ family: 'digicon' })
    const gate = await gateAt(table, BOTH)
    await table.pass(20)
    table.line().answer = () => digiconFrame(0x15)
    expect(await gate.release(1)).toEqual({ ok: false, failure: 'refused' })
    table.line().answer = () => null
    expect(await gate.release(1)).toEqual({ ok: false, failure: 'no_answer' })
    expect(table.line().written.slice(-2)).toEqual([digiconFrame(0x48), digiconFrame(0x48)].map(toHex))
    await gate.stop()
  })

  test('somebody who goes through while a command is under way is told, and the command is answered', async () => {
    const table = boardOnTable({ family: 'digicon' })
    const gate = await gateAt(table, BOTH)
    await table.pass(20)
    table.line().answer = () => concat(digiconFrame(0x1b), digiconFrame(0x06))
    expect(await gate.release(1)).toEqual({ ok: true, value: null })
    expect(gate.events).toEqual([{ kind: 'passed', channel: 2 }])
    await gate.stop()
  })
})

describe('Mach-Power', () => {
  test.each([
    [0x40, protocolVectors.machpower.ok[0]!],
    [0x41, protocolVectors.machpower.ok[1]!],
    [0x4a, protocolVectors.machpower.ok[2]!],
    [0x4b, protocolVectors.machpower.ok[3]!],
  ])('command %i is as printed', (command, frame) => {
    expect(toHex(machPowerFrame(1, command))).toBe(frame.toLowerCase())
  })

  test.each(protocolVectors.machpower.docErrors)('the manual prints %s, which is %s', (printed, right) => {
    const frame = toHex(machPowerFrame(1, Number.parseInt(printed.slice(4, 6), 16)))
    expect(frame).toBe(right.toLowerCase())
    expect(frame).not.toBe(printed.toLowerCase())
  })
})

describe('the swing gate', () => {
  test.each([
    ['query', gate7eFrame(1, QUERY)],
    ['left 1', gate7eFrame(1, OPEN_LEFT, 1)],
    ['right 1', gate7eFrame(1, OPEN_RIGHT, 1)],
    ['close', gate7eFrame(1, CLOSE)],
  ])('%s', (name, frame) => {
    const vector = protocolVectors.gate7e.find(vector => vector.name === name)!
    expect(toHex(frame)).toBe(vector.frame.toLowerCase())
  })

  test.each([
    ['the first state is no news', null, { left: 7, right: 9 }, []],
    ['one to the left', { left: 7 }, { left: 8 }, ['passed 1']],
    ['two to the right', { right: 7 }, { right: 9 }, ['passed 2', 'passed 2']],
    ['one each way', {}, { left: 1, right: 1 }, ['passed 1', 'passed 2']],
    ['the counter goes round', { left: 0xffffff }, { left: 0 }, ['passed 1']],
    ['counters set anew are not people', { left: 500 }, { left: 0 }, []],
    ['nor is a jump', { left: 0 }, { left: 9 }, []],
    ['a fault is told', {}, { fault: 3 }, ['the gate reports fault 3: see its display and manual']],
    ['once', { fault: 3 }, { fault: 3 }, []],
    ['an alarm also in the first state', null, { alarm: 2 }, ['the gate reports alarm 2: see its display and manual']],
  ])('%s', (_name, before, now, news) => {
    const told = gate7eNews(before && gate7eStatus(status(before)), gate7eStatus(status(now)))
    expect(
      told.map(event =>
        event.kind === 'fault' ? event.problem : event.kind === 'passed' ? `passed ${event.channel}` : '',
      ),
    ).toEqual(news)
  })

  test('two states in a row are found where they begin', () => {
    const frames = framesIn(gate7eLength(1), 80)
    const first = status({ left: 0x7f })
    expect(frames(first.subarray(8), 0)).toEqual([])
    expect(frames(concat(first, first), 0).map(toHex)).toEqual([toHex(first), toHex(first)])
  })

  test('the state of another machine on the bus is not its own', async () => {
    const table = boardOnTable({ family: 'gate-7e' })
    const gate = await gateAt(table, BOTH)
    await table.pass(20)
    table.line().answer = () => status({ machine: 2 })
    expect(await gate.release(1)).toEqual({ ok: false, failure: 'no_answer' })
    await gate.stop()
  })
})
