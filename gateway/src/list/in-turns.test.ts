import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decompressed } from './decompress.ts'
import { inTurns } from './in-turns.ts'

test('long work lets others have their turn, and comes to its end', async () => {
  let turns = 0
  let working = true
  const others = () => {
    turns++
    if (working) setImmediate(others)
  }
  setImmediate(others)
  function* pieces(): Generator<void, string> {
    // As long as it takes for the others to have had three turns: for ever, were there none.
    for (let piece = 0; turns < 3 && piece < 10_000_000; piece++) yield
    return 'done'
  }
  expect(await inTurns(pieces())).toBe('done')
  working = false
  expect(turns).toBeGreaterThanOrEqual(3)
})

test('what throws in a piece is thrown', async () => {
  function* pieces(): Generator<void, void> {
    yield
    throw new Error('in the second piece')
  }
  await expect(inTurns(pieces())).rejects.toThrow('in the second piece')
})

const plain = new Uint8Array(300_000).map((_, at) => at % 251)
const file = zstdCompressSync(plain)

test('a file of many parts is whole again', async () => {
  expect(Buffer.compare((await decompressed(file, plain.length))!, plain)).toBe(0)
  expect(await decompressed(zstdCompressSync(new Uint8Array()), 0)).toEqual(new Uint8Array())
})

test.each<[string, Uint8Array, number]>([
  ['a byte more than was promised', file, plain.length - 1],
  ['a byte less than was promised', file, plain.length + 1],
  ['gigabytes from a few bytes', zstdCompressSync(new Uint8Array(64 * 1024 * 1024)), 1_000],
  ['a file cut short', file.subarray(0, file.length - 20), plain.length],
  ['no zstd at all', Buffer.from('hello, hello, hello'), 100],
])('%s is nothing', async (_what, bytes, promised) => {
  expect(await decompressed(bytes, promised)).toBe(null)
})
