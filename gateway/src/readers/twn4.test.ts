import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, madeOf } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import type { Decoded } from './decoder.ts'
import { twn4Decoder } from './twn4.ts'
import { type Twn4Wire, twn4Bytes, twn4Messages } from './twn4-wire.ts'

const ascii: Twn4Wire = { mode: 'ascii', crc: false }
const checked: Twn4Wire = { mode: 'ascii', crc: true }
const binary: Twn4Wire = { mode: 'binary', crc: false }
const checkedBinary: Twn4Wire = { mode: 'binary', crc: true }
const WIRES = [ascii, checked, binary, checkedBinary]

const vector = (name: string) => {
  const { req, res } = protocolVectors.twn4.find(vector => vector.name === name)!
  return { request: fromHex(req)!, response: fromHex(res)! }
}
const found = vector('SearchTag MIFARE')
const none = vector('SearchTag none')

/** What a decoder makes of answers to its polls, each 100 ms after the other. */
function answering(wire: Twn4Wire, ...answers: readonly (readonly Uint8Array[])[]) {
  const decoder = twn4Decoder({ ...wire, format: 'raw' })
  const made: Decoded[] = [...decoder.begin(0)]
  for (const [at, chunks] of answers.entries()) {
    for (const chunk of chunks) made.push(...decoder.take(chunk, at * 100 + 20))
    made.push(...decoder.due(at * 100 + 100))
  }
  return madeOf(made)
}

describe('messages of the Simple Protocol', () => {
  test.each([
    ['ascii ping', ascii],
    ['ascii ping CRC', checked],
    ['binary', binary],
    ['binary CRC', checkedBinary],
  ])('the published %s', (name, wire) => {
    const { request, response } = vector(name)
    expect(toHex(twn4Bytes(wire, Uint8Array.of(0x00, 0x05)))).toBe(toHex(request))
    expect(twn4Messages(wire).take(response)).toEqual([Uint8Array.of(0x00, 0x01)])
  })
})

