import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * A file as it lies in the store: a salt of 16 bytes, then chunks of 64 KiB, each sealed by AES-256-GCM. A chunk's number is its
 * nonce, and the key is made of the file's key and the salt: a blob that is written again is sealed with another key. What is sealed
 * beside a chunk is the blob's name, the number and whether it is the last: none can be left out, moved or taken from another blob.
 */
export const CHUNK_BYTES = 64 * 1024
const SALT_BYTES = 16
const TAG_BYTES = 16
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

export const newFileKey = (): Buffer => randomBytes(32)

/** The blob of these bytes, of which a chunk at a time is held. */
export async function* sealBlob(
  fileKey: Uint8Array,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES)
  const key = keyOf(fileKey, salt)
  yield salt
  let held: Uint8Array[] = []
  let heldBytes = 0
  let number = 0
  for await (const piece of bytes) {
    held.push(piece)
    heldBytes += piece.length
    // A full chunk waits for what follows: only then is it known not to be the last.
    if (heldBytes <= CHUNK_BYTES) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; all.length - at > CHUNK_BYTES; at += CHUNK_BYTES) {
      yield sealChunk(key, { name, number: number++, isLast: false }, all.subarray(at, at + CHUNK_BYTES))
    }
    held = [all.subarray(at)]
    heldBytes = all.length - at
  }
  yield sealChunk(key, { name, number, isLast: true }, Buffer.concat(held))
}

/** Part of a blob in the store; null: there is no such blob. */
export type ReadBlob = (part: {
  readonly from: number
  readonly length: number
}) => Promise<AsyncIterable<Uint8Array> | null>

export type Span = { readonly from: number; readonly length: number }

/**
 * The bytes `span` of a file of `total` bytes, whose blob `read` reads: only the chunks they lie in are fetched. Throws at the first
 * chunk that is not as it was sealed, before any byte of it is given out.
 */
export async function* openBlob(
  fileKey: Uint8Array,
  name: string,
  read: ReadBlob,
  { total, span = { from: 0, length: total } }: { readonly total: number; readonly span?: Span },
): AsyncGenerator<Buffer> {
  if (span.length === 0) return
  const first = Math.floor(span.from / CHUNK_BYTES)
  const end = Math.floor((span.from + span.length - 1) / CHUNK_BYTES)
  const last = Math.max(0, Math.ceil(total / CHUNK_BYTES) - 1)
  const key = keyOf(fileKey, await all(await must(name, read({ from: 0, length: SALT_BYTES })), SALT_BYTES))
  const lastBytes = total - last * CHUNK_BYTES + TAG_BYTES
  const sealedBytes = (end - first) * SEALED_CHUNK_BYTES + (end === last ? lastBytes : SEALED_CHUNK_BYTES)
  const sealed = await must(name, read({ from: SALT_BYTES + first * SEALED_CHUNK_BYTES, length: sealedBytes }))
  let number = first
  for await (const chunk of inPieces(sealed, SEALED_CHUNK_BYTES)) {
    const bytes = openChunk(key, { name, number, isLast: number === last }, chunk)
    const start = Math.max(0, span.from - number * CHUNK_BYTES)
    const stop = Math.min(bytes.length, span.from + span.length - number * CHUNK_BYTES)
    yield bytes.subarray(start, stop)
    number++
  }
  if (number !== end + 1) throw new Error(`blob ${name} ends before its chunk ${number}`)
}

/** Pieces of so many bytes each, the last one shorter. */
async function* inPieces(stream: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of stream) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece])
    while (rest.length >= bytes) {
      yield rest.subarray(0, bytes)
      rest = rest.subarray(bytes)
    }
  }
  if (rest.length > 0) yield rest
}

async function all(stream: AsyncIterable<Uint8Array>, bytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  const read = Buffer.concat(pieces)
  if (read.length !== bytes) throw new Error(`the blob is shorter than its salt: ${read.length} bytes`)
  return read
}

async function must(name: string, reading: ReturnType<ReadBlob>): Promise<AsyncIterable<Uint8Array>> {
  const stream = await reading
  if (stream === null) throw new Error(`blob ${name} is not in the store`)
  return stream
}

type Chunk = { readonly name: string; readonly number: number; readonly isLast: boolean }

function sealChunk(key: Uint8Array, chunk: Chunk, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(chunk), { authTagLength: TAG_BYTES })
  cipher.setAAD(besides(chunk))
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function openChunk(key: Uint8Array, chunk: Chunk, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(chunk), { authTagLength: TAG_BYTES })
  decipher.setAAD(besides(chunk))
  try {
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const opened = decipher.update(sealed.subarray(0, -TAG_BYTES))
    decipher.final()
    return opened
  } catch {
    throw new Error(`chunk ${chunk.number} of blob ${chunk.name} is not as it was sealed`)
  }
}

function nonceOf({ number }: Chunk): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number), 4)
  return nonce
}

const besides = ({ name, number, isLast }: Chunk) =>
  Buffer.from(JSON.stringify(['gatehouse blob 1', name, number, isLast]))

const keyOf = (fileKey: Uint8Array, salt: Uint8Array) =>
  new Uint8Array(hkdfSync('sha256', fileKey, salt, 'gatehouse blob 1', 32))
