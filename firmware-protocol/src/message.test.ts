import { readFileSync } from 'node:fs'
import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { CRC16_CCITT_FALSE, crc16 } from '@gatehouse/shared/crc.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCobs } from './cobs.ts'
import { configurationCrc } from './configuration.ts'
import { crc32 } from './crc32.ts'
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX, frameSplitter, PAYLOAD_BYTES_MAX } from './frame.ts'
import { decodeMessage, encodeMessage, offsetsOf, payloadBytes } from './message.ts'
import { MESSAGES, type Message, type MessageName, type MessageOf } from './messages.ts'
import { GOLDEN } from './testing/golden.ts'

const file = new URL('../../shared/vectors/door-protocol.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as { frames: { name: string; frame: string }[] }
const stuffedIn = (frame: Uint8Array) => frame.subarray(1, -1)

describe('golden frames', () => {
  test('there is one of every message', () => {
    expect(vectors.frames.map(({ name }) => name)).toEqual(Object.keys(MESSAGES))
    expect(GOLDEN.map(({ message }) => message.name)).toEqual(Object.keys(MESSAGES))
  })

  test.each(vectors.frames)('$name', ({ name, frame }) => {
    const { message, numbers } = GOLDEN.find(one => one.message.name === name)!
    expect(toHex(encodeMessage(message, numbers))).toBe(frame)
    const read = decodeMessage(stuffedIn(fromHex(frame)!))
    expect(read.ok && read.value).toMatchObject({ message, seq: numbers.seq ?? 0, ack: numbers.ack ?? 0 })
  })

  test.each(vectors.frames)('$name with any bit turned is none', ({ frame }) => {
    const good = fromHex(frame)!
    for (let bit = 8; bit < (good.length - 1) * 8; bit++) {
      const wrong = Uint8Array.from(good)
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      // A zero inside ends one frame and begins another: neither is one.
      for (const one of frameSplitter()(wrong)) expect(one.ok && decodeMessage(one.value).ok).toBe(false)
    }
  })

  test('every request fits into a frame, and offsets follow the table', () => {
    for (const name of Object.keys(MESSAGES) as MessageName[])
      expect(payloadBytes(name)).toBeLessThanOrEqual(PAYLOAD_BYTES_MAX)
    expect([...offsetsOf('pulse')]).toEqual([
      ['session', 0],
      ['grant_id', 4],
      ['output', 8],
      ['start_by', 9],
      ['on_ms', 13],
    ])
  })
})

test('the check value of the CRC-32', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
})

test('the CRC of a configuration does not hang on the session', () => {
  const { message } = GOLDEN.find(one => one.message.name === 'configure')! as { message: MessageOf<'configure'> }
  expect(configurationCrc(message)).toBe(0xfd23187f)
  expect(configurationCrc({ ...message, session: 99 })).toBe(0xfd23187f)
  expect(configurationCrc({ ...message, rest: 0 })).not.toBe(0xfd23187f)
})

describe('a number that the table does not allow', () => {
  test.each<Message>([
    { name: 'release', session: 1, output: 8 },
    { name: 'release', session: -1, output: 0 },
    { name: 'release', session: 2 ** 32, output: 0 },
    { name: 'release', session: 0.5, output: 0 },
    { name: 'pulse', session: 1, grant_id: 1, output: 0, start_by: 0, on_ms: 30_001 },
    { name: 'hold', session: 1, grant_id: 1, output: 0, start_by: 0, lease_ms: 5_001 },
    { name: 'configure', session: 1, rest: 0, max_on_ms: [1], active_high: 0, debounce_ms: [] },
  ])('is not sent: %j', message => {
    expect(() => encodeMessage(message)).toThrow('is not allowed')
  })

  test('and not taken', () => {
    const frame = (head: number, op: number, payload: Uint8Array) =>
      stuffedIn(encodeFrame({ head: { kind: 'request', seq: head, ack: 0, op }, payload }))
    expect(decodeMessage(frame(1, 0x12, Uint8Array.of(1, 0, 0, 0, 8)))).toEqual({ ok: false, failure: 'range' })
    expect(decodeMessage(frame(1, 0x12, Uint8Array.of(1, 0, 0, 0)))).toEqual({ ok: false, failure: 'length' })
    expect(decodeMessage(frame(1, 0x77, Uint8Array.of()))).toEqual({ ok: false, failure: 'op' })
  })
})

describe('between two zeros', () => {
  test.each([
    ['another version', [0x21, 0, 1, 0, 1], 'version'],
    ['a flag', [0x11, 1, 1, 0, 1], 'flags'],
    ['an unknown kind', [0x17, 0, 1, 0, 1], 'kind'],
    ['less than a head', [0x11, 0, 1, 0], 'too_short'],
  ])('%s', (_what, body, failure) => {
    expect(decodeFrame(stuff(body))).toEqual({ ok: false, failure })
  })

  test('the longest frame, and one byte more', () => {
    const head = { kind: 'request', seq: 1, ack: 0, op: 1 } as const
    const longest = encodeFrame({ head, payload: new Uint8Array(PAYLOAD_BYTES_MAX).fill(7) })
    expect(decodeFrame(stuffedIn(longest)).ok).toBe(true)
    expect(() => encodeFrame({ head, payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) })).toThrow('fits into no frame')
    const longer = stuff(Array.from({ length: FRAME_BYTES_MAX - 1 }, () => 0x11))
    expect(decodeFrame(longer).ok).toBe(false)
  })
})

describe('the splitter', () => {
  const two = vectors.frames.slice(0, 2).map(({ frame }) => fromHex(frame)!)
  const all = Buffer.concat([Buffer.from('noise'), ...two])

  test('finds the same frames however they are cut', () => {
    for (let cut = 0; cut <= all.length; cut++) {
      const split = frameSplitter()
      const found = [...split(all.subarray(0, cut)), ...split(all.subarray(cut))]
      expect(found).toEqual(two.map(frame => ({ ok: true, value: Uint8Array.from(stuffedIn(frame)) })))
    }
  })

  test('a tail without a beginning is no frame', () => {
    expect(frameSplitter()(two[0]!.subarray(1))).toEqual([])
  })

  test('a megabyte without a zero is dropped whole and holds nothing back', () => {
    const split = frameSplitter()
    split(Uint8Array.of(0))
    const flood = new Uint8Array(65_536).fill(0x55)
    for (let chunk = 0; chunk < 16; chunk++) expect(split(flood)).toEqual([])
    expect(split(Uint8Array.of(0))).toEqual([{ ok: false, failure: 'too_long' }])
    expect(split(two[0]!)).toHaveLength(1)
  })

  test('nothing throws and nothing is a message by chance', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), chunks => {
        const split = frameSplitter()
        for (const chunk of chunks)
          for (const one of split(chunk)) expect(one.ok && decodeMessage(one.value).ok).toBe(false)
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })
})

/** What stands between the zeros for a body that no encoder would write. */
function stuff(body: readonly number[]): Uint8Array {
  const crc = crc16(CRC16_CCITT_FALSE, Uint8Array.from(body))
  return encodeCobs(Uint8Array.of(...body, crc >> 8, crc & 0xff)).subarray(0, -1)
}
