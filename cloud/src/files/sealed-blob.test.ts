import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { CHUNK_BYTES, newFileKey, openBlob, type Span, sealBlob } from './sealed-blob.ts'

const NAME = `${'0'.repeat(36)}/${'a'.repeat(32)}`
const key = newFileKey()

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const seal = (bytes: Buffer, piece = 10_000) => collect(sealBlob(key, NAME, inPieces(bytes, piece)))

/** Opens a blob that lies in memory, and tells what was read of it. */
function open(sealed: Buffer, total: number, { span, name = NAME }: { span?: Span; name?: string } = {}) {
  const read: { from: number; length: number }[] = []
  const bytes = collect(
    openBlob(
      key,
      name,
      async part => {
        read.push(part)
        return inPieces(sealed.subarray(part.from, part.from + part.length), 7_001)
      },
      { total, ...(span && { span }) },
    ),
  )
  return { bytes, read }
}

test.each([1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5])(
  'a file of %i bytes comes out as it went in, and nothing of it can be read in the store',
  async total => {
    const bytes = randomBytes(total)
    const sealed = await seal(bytes)
    expect(await open(sealed, total).bytes).toEqual(bytes)
    expect(sealed.length).toBe(16 + total + 16 * Math.ceil(total / CHUNK_BYTES))
    expect(sealed.includes(bytes.subarray(0, 16)) && total >= 16).toBe(false)
  },
)

test('the same bytes twice are sealed with other keys', async () => {
  const bytes = randomBytes(1000)
  const [one, other] = [await seal(bytes), await seal(bytes)]
  expect(one.subarray(16).equals(other.subarray(16))).toBe(false)
})

test('of a range only the chunks are fetched that it lies in', async () => {
  const total = 5 * CHUNK_BYTES + 100
  const bytes = randomBytes(total)
  const sealed = await seal(bytes)
  const spans: Span[] = [
    { from: 0, length: 1 },
    { from: CHUNK_BYTES - 1, length: 2 },
    { from: 2 * CHUNK_BYTES + 5, length: 10 },
    { from: 5 * CHUNK_BYTES, length: 100 },
    { from: total - 1, length: 1 },
  ]
  for (const span of spans) {
    expect(await open(sealed, total, { span }).bytes).toEqual(bytes.subarray(span.from, span.from + span.length))
  }
  const { bytes: opened, read } = open(sealed, total, { span: { from: 2 * CHUNK_BYTES + 5, length: 10 } })
  await opened
  expect(read).toEqual([
    { from: 0, length: 16 },
    { from: 16 + 2 * (CHUNK_BYTES + 16), length: CHUNK_BYTES + 16 },
  ])
})

test('what was cut, moved, changed or taken from another file does not open', async () => {
  const total = 3 * CHUNK_BYTES
  const bytes = randomBytes(total)
  const sealed = await seal(bytes)
  const chunk = CHUNK_BYTES + 16
  const chunks = [0, 1, 2].map(number => sealed.subarray(16 + number * chunk, 16 + (number + 1) * chunk))
  const salt = sealed.subarray(0, 16)
  const other = (await seal(bytes)).subarray(16, 16 + chunk)
  const flipped = Buffer.from(sealed)
  flipped[16 + chunk + 5]! ^= 1
  const wrong: Record<string, [Buffer, number]> = {
    'cut at a chunk': [Buffer.concat([salt, chunks[0]!, chunks[1]!]), total],
    'cut, and told to be shorter': [Buffer.concat([salt, chunks[0]!, chunks[1]!]), 2 * CHUNK_BYTES],
    'cut within a chunk': [sealed.subarray(0, sealed.length - 1), total],
    moved: [Buffer.concat([salt, chunks[1]!, chunks[0]!, chunks[2]!]), total],
    changed: [flipped, total],
    'of another blob': [Buffer.concat([salt, other, chunks[1]!, chunks[2]!]), total],
    'longer than it says': [sealed, total - 5],
    empty: [Buffer.alloc(0), total],
  }
  for (const [how, [blob, told]] of Object.entries(wrong)) {
    await expect(open(blob, told).bytes, how).rejects.toThrow(/not as it was sealed|ends before|shorter/)
  }
  await expect(open(sealed, total, { name: NAME.replace('a', 'b') }).bytes).rejects.toThrow('not as it was sealed')
})
