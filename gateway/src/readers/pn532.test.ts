import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { framedBytes } from '../core/framed-bytes.ts'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, madeOf } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { pn532Decoder } from './pn532.ts'
import { ACK, NACK, PN532_FRAME_BYTES_MAX, pn532Frame, seenPn532 } from './pn532-frame.ts'

const vector = (name: string) => protocolVectors.pn532.find(vector => vector.name === name)!.frame.toLowerCase()
const bytes = (name: string) => fromHex(vector(name))!
const frames = (...chunks: Uint8Array[]) => {
  const found = framedBytes(PN532_FRAME_BYTES_MAX, seenPn532)
  return chunks.flatMap(chunk => found.take(chunk))
}

const target = bytes('one 4-byte UID DEADBEEF')
const retriesSet = pn532Frame(0xd5, Uint8Array.of(0x33))
const CARD = 'iso14443a deadbeef'
const WAKE = `5555${'00'.repeat(14)}`

/** A decoder that has its reader ready and waits for the answer to its first question. */
function asking() {
  const decoder = pn532Decoder()
  const begun = decoder.begin(0)
  const made = [
    ...begun,
    ...decoder.take(concat(ACK, bytes('SAM res')), 10),
    ...decoder.take(concat(ACK, retriesSet), 20),
  ]
  return { decoder, answers: madeOf(made).answers }
}

function answered(...chunks: Uint8Array[]) {
  const { decoder } = asking()
  return madeOf([...chunks.flatMap(chunk => decoder.take(chunk, 30)), ...decoder.due(600)])
}

describe('PN532 frames', () => {
  test.each([
    ['getFirmware req', 0xd4, '02'],
    ['getFirmware res', 0xd5, '0332010607'],
    ['SAMConfiguration normal', 0xd4, '14011401'],
    ['SAM res', 0xd5, '15'],
    ['InListPassiveTarget 1x106A', 0xd4, '4a0100'],
    ['none', 0xd5, '4b00'],
    ['one 4-byte UID DEADBEEF', 0xd5, '4b010100040804deadbeef'],
  ])('the published %s, there and back', (name, tfi, data) => {
    expect(frames(bytes(name))).toEqual([{ kind: 'information', tfi, data: fromHex(data)! }])
    expect(toHex(pn532Frame(tfi, fromHex(data)!))).toBe(vector(name))
  })

  test('the published acknowledgements and the error', () => {
    expect(frames(bytes('ACK'), bytes('NACK'), bytes('error')).map(({ kind }) => kind)).toEqual([
      'ack',
      'nack',
      'error',
    ])
    expect([toHex(ACK), toHex(NACK)]).toEqual([vector('ACK'), vector('NACK')])
  })

  test('an extended frame is the same frame', () => {
    // LEN 000C in two bytes and their complement, then as the published one.
    const extended = fromHex('0000ffffff000cf4d54b010100040804deadbeef9600')!
    expect(frames(extended)).toEqual(frames(target))
  })

  test('a frame comes whole, however it was cut, also with garbage that looks like its beginning', () => {
    for (const chunks of awkwardly(concat(Uint8Array.of(0x00, 0x00, 0xff, 0x12), target)))
      expect(frames(...chunks).filter(({ kind }) => kind === 'information')).toEqual(frames(target))
  })

  test('no single wrong bit in a frame is another one', () => {
    for (let at = 3; at < target.length - 1; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(target)
        wrong[at]! ^= 1 << bit
        expect(frames(wrong).filter(({ kind }) => kind === 'information')).toEqual([])
      }
    }
  })

  test('an extended frame longer than there are any is no frame', () => {
    expect(frames(fromHex('00ffffff010af5')!)).toEqual([{ kind: 'failed', why: 'length' }])
  })
})

