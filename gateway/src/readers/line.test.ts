import { describe, expect, test } from 'vitest'
import { handClock } from '../testing/hand-clock.ts'
import { memoryPort } from '../testing/memory-port.ts'
import { readerOf } from '../testing/reader-of.ts'

function reading(aimId = false) {
  const port = memoryPort()
  const clock = handClock()
  const reader = readerOf({ family: 'line', id: 'qr', aimId }, { open: async () => port, clock })
  const scans = reader.scans(new AbortController().signal)[Symbol.asyncIterator]()
  const next = async () => {
    const { value } = await scans.next()
    return value?.credential.kind === 'code' ? value.credential.text : null
  }
  return { port, clock, scans, next }
}

describe('a line reader', () => {
  test('gives each code as it was printed', async () => {
    const { port, next } = reading()
    port.feed('1575\r\n')
    expect(await next()).toBe('1575')
  })

  test('takes the AIM id off where the scanner is set to send one', async () => {
    const { port, next } = reading(true)
    port.feed(']Q11575\r\n')
    expect(await next()).toBe('1575')
  })

  test('leaves a payload alone that begins like an AIM id', async () => {
    const { port, next } = reading()
    port.feed(']Q11575\r\n')
    expect(await next()).toBe(']Q11575')
  })

  test('the same digits within 3 s are one scan, however often', async () => {
    const { port, clock, next } = reading()
    port.feed('1575\r\n')
    expect(await next()).toBe('1575')
    const pending = next()
    clock.advance(2_900)
    port.feed('1575\r\n1575\r\n42\r\n')
    expect(await pending).toBe('42')
  })

  test('the same digits are one scan also with others in between, and a new one after many', async () => {
    const { port, next } = reading()
    port.feed('1575\r\n42\r\n1575\r\n43\r\n')
    expect([await next(), await next(), await next()]).toEqual(['1575', '42', '43'])
    for (let noise = 100; noise < 110; noise++) port.feed(`${noise}\r\n`)
    port.feed('1575\r\n')
    for (let noise = 100; noise < 110; noise++) expect(await next()).toBe(`${noise}`)
    expect(await next()).toBe('1575')
  })

  test('the same digits after 3 s are a new scan', async () => {
    const { port, clock, next } = reading()
    port.feed('1575\r\n')
    await next()
    const pending = next()
    clock.advance(3_000)
    port.feed('1575\r\n')
    expect(await pending).toBe('1575')
  })

  test('a line that closes by itself is an error', async () => {
    const { port, scans } = reading()
    port.hangUp()
    await expect(scans.next()).rejects.toThrow('reader qr: the line closed by itself')
  })
})
