import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { chain, eventHash, FIRST_PREVIOUS } from './chain.ts'
import { type JcsValue, jcs } from './jcs.ts'
import { ChainedEvent, EventRecord } from './record.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

const record: EventRecord = {
  gate: '0190a1b2-0000-7000-8000-000000000001',
  sequence: 1,
  kind: 'boot',
  listVersion: 0,
  policyHash: '0'.repeat(64),
  trustedTimeMs: 1_788_336_000_000,
  wallTimeMs: 1_788_336_000_000,
  monotonicMs: 12,
  bootId: '0190a1b2-0000-7000-8000-0000000000ff',
  clockQuality: 'unconfirmed',
}

describe('RFC 8785, for text, whole numbers and objects', () => {
  test.each<[string, JcsValue, string]>([
    [
      'names are sorted by UTF-16 code units',
      { b: 1, a: 2, '\u20ac': 3, '\ud83d\ude02': 4, '\ufb33': 5, A: 6 },
      '{"A":6,"a":2,"b":1,"€":3,"😂":4,"\ufb33":5}',
    ],
    ['no spaces, nested', { z: { y: 'x', a: 1 } }, '{"z":{"a":1,"y":"x"}}'],
    ['text is escaped as the RFC says', { t: '\u0000\b\t"\\/é\u2028' }, '{"t":"\\u0000\\b\\t\\"\\\\/é\u2028"}'],
    ['minus zero is zero', { n: -0 }, '{"n":0}'],
    ['what is not there is left out', { a: undefined, b: 1 }, '{"b":1}'],
  ])('%s', (_rule, value, text) => expect(jcs(value)).toBe(text))

  test.each<[string, unknown]>([
    ['a fraction', { a: 0.5 }],
    ['a number beyond 2^53', { a: 2 ** 53 }],
    ['true', { a: true }],
    ['null', { a: null }],
    ['a list', { a: [1] }],
    ['half a character', { a: '\ud800' }],
  ])('%s cannot be said', (_what, value) => expect(() => jcs(value as JcsValue)).toThrow())
})

describe('the chain', () => {
  test('a hash is SHA-256 of GHE1, the previous hash and the record', () => {
    const byHand = createHash('sha256')
      .update('GHE1')
      .update(Buffer.alloc(32))
      .update(jcs(record as JcsValue))
      .digest('hex')
    expect(eventHash(sha256, FIRST_PREVIOUS, record)).toBe(byHand)
  })

  test('each event holds the one before it', () => {
    const first = chain(sha256, FIRST_PREVIOUS, record)
    const second = chain(sha256, first.hash, { ...record, sequence: 2 })
    expect(second.previous).toBe(first.hash)
    expect(chain(sha256, first.hash, { ...record, sequence: 2, wallTimeMs: 1 }).hash).not.toBe(second.hash)
  })

  test('the order in which a record was written down does not matter', () => {
    const turned = Object.fromEntries(Object.entries(record).reverse()) as EventRecord
    expect(eventHash(sha256, FIRST_PREVIOUS, turned)).toBe(eventHash(sha256, FIRST_PREVIOUS, record))
  })

  test('a previous hash of another length is a mistake of ours', () => {
    expect(() => eventHash(sha256, 'ff', record)).toThrow(/32 bytes/)
  })
})

test('a record says nothing it has no word for', () => {
  expect(EventRecord.safeParse({ ...record, holderName: 'Ada' }).success).toBe(false)
  expect(ChainedEvent.safeParse(chain(sha256, FIRST_PREVIOUS, record)).success).toBe(true)
})
