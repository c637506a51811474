import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { type FileCategory, TAKES } from '@gatehouse/shared/wire/api/files.ts'
import type { MediaType } from '@gatehouse/shared/wire/contract.ts'
import busboy from 'busboy'
import { fileTypeFromBuffer } from 'file-type'
import type { BlobStore } from './blob-store.ts'
import { cleanName } from './file-name.ts'
import { sealBlob } from './sealed-blob.ts'

/** The one part of an upload. */
const PART = 'file'
/** As many of the first bytes as the types we take are known by. */
const HEAD_BYTES = 4100
/** What a multipart body has around its file: boundaries, the part's headers, a long name. */
const AROUND_BYTES_MAX = 16 * 1024

export const RECEIVE_FAILURES = [
  'not_multipart',
  'malformed',
  'no_file',
  'two_files',
  'unknown_part',
  'empty',
  'too_large',
  'wrong_type',
  'broken_off',
] as const
export type ReceiveFailure = (typeof RECEIVE_FAILURES)[number]

class Refused extends Error {
  readonly failure: ReceiveFailure
  constructor(failure: ReceiveFailure) {
    super(failure)
    this.failure = failure
  }
}

/** What was seen of a file on its way into the store. */
export type Seen = {
  readonly name: string
  readonly mediaType: MediaType
  readonly bytes: number
  readonly sha256: string
}

/**
 * Streams the one file of a multipart body into the store under `blobName`, sealed with `fileKey`: some chunks of it are in memory at
 * a time. Where it answers a failure nothing is left in the store, and the rest of the body may still be on its way.
 */
export async function receiveFile(
  req: IncomingMessage,
  {
    store,
    category,
    fileKey,
    blobName,
  }: {
    readonly store: BlobStore
    readonly category: FileCategory
    readonly fileKey: Uint8Array
    readonly blobName: string
  },
): Promise<Result<Seen, ReceiveFailure>> {
  const { bytesMax } = TAKES[category]
  // Who says how much is coming need not send it.
  if (Number(req.headers['content-length'] ?? 0) > bytesMax + AROUND_BYTES_MAX) return fail('too_large')
  const parser = openParser(req, bytesMax)
  if (parser === null) return fail('not_multipart')
  let kept: Promise<Seen> | null = null
  try {
    const seen = await new Promise<Seen | null>((resolve, reject) => {
      parser.on('file', (part, file, { filename }) => {
        // What breaks off a file is told by whoever reads it.
        file.on('error', () => {})
        // It would end only with its part, however much is still to come.
        file.on('limit', () => file.destroy(new Refused('too_large')))
        if (part !== PART) return reject(new Refused('unknown_part'))
        kept = keep(file, { store, category, fileKey, blobName, name: cleanName(filename) })
        kept.catch(reject)
      })
      parser.on('filesLimit', () => reject(new Refused('two_files')))
      parser.on('fieldsLimit', () => reject(new Refused('unknown_part')))
      parser.on('partsLimit', () => reject(new Refused('unknown_part')))
      parser.on('error', problem =>
        reject(
          req.destroyed && !req.complete
            ? new Refused('broken_off')
            : problem instanceof Refused
              ? problem
              : new Refused('malformed'),
        ),
      )
      parser.on('close', () => (kept === null ? resolve(null) : kept.then(resolve, reject)))
      req.once('close', () => {
        if (!req.complete) parser.destroy(new Refused('broken_off'))
      })
      req.pipe(parser)
    })
    return seen === null ? fail('no_file') : ok(seen)
  } catch (problem) {
    req.unpipe(parser)
    parser.destroy()
    // A file before the part that is refused may be whole already.
    const whole = await Promise.resolve(kept).then(
      seen => seen !== null,
      () => false,
    )
    if (whole) await store.remove(blobName)
    if (problem instanceof Refused) return fail(problem.failure)
    throw problem
  }
}

function openParser(req: IncomingMessage, bytesMax: number): busboy.Busboy | null {
  if (!/^multipart\/form-data\s*;/i.test(req.headers['content-type'] ?? '')) return null
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: { files: 1, fields: 0, parts: 2, headerPairs: 20, fileSize: bytesMax + 1 },
    })
  } catch {
    return null
  }
}

type Keeping = {
  readonly store: BlobStore
  readonly category: FileCategory
  readonly fileKey: Uint8Array
  readonly blobName: string
  readonly name: string
}

async function keep(file: AsyncIterable<Buffer>, { store, category, fileKey, blobName, name }: Keeping): Promise<Seen> {
  const seen = { bytes: 0, hash: createHash('sha256'), type: null as MediaType | null }
  await store.put(blobName, sealBlob(fileKey, blobName, checked(file, category, seen)))
  return { name, mediaType: seen.type!, bytes: seen.bytes, sha256: seen.hash.digest('hex') }
}

type Tally = { bytes: number; readonly hash: Hash; type: MediaType | null }

/** The same bytes, once their first say what they are; counted and hashed. */
async function* checked(file: AsyncIterable<Buffer>, category: FileCategory, seen: Tally): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  const passed = (bytes: Buffer) => {
    seen.bytes += bytes.length
    seen.hash.update(bytes)
    return bytes
  }
  for await (const piece of file) {
    if (head === null) {
      yield passed(piece)
      continue
    }
    head = Buffer.concat([head, piece])
    if (head.length < HEAD_BYTES) continue
    seen.type = await typeOf(head, category)
    yield passed(head)
    head = null
  }
  if (head === null) return
  if (head.length === 0) throw new Refused('empty')
  seen.type = await typeOf(head, category)
  yield passed(head)
}

async function typeOf(head: Buffer, category: FileCategory): Promise<MediaType> {
  // A head that ends in the middle of something is no failure of ours.
  const found = await fileTypeFromBuffer(new Uint8Array(head)).catch(() => undefined)
  // A PNG that moves is a PNG.
  const mime = found?.mime === 'image/apng' ? 'image/png' : found?.mime
  const type = TAKES[category].types.find(one => one === mime)
  if (type === undefined) throw new Refused('wrong_type')
  return type
}
