import { readFileSync } from 'node:fs'
import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import { decodeCobs, encodeCobs } from './cobs.ts'

const file = new URL('../../shared/vectors/protocols.json', import.meta.url)
const vectors = (JSON.parse(readFileSync(file, 'utf8')) as { cobs: { data: string; encoded: string }[] }).cobs
const bytes = (hex: string) => fromHex(hex)!

test.each(vectors)('$data', ({ data, encoded }) => {
  expect(toHex(encodeCobs(bytes(data))).toUpperCase()).toBe(encoded)
  expect(decodeCobs(bytes(encoded))).toEqual({ ok: true, value: bytes(data) })
})

test('254 bytes without a zero and then one: the zero has a block of its own', () => {
  const data = new Uint8Array(255).fill(1)
  data[254] = 0
  expect(toHex(encodeCobs(data)).slice(-6)).toBe('010100')
})

test('every length around a block comes back as it went in', () => {
  for (let length = 0; length < 1024; length++) {
    const data = Uint8Array.from({ length }, (_, at) => (at % 97 === 0 ? 0 : at & 255))
    const frame = encodeCobs(data)
    expect(frame.indexOf(0)).toBe(frame.length - 1)
    expect(decodeCobs(frame)).toEqual({ ok: true, value: data })
  }
})

describe('malformed', () => {
  test.each([
    ['nothing', ''],
    ['only the end', '00'],
    ['a code behind the end', '0511'],
    ['a zero inside', '0311002200'],
    ['two ends', '02110000'],
  ])('%s', (_what, frame) => expect(decodeCobs(bytes(frame))).toEqual({ ok: false, failure: 'malformed' }))
})
