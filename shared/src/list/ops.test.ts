import { describe, expect, test } from 'vitest'
import { concatAll, toHex } from '../bytes.ts'
import { applyOps, diffRows, type Ops } from './ops.ts'
import { encodeCard, ROW_LAYOUT } from './rows.ts'

const card = (key: number, pass = 1) =>
  encodeCard({ cardKey: key.toString(16).padStart(24, '0'), passId: pass.toString(16).padStart(16, '0') })
const rows = (...cards: readonly (readonly [number, number?])[]) =>
  concatAll(cards.map(([key, pass]) => card(key, pass)))
const keys = (...cards: readonly number[]) => concatAll(cards.map(key => card(key).subarray(0, ROW_LAYOUT.C.keyBytes)))
const NONE = new Uint8Array()
const before = rows([10], [20], [30])

describe('what ops do to a table', () => {
  test.each<[string, Ops, Uint8Array]>([
    ['nothing', { upsert: NONE, delete: NONE }, before],
    ['put in before all', { upsert: rows([1]), delete: NONE }, rows([1], [10], [20], [30])],
    ['put in between', { upsert: rows([15]), delete: NONE }, rows([10], [15], [20], [30])],
    ['put in behind all', { upsert: rows([99]), delete: NONE }, rows([10], [20], [30], [99])],
    ['put in instead', { upsert: rows([20, 2]), delete: NONE }, rows([10], [20, 2], [30])],
    ['take out the first', { upsert: NONE, delete: keys(10) }, rows([20], [30])],
    ['take out the last', { upsert: NONE, delete: keys(30) }, rows([10], [20])],
    ['take out all', { upsert: NONE, delete: keys(10, 20, 30) }, NONE],
    ['both at once', { upsert: rows([5], [30, 3]), delete: keys(10) }, rows([5], [20], [30, 3])],
  ])('%s', (_what, ops, after) => {
    expect(applyOps('C', before, ops)).toEqual({ ok: true, value: after })
    expect(diffRows('C', before, after)).toEqual(ops)
  })

  test('into an empty table', () => {
    expect(applyOps('C', NONE, { upsert: before, delete: NONE })).toEqual({ ok: true, value: before })
  })
})

describe('ops that do not say what changes are refused whole', () => {
  test.each<[string, Ops]>([
    ['half a row', { upsert: rows([1]).subarray(1), delete: NONE }],
    ['half a key', { upsert: NONE, delete: keys(10).subarray(1) }],
    ['rows out of order', { upsert: rows([2], [1]), delete: NONE }],
    ['a row twice', { upsert: rows([1], [1]), delete: NONE }],
    ['keys out of order', { upsert: NONE, delete: keys(20, 10) }],
    ['a key that is not there', { upsert: NONE, delete: keys(11) }],
    ['a key behind the last', { upsert: NONE, delete: keys(31) }],
    ['a row put in and taken out', { upsert: rows([10, 2]), delete: keys(10) }],
    ['a new row put in and taken out', { upsert: rows([11]), delete: keys(11) }],
    ['a row put in as it is', { upsert: rows([10]), delete: NONE }],
  ])('%s', (_what, ops) => expect(applyOps('C', before, ops)).toEqual({ ok: false, failure: 'malformed_ops' }))

  test('a pass’s row that is not understood', () => {
    expect(applyOps('P', NONE, { upsert: new Uint8Array(26), delete: NONE })).toEqual({
      ok: false,
      failure: 'malformed_ops',
    })
  })
})

test('the difference of any two tables leads from one to the other', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const [a, b] = [someTable(seed), someTable(seed * 7919)]
    const after = applyOps('C', a, diffRows('C', a, b))
    expect(after.ok && toHex(after.value), `seed ${seed}`).toBe(toHex(b))
  }
})

/** A table of up to 24 cards out of 40, from a seed (a linear congruential generator: the same everywhere). */
function someTable(seed: number): Uint8Array {
  let state = seed
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
  const chosen = new Set(Array.from({ length: next(24) }, () => next(40)))
  return rows(...[...chosen].sort((a, b) => a - b).map(key => [key, next(3)] as const))
}
