import { fromHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { handClock } from '../testing/hand-clock.ts'
import { memoryPort } from '../testing/memory-port.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { readerOf } from '../testing/reader-of.ts'

const [card, other] = protocolVectors.rdm6300.map(({ frame }) => fromHex(frame)!) as [Uint8Array, Uint8Array]

function reading() {
  const port = memoryPort()
  const clock = handClock()
  const reader = readerOf({ family: 'rdm6300', id: 'card' }, { open: async () => port, clock })
  const scans = reader.scans(new AbortController().signal)[Symbol.asyncIterator]()
  const next = async () => {
    const { value } = await scans.next()
    return value?.credential.kind === 'card' ? value.credential.card : null
  }
  return { port, clock, next }
}

describe('a card reader', () => {
  test('gives the card in the form that lists and cloud keep', async () => {
    const { port, next } = reading()
    port.feed(card)
    expect(await next()).toEqual({ technology: 'em4100', bitCount: 40, bits: '01000734e0' })
  })

  test('a card that lies there is one scan, however long', async () => {
    const { port, clock, next } = reading()
    port.feed(card)
    await next()
    const pending = next()
    for (let repeat = 0; repeat < 20; repeat++) {
      clock.advance(65)
      port.feed(card)
      await new Promise(resolve => setImmediate(resolve))
    }
    port.feed(other)
    expect((await pending)?.bits).toBe('62e3086ced')
  })

  test('a card that comes again after the quiet gap is a new scan', async () => {
    const { port, clock, next } = reading()
    port.feed(card)
    await next()
    const pending = next()
    clock.advance(300)
    port.feed(card)
    expect((await pending)?.bits).toBe('01000734e0')
  })

  test('a wire that hums gives no more than a queue of people could, and is counted', async () => {
    const port = memoryPort()
    const clock = handClock()
    const dropped: string[] = []
    const reader = readerOf({ family: 'line' }, { open: async () => port, clock, dropped: why => dropped.push(why) })
    port.feed(Array.from({ length: 500 }, (_, at) => `${at}\r\n`).join(''))
    port.hangUp()
    const codes: unknown[] = []
    await expect(async () => {
      for await (const { credential } of reader.scans(new AbortController().signal)) codes.push(credential)
    }).rejects.toThrow('closed by itself')
    expect(codes).toHaveLength(30)
    expect(dropped).toEqual(Array(470).fill('flood'))
  })
})