describe('a PN532', () => {
  test('is woken and configured, told not to try for ever, and asked as published', () => {
    expect(asking().answers).toEqual([
      WAKE + vector('SAMConfiguration normal'),
      toHex(pn532Frame(0xd4, fromHex('3205ff0102')!)),
      vector('InListPassiveTarget 1x106A'),
    ])
  })

  test('its published card is a card, however ACK and answer were cut and joined', () => {
    for (const chunks of awkwardly(concat(ACK, target))) expect(answered(...chunks).scans).toEqual([CARD])
  })

  test('its published answer without a card is none, and it is asked again a tenth of a second later', () => {
    const { decoder } = asking()
    expect(decoder.take(concat(ACK, bytes('none')), 40)).toEqual([])
    expect(decoder.dueMs()).toBe(140)
    expect(decoder.due(139)).toEqual([])
    expect(madeOf(decoder.due(140)).answers).toEqual([vector('InListPassiveTarget 1x106A')])
  })

  test.each([
    [4, 'deadbeef'],
    [7, '04a1b2c3d4e5f6'],
    [10, '01020304050607080910'],
  ])('a UID of %i bytes', (length, uid) => {
    const answer = pn532Frame(0xd5, Uint8Array.of(0x4b, 1, 1, 0, 4, 8, length, ...fromHex(uid)!))
    expect(answered(ACK, answer).scans).toEqual([`iso14443a ${uid}`])
  })

  test('what stands behind the UID is not part of it', () => {
    const answer = pn532Frame(0xd5, fromHex('4b010100440004deadbeef067577810280')!)
    expect(answered(ACK, answer).scans).toEqual([CARD])
  })

  test.each([
    ['a UID of five bytes', '4b0101000408050102030405'],
    ['fewer bytes than it says', '4b010100040807deadbeef'],
    ['two targets', '4b020100040804deadbeef'],
    ['a target without anything', '4b01'],
  ])('%s is no card', (_name, data) => {
    expect(answered(ACK, pn532Frame(0xd5, fromHex(data)!))).toMatchObject({ scans: [], dropped: ['length'] })
  })

  test('an answer to something else, and a frame of our own that comes back, are no card', () => {
    const other = pn532Frame(0xd5, Uint8Array.of(0x15))
    const echo = pn532Frame(0xd4, fromHex('4b010100040804cafecafe')!)
    const { decoder } = asking()
    expect([ACK, other, echo].flatMap(chunk => decoder.take(chunk, 30))).toEqual([])
    expect(madeOf(decoder.take(target, 30)).scans).toEqual([CARD])
  })

  test('a wrong checksum is asked for again, at most three times', () => {
    const wrong = Uint8Array.from(target, (byte, at) => (at === 14 ? byte ^ 1 : byte))
    const { decoder } = asking()
    const made = [ACK, wrong, wrong, wrong, wrong, wrong].flatMap(chunk => decoder.take(chunk, 30))
    expect(madeOf(made)).toEqual({
      scans: [],
      dropped: Array.from({ length: 5 }, () => 'checksum'),
      answers: Array.from({ length: 3 }, () => vector('NACK')),
    })
    expect(madeOf(decoder.take(target, 30)).scans).toEqual([CARD])
  })

  test('a NACK has the last frame again, and a flood of them does not', () => {
    const { decoder } = asking()
    const made = Array.from({ length: 100 }, () => decoder.take(NACK, 30)).flat()
    expect(madeOf(made).answers).toEqual(Array.from({ length: 3 }, () => vector('InListPassiveTarget 1x106A')))
  })

  test('an error frame is counted, and it is asked again', () => {
    const { decoder } = asking()
    expect(madeOf(decoder.take(concat(ACK, bytes('error')), 30)).dropped).toEqual(['error'])
    expect(madeOf(decoder.due(130)).answers).toEqual([vector('InListPassiveTarget 1x106A')])
  })

  test('one that does not acknowledge within 200 ms, or answer within 500, is woken again', () => {
    const silent = asking().decoder
    expect(silent.due(219)).toEqual([])
    expect(madeOf(silent.due(220))).toEqual({
      scans: [],
      dropped: ['silence'],
      answers: [WAKE + vector('SAMConfiguration normal')],
    })
    const busy = asking().decoder
    busy.take(ACK, 30)
    expect(busy.due(529)).toEqual([])
    expect(madeOf(busy.due(530)).answers).toEqual([WAKE + vector('SAMConfiguration normal')])
  })

  test('1 MB holds nothing, and the next card is read', () => {
    for (const byte of [0x00, 0xff, 0x41]) {
      const { decoder } = asking()
      decoder.take(ACK, 30)
      decoder.take(new Uint8Array(1_000_000).fill(byte), 40)
      expect(madeOf(decoder.take(target, 50)).scans).toEqual([CARD])
    }
  })
})

describe('a PN532 and its simulation', () => {
  test('a card that lies there is one scan, and after it the next', async () => {
    const { present, pass, scans, dropped } = conversation({ family: 'pn532' })
    await pass(500)
    present({ card: 'DEADBEEF' })
    present({ card: '04A1B2C3D4E5F6' })
    await pass(1_500)
    expect({ scans, dropped }).toEqual({ scans: [CARD, 'iso14443a 04a1b2c3d4e5f6'], dropped: [] })
  })

  test('a spoilt answer is read when it is said again', async () => {
    const { present, pass, scans, dropped, spoil } = conversation({ family: 'pn532' })
    await pass(200)
    let spoilt = 0
    spoil(sent => {
      if (sent.length < 15 || spoilt++ > 0) return sent
      return Uint8Array.from(sent, (byte, at) => (at === 14 ? byte ^ 1 : byte))
    })
    present({ card: 'DEADBEEF' })
    await pass(300)
    expect({ scans, dropped }).toEqual({ scans: [CARD], dropped: ['checksum'] })
  })

  test('after a power cut it is woken and reads again', async () => {
    const { present, pass, scans, spoil } = conversation({ family: 'pn532' })
    await pass(300)
    spoil(() => null)
    await pass(1_000)
    spoil(bytes => bytes)
    await pass(600)
    present({ card: 'DEADBEEF' })
    await pass(300)
    expect(scans).toEqual([CARD])
  })
})
