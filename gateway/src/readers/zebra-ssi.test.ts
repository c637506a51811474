import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { framedBytes } from '../core/framed-bytes.ts'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode, madeOf } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { SSI_PACKET_BYTES_MAX, seenSsi, ssiPacket } from './ssi-packet.ts'
import { zebraSsiDecoder } from './zebra-ssi.ts'

const ACK = '04d00400ff28'
const NAK = '05d1040001ff25'
const QR = 0x1c
const decoded = (text: string, status = 0) =>
  ssiPacket(0x00, 0xf3, concat(Uint8Array.of(QR), Buffer.from(text, 'latin1')), status)
const read = (...chunks: (Uint8Array | string)[]) => decode(zebraSsiDecoder(), chunks)

describe('SSI packets', () => {
  test.each(protocolVectors.zebraSSI.map(frame => frame.toLowerCase()))('the published %s, there and back', frame => {
    const source = Number.parseInt(frame.slice(4, 6), 16)
    const [packet, ...rest] = framedBytes(SSI_PACKET_BYTES_MAX, seenSsi(source)).take(fromHex(frame)!)
    if (packet?.kind !== 'packet') throw new Error('no packet')
    expect(rest).toEqual([])
    expect(toHex(ssiPacket(source, packet.opcode, packet.data, packet.status))).toBe(frame)
  })

  test('the published acknowledgement is ours', () => {
    expect(protocolVectors.zebraSSI.at(-1)!.toLowerCase()).toBe(ACK)
  })
})

describe('a Zebra scanner on SSI', () => {
  test('a code is read without its type, and acknowledged at once', () => {
    expect(read(decoded('1575'))).toEqual({ scans: ['1575'], dropped: [], answers: [ACK] })
  })

  test('a code comes whole, however it was cut', () => {
    for (const chunks of awkwardly(decoded('1575')))
      expect(read(...chunks)).toMatchObject({ scans: ['1575'], dropped: [] })
  })

  test('a code in several packets is one code', () => {
    expect(read(decoded('15', 0x02), decoded('7', 0x02), decoded('5'))).toEqual({
      scans: ['1575'],
      dropped: [],
      answers: [ACK, ACK, ACK],
    })
  })

  test('a packet sent again is the same packet, also the last part of a code', () => {
    const parts = [decoded('15', 0x02), decoded('15', 0x03), decoded('75'), decoded('75', 0x01), decoded('75', 0x01)]
    expect(read(...parts)).toEqual({ scans: ['1575'], dropped: [], answers: [ACK, ACK, ACK, ACK, ACK] })
  })

  test('two parts that are alike are two where neither is said to be sent again', () => {
    expect(read(decoded('15', 0x02), decoded('15', 0x02), decoded('75')).scans).toEqual(['151575'])
  })

  test('a packet sent again that was not heard before is read', () => {
    expect(read(decoded('1575', 0x01)).scans).toEqual(['1575'])
  })

  test('the first part of a code that was never finished is no part of a later one', () => {
    expect(decode(zebraSsiDecoder(), [decoded('15', 0x02), decoded('75')], 3_000).scans).toEqual(['75'])
  })

  test('a wrong checksum is asked for again, once a chunk', () => {
    const wrong = Uint8Array.from(decoded('1575'), (byte, at) => (at === 6 ? byte ^ 1 : byte))
    expect(read(wrong)).toEqual({ scans: [], dropped: ['checksum'], answers: [NAK] })
    expect(read(wrong, decoded('1575', 0x01)).scans).toEqual(['1575'])
  })

  test('no single wrong bit is another code', () => {
    const whole = decoded('1575')
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(whole)
        wrong[at]! ^= 1 << bit
        expect(decode(zebraSsiDecoder(), [wrong, ''], 500).scans).toEqual([])
      }
    }
  })

  test('an event is acknowledged and is no code', () => {
    expect(read(ssiPacket(0x00, 0xf6, Uint8Array.of(0x01)))).toEqual({ scans: [], dropped: [], answers: [ACK] })
  })

  test('acknowledgements and answers to management are not acknowledged', () => {
    expect(
      read(ssiPacket(0x00, 0xd0), ssiPacket(0x00, 0xd1, Uint8Array.of(1)), fromHex('0c8000000008200000f000f0fd6c')!),
    ).toEqual({
      scans: [],
      dropped: [],
      answers: [],
    })
  })

  test('what a host says is nothing that a scanner said', () => {
    expect(read(ssiPacket(0x04, 0xf3, Uint8Array.of(QR, 0x31)))).toEqual({ scans: [], dropped: [], answers: [] })
  })

  test('the beginning of a packet that never comes is given up after 200 ms', () => {
    const decoder = zebraSsiDecoder()
    decoder.take(Uint8Array.of(0xff, 0xf3, 0x00), 0)
    expect(decoder.take(decoded('1575'), 100)).toEqual([])
    expect(decoder.dueMs()).toBe(300)
    expect(madeOf(decoder.due(300)).scans).toEqual(['1575'])
    expect(decoder.dueMs()).toBeNull()
  })

  test('a code of 512 bytes is read, and one of more is dropped whole', () => {
    const parts = (length: number) => {
      const text = '1'.repeat(length)
      return [decoded(text.slice(0, 250), 2), decoded(`2${text.slice(251, 500)}`, 2), decoded(text.slice(500))]
    }
    expect(read(...parts(512)).scans.map(code => code.length)).toEqual([512])
    expect(read(...parts(513), decoded('next'))).toMatchObject({ scans: ['next'], dropped: ['too_long'] })
  })

  test('parts without end hold nothing, and the next code is read', () => {
    const decoder = zebraSsiDecoder()
    for (let part = 0; part < 4_000; part++) decoder.take(decoded(`${part % 10}`.repeat(250), 2), part)
    expect(madeOf(decoder.take(decoded('end'), 4_000)).dropped).toEqual(['too_long'])
    expect(madeOf(decoder.take(decoded('1575'), 4_000)).scans).toEqual(['1575'])
  })

  test('1 MB of one byte holds nothing, and the next code is read', () => {
    for (const byte of [0x00, 0x41, 0xff]) {
      expect(decode(zebraSsiDecoder(), [new Uint8Array(1_000_000).fill(byte), decoded('1575')], 500).scans).toEqual([
        '1575',
      ])
    }
  })

  test('a part without even a type is dropped', () => {
    expect(read(ssiPacket(0x00, 0xf3))).toEqual({ scans: [], dropped: ['length'], answers: [ACK] })
  })
})

