import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import type { WiegandFormat } from '@gatehouse/shared/wire/hardware/card-format.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pcproxBuffer } from '../simulators/pcprox-reader.ts'
import { madeOf } from '../testing/decode.ts'
import { memoryReportPort } from '../testing/memory-report-port.ts'
import { pcproxDecoder, pcproxLine } from './pcprox.ts'

const NONE = '000000000000000000'
const ASK_DATA = '008f00000000000000'
const ASK_COUNT = '008e00000000000000'

/** Polls once, gives these answers to what is asked, and says what came of it. */
function poll(format: WiegandFormat, ...answers: string[]) {
  const decoder = pcproxDecoder({ format })
  const made = [...decoder.begin(0), ...decoder.due(0)]
  for (const answer of answers) made.push(...decoder.take(fromHex(answer)!, 1))
  return madeOf(made)
}

const buffer = (data: string) => `00${data.padEnd(16, '0')}`
const count = (bits: number) => buffer(bits.toString(16).padStart(2, '0').repeat(2))

describe('a pcProx', () => {
  test('is asked for its card, and for the bits of it where there is one', () => {
    expect(poll('h10301', NONE).answers).toEqual([ASK_DATA])
    expect(poll('h10301', buffer('d7117b'), count(24)).answers).toEqual([ASK_DATA, ASK_COUNT])
  })

  test('is asked again each 250 ms', () => {
    const decoder = pcproxDecoder({ format: 'raw' })
    decoder.begin(10)
    expect(decoder.dueMs()).toBe(10)
    expect(madeOf(decoder.due(10)).answers).toEqual([ASK_DATA])
    expect(decoder.dueMs()).toBe(260)
    expect(decoder.due(259)).toEqual([])
    expect(madeOf(decoder.due(260)).answers).toEqual([ASK_DATA])
  })

  // u16 card number, u8 facility code, least significant byte first (protocol.md, buffer 0).
  test('H10301: 123 / 4567 is the card that any other reader sees', () => {
    expect(poll('h10301', buffer('d7117b'), count(24)).scans).toEqual(['h10301 7b11d7'])
  })

  // u20 card number, u12 facility code.
  test('Corporate 1000 of 35 bits: 42 / 123456', () => {
    expect(poll('c1k35s', buffer('40e2a102'), count(32)).scans).toEqual(['c1k35s 02a1e240'])
  })

  // u23 card number, u22 facility code.
  test('Corporate 1000 of 48 bits: 42069 / 42069', () => {
    const value = (42069n << 23n) | 42069n
    const data = Array.from({ length: 6 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))
    expect(poll('c1k48s', buffer(toHex(Uint8Array.from(data))), count(45)).scans).toEqual([
      `c1k48s ${leftJustified(value, 45)}/45`,
    ])
  })

  test('set to keep parity it gives the whole frame, and parity is checked', () => {
    expect(poll('h10301', buffer('ae23f602'), count(26)).scans).toEqual(['h10301 7b11d7'])
    expect(poll('h10301', buffer('af23f602'), count(26)).scans).toEqual(['misread raw bd88ebc0/26'])
  })

  test('a raw card is all bits as they came', () => {
    expect(poll('raw', buffer('efbeadde'), count(32)).scans).toEqual(['raw deadbeef'])
    expect(poll('raw', buffer('01'), count(3)).scans).toEqual(['raw 20/3'])
  })

  test('a card of another length is a misread, and never a number', () => {
    expect(poll('h10301', buffer('40e2a102'), count(32)).scans).toEqual(['misread raw 02a1e240'])
  })

  test('what lies behind the bits of the card is not looked at', () => {
    expect(poll('h10301', buffer('d7117bffffffffff'), count(24)).scans).toEqual(['h10301 7b11d7'])
  })

  test('counts that differ, or are beyond the buffer, are dropped', () => {
    expect(poll('h10301', buffer('d7117b'), buffer('1819'))).toMatchObject({ scans: [], dropped: ['count'] })
    expect(poll('raw', buffer('d7117b'), count(65))).toMatchObject({ scans: [], dropped: ['count'] })
  })

  test('a card that was taken away in between is none', () => {
    expect(poll('h10301', buffer('d7117b'), NONE)).toMatchObject({ scans: [], dropped: [] })
  })

  test('an answer of another length is dropped; one without the id is taken', () => {
    expect(poll('h10301', '00d7117b').dropped).toEqual(['length'])
    expect(poll('h10301', buffer('d7117b').slice(2), count(24).slice(2)).scans).toEqual(['h10301 7b11d7'])
  })

  test('any answers at all: never an error', () => {
    const answer = fc.uint8Array({ minLength: 0, maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(answer, { maxLength: 20 }),
        fc.constantFrom('raw' as const, 'h10301' as const),
        (answers, format) => {
          void poll(format, ...answers.map(toHex))
        },
      ),
    )
  })
})

function leftJustified(value: bigint, bitCount: number): string {
  const bytes = Math.ceil(bitCount / 8)
  return (value << BigInt(bytes * 8 - bitCount)).toString(16).padStart(bytes * 2, '0')
}

test('its simulator keeps of a card what the manual of its protocol says', () => {
  expect(pcproxBuffer({ bitCount: 26, bits: 'bd88eb80' }, 'h10301')).toEqual({
    bitCount: 24,
    data: fromHex('d7117b0000000000'),
  })
})

test('its line is feature reports: what is written is sent, and the report read after it comes in', async () => {
  const told: string[] = []
  const port = memoryReportPort({
    set(report) {
      told.push(toHex(report))
      return true
    },
    get: reportId => fromHex(`0${reportId}d7117b000000000000`)!,
  })
  const line = await pcproxLine(port)
  const next = line.incoming[Symbol.asyncIterator]().next()
  // What it types meanwhile is no answer.
  port.feed(fromHex('0000250000000000')!)
  await line.write(fromHex(ASK_DATA)!)
  expect(told).toEqual([ASK_DATA])
  expect(toHex((await next).value!)).toBe('00d7117b0000000000')
})
