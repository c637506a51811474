import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, toHex } from '../bytes.ts'
import { bucketHashes, stateRoot, tableRoot } from './roots.ts'
import {
  decodeCard,
  decodeDeviceKey,
  decodePass,
  decodePin,
  encodeCard,
  encodeDeviceKey,
  encodePass,
  encodePin,
  type ListPass,
  NO_ROW_FLAGS,
  ROW_LAYOUT,
  TABLES,
} from './rows.ts'
import { bucketBitsFor, bucketOf, buckets, decodeTable, encodeTable, TABLE_HEADER_BYTES } from './table.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

const pass: ListPass = {
  passId: '92ac63853fc0633b',
  notBeforeS: 0,
  expiresS: 1_817_078_400,
  groups: 5,
  status: 'active',
  class: 'student',
  profile: 2,
  flags: { ...NO_ROW_FLAGS, once: true, pinNeeded: true },
  minGeneration: 3,
}

describe('a row is as wide as its table says, and comes back as it went in', () => {
  test('P', () => {
    const row = encodePass(pass)
    expect(toHex(row)).toBe(
      '92ac63853fc0633b' + '00000000' + '6c4e6a80' + '00000005' + '01' + '01' + '02' + '48' + '0003',
    )
    expect(decodePass(row)).toEqual({ ok: true, value: pass })
  })

  test('C, K and N', () => {
    const card = { cardKey: `${'00'.repeat(11)}ff`, passId: pass.passId }
    const key = { passId: pass.passId, point: `02${'ab'.repeat(32)}` }
    const pin = { passId: pass.passId, kind: 'duress' as const, mac: 'cd'.repeat(16) }
    expect(decodeCard(encodeCard(card))).toEqual({ ok: true, value: card })
    expect(decodeDeviceKey(encodeDeviceKey(key))).toEqual({ ok: true, value: key })
    expect(decodePin(encodePin(pin))).toEqual({ ok: true, value: pin })
    expect([encodePass(pass), encodeCard(card), encodeDeviceKey(key), encodePin(pin)].map(row => row.length)).toEqual(
      TABLES.map(table => ROW_LAYOUT[table].bytes),
    )
  })

  test.each<[string, Record<number, number>]>([
    ['a status of 0', { 20: 0 }],
    ['a status of 5', { 20: 5 }],
    ['a class of 6', { 21: 6 }],
    ['a flag nobody knows', { 23: 128 }],
    ['no groups', { 19: 0 }],
    ['an end before the beginning', { 12: 0, 13: 0, 14: 0, 15: 0 }],
  ])('%s is not understood', (_what, change) => {
    const row = encodePass(pass)
    for (const [at, byte] of Object.entries(change)) row[Number(at)] = byte
    expect(decodePass(row)).toEqual({ ok: false, failure: 'malformed' })
  })
})

describe('a table', () => {
  const rows = ['0000000000000001', '3fffffffffffffff', '4000000000000000', 'ffffffffffffffff'].map(passId =>
    encodePass({ ...pass, passId }),
  )
  const file = { table: 'P' as const, bucketBits: 2, count: 4, rows: concat(...rows) }

  test('its file says what it is, in 12 bytes', () => {
    expect(toHex(encodeTable(file).subarray(0, TABLE_HEADER_BYTES))).toBe(
      '47485331' + '50' + '02' + '001a' + '00000004',
    )
    expect(decodeTable(encodeTable(file), 'P')).toEqual({ ok: true, value: file })
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['nothing', () => new Uint8Array()],
    ['another magic', change(0, 0x48)],
    ['another table', change(4, 0x43)],
    ['21 bucket bits', change(5, 21)],
    ['another row size', change(7, 25)],
    ['a count that lies', change(11, 5)],
    ['a count that would overflow', change(8, 0xff)],
    ['a row cut short', bytes => bytes.subarray(0, bytes.length - 1)],
    ['something behind the last row', bytes => concat(bytes, Uint8Array.of(0))],
    ['a row twice', () => encodeTable({ ...file, rows: concat(rows[0]!, rows[0]!, rows[2]!, rows[3]!) })],
    ['rows out of order', () => encodeTable({ ...file, rows: concat(rows[1]!, rows[0]!, rows[2]!, rows[3]!) })],
  ])('%s is refused', (_what, spoil) => {
    expect(decodeTable(spoil(encodeTable(file)), 'P')).toEqual({ ok: false, failure: 'malformed' })
  })

  test('a bucket holds the rows whose key begins with its bits', () => {
    expect([...buckets(file)].map(bucket => bucket.length / ROW_LAYOUT.P.bytes)).toEqual([2, 1, 0, 1])
    expect(bucketOf(fromHex('ffffffff')!, 20)).toBe(2 ** 20 - 1)
    expect(bucketOf(fromHex('ffffffff')!, 0)).toBe(0)
  })

  test('about sixteen rows a bucket, for any size', () => {
    expect([0, 16, 17, 20_000, 1_000_000].map(bucketBitsFor)).toEqual([0, 0, 1, 11, 16])
  })

  test('its root is the hash of its shape and of its buckets’ hashes', () => {
    const hashes = bucketHashes(sha256, file)
    expect(toHex(hashes.subarray(64, 96))).toBe(toHex(sha256(new Uint8Array())))
    const byHand = createHash('sha256')
      .update('GHT1')
      .update('P')
      .update(Buffer.from('02001a00000004', 'hex'))
      .update(hashes)
      .digest('hex')
    expect(toHex(tableRoot(sha256, { ...file, bucketHashes: hashes }))).toBe(byHand)
  })

  test('a state root changes with any table', () => {
    const root = (byte: number) => new Uint8Array(32).fill(byte)
    const state = (roots: [number, number, number, number]) =>
      toHex(stateRoot(sha256, { P: root(roots[0]), C: root(roots[1]), K: root(roots[2]), N: root(roots[3]) }))
    expect(
      new Set([state([1, 2, 3, 4]), state([2, 2, 3, 4]), state([1, 1, 3, 4]), state([1, 2, 4, 4]), state([1, 2, 3, 3])])
        .size,
    ).toBe(5)
  })
})

function change(at: number, byte: number): (bytes: Uint8Array) => Uint8Array {
  return bytes => {
    const spoilt = bytes.slice()
    spoilt[at] = byte
    return spoilt
  }
}
