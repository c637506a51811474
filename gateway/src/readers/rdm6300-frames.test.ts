import { fromHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { chunksOf, collect } from '../testing/memory-port.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { rdm6300Frames } from './rdm6300-frames.ts'

const golden = protocolVectors.rdm6300
const frame = fromHex(golden[0]!.frame)!
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const id12 = `${text(frame).slice(0, 13)}\r\n\x03`

async function read(...chunks: (Uint8Array | string)[]) {
  const dropped: string[] = []
  const cards = await collect(rdm6300Frames(chunksOf(...chunks), why => dropped.push(why)))
  return { cards, dropped }
}

describe('RDM6300 frames', () => {
  for (const { frame, data } of golden) {
    test(`the published frame of ${data}`, async () => {
      expect(await read(fromHex(frame)!)).toEqual({ cards: [data], dropped: [] })
    })
  }

  test('an ID-12 sends CR LF before the end', async () => {
    expect(await read(id12)).toEqual({ cards: ['01000734E0'], dropped: [] })
  })

  test('lower-case digits are the same card', async () => {
    expect((await read(text(frame).toLowerCase())).cards).toEqual(['01000734E0'])
  })

  for (let at = 0; at <= frame.length; at++) {
    test(`a frame cut at byte ${at} is one frame`, async () => {
      expect((await read(frame.subarray(0, at), frame.subarray(at))).cards).toEqual(['01000734E0'])
    })
  }

  test('a byte at a time is one frame', async () => {
    expect((await read(...Array.from(frame, byte => Uint8Array.of(byte)))).cards).toEqual(['01000734E0'])
  })

  test('every single wrong bit is dropped or leaves a frame without an end', async () => {
    for (let at = 1; at < frame.length - 1; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(frame)
        wrong[at]! ^= 1 << bit
        const { cards } = await read(wrong)
        // 0x20 is the case of a letter: the same digit.
        expect(cards.filter(card => card !== '01000734E0')).toEqual([])
      }
    }
  })

  test('a wrong checksum is dropped and counted', async () => {
    const wrong = text(frame).replace('D2', 'D3')
    expect(await read(wrong, frame)).toEqual({ cards: ['01000734E0'], dropped: ['checksum'] })
  })

  test('a STX in the middle begins anew', async () => {
    expect(await read(frame.subarray(0, 7), frame)).toEqual({ cards: ['01000734E0'], dropped: ['length'] })
  })

  test('garbage between frames costs no frame', async () => {
    const noise = Uint8Array.from({ length: 1_000 }, (_, at) => (at * 7) % 256).filter(byte => byte !== 2)
    expect((await read(noise, frame, noise, frame)).cards).toEqual(['01000734E0', '01000734E0'])
  })

  test('1 MB after a STX is dropped once and holds nothing', async () => {
    const flood = new Uint8Array(1_000_000).fill(0x41)
    expect(await read(Uint8Array.of(2), flood, frame)).toEqual({ cards: ['01000734E0'], dropped: ['length'] })
  })

  test('twelve characters that are no digits are dropped', async () => {
    expect(await read('\x02hello, world\x03', frame)).toEqual({ cards: ['01000734E0'], dropped: ['not_hex'] })
  })
})