describe('a TWN4', () => {
  test('is asked as published, and its published tag is a card', () => {
    const { scans, answers, dropped } = answering(ascii, [found.response], [none.response])
    expect(scans).toEqual(['iso14443a 66cf4dc2'])
    expect(answers).toEqual([toHex(found.request), toHex(found.request), toHex(found.request)])
    expect(dropped).toEqual([])
  })

  for (const wire of WIRES) {
    const name = `${wire.mode}${wire.crc ? ' with CRC' : ''}`
    const answer = twn4Bytes(wire, fromHex('000180200466cf4dc2')!)

    test(`${name}: a tag comes whole, however it was cut`, () => {
      for (const chunks of awkwardly(answer)) expect(answering(wire, chunks).scans).toEqual(['iso14443a 66cf4dc2'])
    })

    test(`${name}: garbage costs one answer, and the next is read`, () => {
      const noise = Uint8Array.from({ length: 1_000 }, (_, at) => (at * 7 + 3) % 256)
      const decoder = twn4Decoder({ ...wire, format: 'raw' })
      decoder.begin(0)
      const made = [...decoder.take(noise, 10)]
      for (let atMs = 50; atMs <= 1_500; atMs += 50) made.push(...decoder.due(atMs))
      made.push(...decoder.take(answer, 1_510))
      expect(madeOf(made).scans).toEqual(['iso14443a 66cf4dc2'])
    })

    test(`${name}: 1 MB holds nothing, and the next tag is read`, () => {
      const decoder = twn4Decoder({ ...wire, format: 'raw' })
      decoder.begin(0)
      decoder.take(new Uint8Array(1_000_000).fill(0x30), 10)
      decoder.due(700)
      expect(madeOf(decoder.take(answer, 710)).scans).toEqual(['iso14443a 66cf4dc2'])
    })
  }

  for (const wire of [checked, checkedBinary]) {
    test(`${wire.mode}: no single wrong bit is another card where the CRC is on`, () => {
      const answer = twn4Bytes(wire, fromHex('000180200466cf4dc2')!)
      for (let at = 0; at < answer.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const wrong = Uint8Array.from(answer)
          wrong[at]! ^= 1 << bit
          // The case of a digit is no part of it.
          expect(answering(wire, [wrong]).scans.filter(card => card !== 'iso14443a 66cf4dc2')).toEqual([])
        }
      }
    })
  }

  test('a wrong CRC is dropped and counted', () => {
    const answer = twn4Bytes(checked, fromHex('000180200466cf4dc2')!)
    const wrong = Uint8Array.from(answer, (byte, at) => (at === 8 ? byte ^ 1 : byte))
    expect(answering(checked, [wrong], [answer])).toMatchObject({
      scans: ['iso14443a 66cf4dc2'],
      dropped: ['checksum'],
    })
  })

  test.each([
    ['EM4102', '0001402805 01000734e0', 'em4100 01000734e0'],
    ['MIFARE with seven bytes', '0001803807 04a1b2c3d4e5f6', 'iso14443a 04a1b2c3d4e5f6'],
    ['ISO 15693', '0001824008 e004010012345678', 'iso15693 e004010012345678'],
    ['another type, all its bits', '0001442004 cafe0001', 'raw cafe0001'],
    ['HID Prox where no format is set, without what lies behind its bits', '0001491a04 8080 01ff', 'raw 808001c0/26'],
    ['iCLASS where no format is set', '0001841a04 808001c0', 'raw 808001c0/26'],
  ])('%s', (_name, answer, words) => {
    expect(answering(ascii, [twn4Bytes(ascii, fromHex(answer.replaceAll(' ', ''))!)]).scans).toEqual([words])
  })

  test.each([
    ['HID Prox', '0001491a04 bd88eb80', 'h10301 7b11d7'],
    ['iCLASS', '0001841a04 bd88eb80', 'h10301 7b11d7'],
    ['HID Prox whose parity does not come out', '0001491a04 bd88ebc0', 'misread raw bd88ebc0/26'],
    ['HID Prox of another length', '0001492205 82696eea80', 'misread raw 82696eea80/34'],
    ['another type', '0001441a04 bd88eb80', 'raw bd88eb80/26'],
  ])('%s under a configured format', (_name, answer, words) => {
    const decoder = twn4Decoder({ ...ascii, format: 'h10301' })
    decoder.begin(0)
    const message = fromHex(answer.replaceAll(' ', ''))!
    expect(madeOf(decoder.take(twn4Bytes(ascii, message), 20)).scans).toEqual([words])
  })

  test.each([
    ['an error', '05', 'error 5'],
    ['a MIFARE tag of 40 bits', '0001802805 0102030405', 'length'],
    ['fewer bytes than it says', '0001802004 010203', 'length'],
    ['more bytes than it says', '0001802004 0102030405', 'length'],
    ['bits that are not those of its bytes', '0001442104 01020304', 'length'],
    ['no bits at all', '0001440000', 'length'],
    ['a result that is none', '0002', 'length'],
  ])('%s is no card', (_name, answer, why) => {
    const { scans, dropped } = answering(ascii, [twn4Bytes(ascii, fromHex(answer.replaceAll(' ', ''))!)])
    expect({ scans, dropped }).toEqual({ scans: [], dropped: [why] })
  })

  test('a line that is no hexadecimal is dropped', () => {
    expect(answering(ascii, [Buffer.from('hello\r')]).dropped).toEqual(['not_hex'])
  })

  test('is asked one thing at a time, and again when it is silent', () => {
    const decoder = twn4Decoder({ ...ascii, format: 'raw' })
    expect(decoder.begin(0)).toHaveLength(1)
    expect(decoder.due(599)).toEqual([])
    expect(decoder.dueMs()).toBe(600)
    expect(madeOf(decoder.due(600))).toMatchObject({ dropped: ['silence'], answers: [toHex(found.request)] })
  })

  test('half an answer before a silence is not joined to the next', () => {
    const decoder = twn4Decoder({ ...ascii, format: 'raw' })
    decoder.begin(0)
    decoder.take(found.response.subarray(0, 7), 10)
    decoder.due(600)
    expect(madeOf(decoder.take(none.response, 610))).toEqual({ scans: [], dropped: [], answers: [] })
  })

  test('an outcome is beeped between two polls: short and high, or long and low', () => {
    const decoder = twn4Decoder({ ...ascii, format: 'raw' })
    decoder.begin(0)
    expect(decoder.tell('granted', 10)).toEqual([])
    expect(madeOf(decoder.take(none.response, 20)).answers).toEqual([toHex(Buffer.from('040764600964000000\r'))])
    decoder.take(Buffer.from('00\r'), 130)
    expect(madeOf(decoder.tell('refused', 135)).answers).toEqual([])
    expect(madeOf(decoder.take(none.response, 140)).answers).toEqual([toHex(Buffer.from('040764E80390010000\r'))])
  })

  test('many answers in one chunk are asked for once more, not many times', () => {
    const flood = concat(...Array.from({ length: 100 }, () => none.response))
    expect(answering(ascii, [flood]).answers).toHaveLength(2)
  })
})

describe('a TWN4 and its simulation', () => {
  test.each(WIRES)('$mode, CRC $crc: a card that lies there is one scan, and an outcome is beeped', async wire => {
    const { present, pass, scans, dropped, tell, written } = conversation({ family: 'twn4', ...wire })
    await pass(500)
    present({ card: '01000734E0' })
    await pass(1_000)
    present({ card: '66CF4DC2' })
    await pass(200)
    tell('granted')
    await pass(1_000)
    expect(scans).toEqual(['em4100 01000734e0', 'iso14443a 66cf4dc2'])
    expect(dropped).toEqual([])
    expect(written).toContain(toHex(twn4Bytes(wire, fromHex('040764600964000000')!)))
  })

  test('answers that are lost cost no card', async () => {
    const { present, pass, scans, spoil, dropped } = conversation({ family: 'twn4' })
    spoil(() => null)
    await pass(1_000)
    expect(dropped).toEqual(['silence'])
    spoil(bytes => bytes)
    await pass(300)
    present({ card: '66CF4DC2' })
    await pass(400)
    expect(scans).toEqual(['iso14443a 66cf4dc2'])
  })
})
