import type { ReadBlob } from './sealed-blob.ts'

/**
 * Where the bytes of files are: a folder, or an S3-compatible service. What it is given is encrypted already. A name is
 * `<school id>/<32 hexadecimal characters>`, perhaps with `.photo` or `.thumbnail` behind.
 */
export type BlobStore = {
  readonly kind: 'disk' | 's3'
  /** Whole or not at all: when `bytes` throws, nothing is kept, and it throws the same. Takes the place of what had the name. */
  put(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  read(name: string, part: Parameters<ReadBlob>[0]): ReturnType<ReadBlob>
  /** What is not there is no failure. */
  remove(name: string): Promise<void>
  /** Everything of a school, in no order. */
  list(schoolId: string): AsyncIterable<{ readonly name: string; readonly writtenAt: Date }>
  /** Removes what was begun before that time and never became whole, as when the process was killed. */
  forgetHalves(before: Date): Promise<void>
  /** Throws when files could not be kept now. */
  check(): Promise<void>
}

const NAME = /^[0-9a-f-]{36}\/[0-9a-f]{32}(?:\.photo|\.thumbnail)?$/

/** What is not a name of ours reaches no path and no key. */
export function checkedName(name: string): string {
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a blob`)
  return name
}
