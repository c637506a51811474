import { createReadStream } from 'node:fs'
import { access, constants, mkdir, stat } from 'node:fs/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Guarded } from '../http/breaker.ts'
import { type BlobStore, checkedName } from './blob-store.ts'
import { forgetHalvesIn, writeHalf } from './halves.ts'

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** A file has 10 MB: who takes longer for one is away. */
const CALL_MS_MAX = 60_000

export type S3Settings = {
  readonly bucket: string
  readonly region: string
  /** Null: Amazon's own. */
  readonly endpoint: string | null
  readonly accessKey: string
  readonly secretKey: string
}

/**
 * Blobs in a bucket, by their names. Each is whole, and encrypted, in `spool` on this machine before the first byte of it is sent:
 * its length is known, and an upload that is broken off or refused never reaches the bucket.
 */
export function s3Store({
  settings,
  spool,
  guarded,
}: {
  readonly settings: S3Settings
  readonly spool: string
  readonly guarded: Guarded
}): BlobStore & Disposable {
  const { bucket: Bucket, region, endpoint, accessKey, secretKey } = settings
  const client = new S3Client({
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // Else a body that is streamed is framed in a way that not every service takes apart.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // What fails is told by who asked; without this it would be told to the console too.
    logger: SILENT,
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
  })
  const call = <Answer>(work: (options: { abortSignal: AbortSignal }) => Promise<Answer>) =>
    guarded('s3', { timeoutMs: CALL_MS_MAX, isFailure: problem => !isUnknown(problem) }, signal =>
      work({ abortSignal: signal }),
    )

  return {
    kind: 's3',
    async put(name, bytes) {
      const Key = checkedName(name)
      const half = await writeHalf(spool, bytes)
      try {
        const { size } = await stat(half.path)
        await call(options =>
          client.send(
            new PutObjectCommand({
              Bucket,
              Key,
              Body: createReadStream(half.path),
              ContentLength: size,
              ContentType: 'application/octet-stream',
            }),
            options,
          ),
        )
      } finally {
        await half.drop()
      }
    },
    async read(name, { from, length }) {
      const Key = checkedName(name)
      if (length === 0) return (async function* () {})()
      const Range = `bytes=${from}-${from + length - 1}`
      try {
        const { Body } = await call(options => client.send(new GetObjectCommand({ Bucket, Key, Range }), options))
        return (Body as AsyncIterable<Uint8Array> | undefined) ?? null
      } catch (problem) {
        if (isUnknown(problem)) return null
        throw problem
      }
    },
    async remove(name) {
      const Key = checkedName(name)
      await call(options => client.send(new DeleteObjectCommand({ Bucket, Key }), options))
    },
    async *list(schoolId) {
      let after: string | undefined
      do {
        const page = await call(options =>
          client.send(
            new ListObjectsV2Command({
              Bucket,
              Prefix: `${schoolId}/`,
              ...(after !== undefined && { ContinuationToken: after }),
            }),
            options,
          ),
        )
        for (const { Key, LastModified } of page.Contents ?? []) {
          if (Key !== undefined && LastModified !== undefined) yield { name: Key, writtenAt: LastModified }
        }
        after = page.NextContinuationToken
      } while (after !== undefined)
    },
    forgetHalves: before => forgetHalvesIn(spool, before),
    async check() {
      await mkdir(spool, { recursive: true, mode: 0o700 })
      await access(spool, constants.W_OK)
      await call(options => client.send(new HeadBucketCommand({ Bucket }), options))
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

function isUnknown(problem: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(String((problem as { name?: unknown }).name))
}
