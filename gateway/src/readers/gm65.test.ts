import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { gm65Device } from '../simulators/qr-engine.ts'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode } from '../testing/decode.ts'
import { handClock } from '../testing/hand-clock.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { gm65Decoder } from './gm65.ts'

const ack = fromHex(protocolVectors.gm65[0]!.frame)!
const code = Buffer.from('1575\r')
const read = (...chunks: (Uint8Array | string)[]) => decode(gm65Decoder(), chunks)

describe('an embedded QR engine', () => {
  test('gives each code as it was printed', () => {
    expect(read('1575\r\nhttps://example.org/?a=b\r')).toEqual({
      scans: ['1575', 'https://example.org/?a=b'],
      dropped: [],
      answers: [],
    })
  })

  test('the published answer to a command is nothing', () => {
    expect(read(ack)).toEqual({ scans: [], dropped: [], answers: [] })
  })

  test('an answer anywhere in a code is no part of it, however both were cut', () => {
    for (let at = 0; at <= code.length; at++) {
      const stream = concat(code.subarray(0, at), ack, code.subarray(at))
      for (const chunks of awkwardly(stream))
        expect(read(...chunks)).toEqual({ scans: ['1575'], dropped: [], answers: [] })
    }
  })

  test('an answer with a line end in its data ends no line', () => {
    // Type 00, two bytes of data 0D 0A; the CRC is CRC-16/XMODEM.
    const answer = fromHex('020000020d0ab976')!
    expect(read('15', answer, '75\r').scans).toEqual(['1575'])
  })

  test('every single wrong bit in an answer costs at most the code behind it, and is no code', () => {
    for (let at = 0; at < ack.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(ack)
        wrong[at]! ^= 1 << bit
        const { scans } = decode(gm65Decoder(), [wrong, '1575\r', 'next\r', ''], 200)
        expect(scans.filter(text => text !== '1575')).toEqual(['next'])
      }
    }
  })

  test('the beginning of an answer that never comes holds a code back for a tenth of a second', () => {
    const decoder = gm65Decoder()
    expect(decoder.take(fromHex('020000ff')!, 0)).toEqual([])
    expect(decoder.take(Buffer.from('\r1575\r'), 50)).toEqual([])
    expect(decoder.dueMs()).toBe(150)
    expect(decoder.due(150)).toEqual([
      { kind: 'dropped', why: 'control' },
      { kind: 'scan', credential: { kind: 'code', text: '1575' } },
    ])
    expect(decoder.dueMs()).toBeNull()
  })

  test('a code of 512 bytes is read, and one of 513 is dropped whole', () => {
    const longest = '1'.repeat(512)
    expect(read(`${longest}\r${longest}2\rnext\r`)).toEqual({
      scans: [longest, 'next'],
      dropped: ['too_long'],
      answers: [],
    })
  })

  test('1 MB without an end holds nothing, and the next code is read', () => {
    for (const byte of [0x41, 0x02, 0x00]) {
      const { scans } = decode(gm65Decoder(), [new Uint8Array(1_000_000).fill(byte), '\r1575\r'], 200)
      expect(scans).toEqual(['1575'])
    }
  })

  test('is never spoken to, also when it is told an outcome', async () => {
    const { present, pass, scans, written, tell } = conversation({ family: 'gm65' })
    present({ qr: '1575' })
    tell('granted')
    await pass(200)
    expect(scans).toEqual(['1575'])
    expect(written).toEqual([])
  })
})

test('a simulated engine answers a command whose CRC is right, on the line of the codes', () => {
  const sent: string[] = []
  const engine = gm65Device({}, { send: bytes => sent.push(toHex(bytes)), clock: handClock() })
  engine.present({ qr: '15' })
  engine.receive(fromHex('7e0007010000010141')!)
  engine.receive(fromHex('7e0007010000010142')!)
  expect(sent).toEqual(['31350d', toHex(ack)])
})
