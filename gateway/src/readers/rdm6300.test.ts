import { fromHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { decode } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { rdm6300Decoder } from './rdm6300.ts'

const golden = protocolVectors.rdm6300
const frame = fromHex(golden[0]!.frame)!
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const id12 = `${text(frame).slice(0, 13)}\r\n\x03`

const TAG = 'em4100 01000734e0'

function read(...chunks: (Uint8Array | string)[]) {
  const { scans, dropped } = decode(rdm6300Decoder(), chunks)
  return { cards: scans, dropped }
}

describe('RDM6300 frames', () => {
  for (const { frame, data } of golden) {
    test(`the published frame of ${data}`, () => {
      expect(read(fromHex(frame)!)).toEqual({ cards: [`em4100 ${data.toLowerCase()}`], dropped: [] })
    })
  }

  test('an ID-12 sends CR LF before the end', () => {
    expect(read(id12)).toEqual({ cards: [TAG], dropped: [] })
  })

  test('lower-case digits are the same card', () => {
    expect(read(text(frame).toLowerCase()).cards).toEqual([TAG])
  })

  for (let at = 0; at <= frame.length; at++) {
    test(`a frame cut at byte ${at} is one frame`, () => {
      expect(read(frame.subarray(0, at), frame.subarray(at)).cards).toEqual([TAG])
    })
  }

  test('a byte at a time is one frame', () => {
    expect(read(...Array.from(frame, byte => Uint8Array.of(byte))).cards).toEqual([TAG])
  })

  test('every single wrong bit is dropped or leaves a frame without an end', () => {
    for (let at = 1; at < frame.length - 1; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(frame)
        wrong[at]! ^= 1 << bit
        const { cards } = read(wrong)
        // 0x20 is the case of a letter: the same digit.
        expect(cards.filter(card => card !== TAG)).toEqual([])
      }
    }
  })

  test('a wrong checksum is dropped and counted', () => {
    const wrong = text(frame).replace('D2', 'D3')
    expect(read(wrong, frame)).toEqual({ cards: [TAG], dropped: ['checksum'] })
  })

  test('a STX in the middle begins anew', () => {
    expect(read(frame.subarray(0, 7), frame)).toEqual({ cards: [TAG], dropped: ['length'] })
  })

  test('garbage between frames costs no frame', () => {
    const noise = Uint8Array.from({ length: 1_000 }, (_, at) => (at * 7) % 256).filter(byte => byte !== 2)
    expect(read(noise, frame, noise, frame).cards).toEqual([TAG, TAG])
  })

  test('1 MB after a STX is dropped once and holds nothing', () => {
    const flood = new Uint8Array(1_000_000).fill(0x41)
    expect(read(Uint8Array.of(2), flood, frame)).toEqual({ cards: [TAG], dropped: ['length'] })
  })

  test('twelve characters that are no digits are dropped', () => {
    expect(read('\x02hello, world\x03', frame)).toEqual({ cards: [TAG], dropped: ['not_hex'] })
  })
})