describe('an outcome at a Zebra scanner', () => {
  const scannerAck = ssiPacket(0x00, 0xd0)

  test('granted: its light for a second and a short high tone, a command at a time', () => {
    const decoder = zebraSsiDecoder()
    expect(madeOf(decoder.tell('granted', 0)).answers).toEqual(['05e7040001ff0f'])
    expect(madeOf(decoder.take(scannerAck, 20)).answers).toEqual(['05e6040000ff11'])
    expect(madeOf(decoder.take(scannerAck, 40)).answers).toEqual([])
    expect(decoder.dueMs()).toBe(1_000)
    expect(madeOf(decoder.due(1_000)).answers).toEqual(['05e8040001ff0e'])
  })

  test('refused: a long low tone', () => {
    expect(madeOf(zebraSsiDecoder().tell('refused', 0)).answers).toEqual(['05e604000fff02'])
  })

  test('a command that is not answered is given up, and the next is said', () => {
    const decoder = zebraSsiDecoder()
    decoder.tell('granted', 0)
    expect(madeOf(decoder.due(500)).answers).toEqual(['05e6040000ff11'])
  })

  test('what was not said of the outcome before is not said any more', () => {
    const decoder = zebraSsiDecoder()
    decoder.tell('granted', 0)
    decoder.tell('refused', 10)
    expect(madeOf(decoder.take(scannerAck, 20)).answers).toEqual(['05e8040001ff0e'])
    expect(madeOf(decoder.take(scannerAck, 30)).answers).toEqual(['05e604000fff02'])
    expect(madeOf(decoder.take(scannerAck, 40)).answers).toEqual([])
  })
})

describe('a Zebra scanner and its simulation', () => {
  test('a long code in several packets is one scan, and it beeps', async () => {
    const { present, pass, scans, dropped, tell, written } = conversation({ family: 'zebra-ssi' })
    const long = '1234567890'.repeat(47).slice(0, 469)
    present({ qr: long })
    await pass(100)
    tell('granted')
    await pass(1_200)
    expect({ scans, dropped }).toEqual({ scans: [long], dropped: [] })
    expect(written).toEqual([ACK, ACK, '05e7040001ff0f', '05e6040000ff11', '05e8040001ff0e'])
  })

  test('a spoilt packet is asked for again and read', async () => {
    const { present, pass, scans, spoil, written } = conversation({ family: 'zebra-ssi' })
    let times = 0
    spoil(bytes => (times++ === 0 ? Uint8Array.from(bytes, (byte, at) => (at === 6 ? byte ^ 1 : byte)) : bytes))
    present({ qr: '1575' })
    await pass(100)
    expect(scans).toEqual(['1575'])
    expect(written).toEqual([NAK, ACK])
  })

  test('a packet that was lost is sent again after two seconds', async () => {
    const { present, pass, scans, spoil } = conversation({ family: 'zebra-ssi' })
    let times = 0
    spoil(bytes => (times++ === 0 ? null : bytes))
    present({ qr: '1575' })
    await pass(1_900)
    expect(scans).toEqual([])
    await pass(200)
    expect(scans).toEqual(['1575'])
  })
})
