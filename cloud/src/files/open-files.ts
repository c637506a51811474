import { join } from 'node:path'
import type { Guarded } from '../http/breaker.ts'
import type { BlobStore } from './blob-store.ts'
import { clamd, type Scanner } from './clamd.ts'
import { diskStore } from './disk-store.ts'
import type { S3Settings } from './s3-store.ts'

export type FileSettings = {
  /** Of the store on disk; with S3 the place where a file is until it is whole. */
  readonly filesFolder: string
  /** Null: files are in the folder. */
  readonly s3: S3Settings | null
  /** Null: no scanner. */
  readonly clamdUrl: string | null
}

const PING_MS_MAX = 5_000

export type Files = {
  readonly store: BlobStore
  readonly scanner: Scanner | null
  /** For health; null: there is no scanner. */
  readonly pingScanner: (() => Promise<void>) | null
  close(): void
}

/** The store and the scanner that the settings name. What speaks to buckets is loaded where there is one: it takes its time. */
export async function openFiles({ filesFolder, s3, clamdUrl }: FileSettings, guarded: Guarded): Promise<Files> {
  const spool = join(filesFolder, 'incoming')
  const bucket = s3 === null ? null : (await import('./s3-store.ts')).s3Store({ settings: s3, spool, guarded })
  const scanner = clamdUrl === null ? null : clamd(clamdUrl)
  return {
    store: bucket ?? diskStore(filesFolder),
    scanner,
    pingScanner: scanner && (() => scanner.ping(AbortSignal.timeout(PING_MS_MAX))),
    close: () => bucket?.[Symbol.dispose](),
  }
}
