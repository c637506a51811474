import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UnreadableFile } from './rows.ts'

/** What a file may hold when it is unpacked. */
export const UNPACKED_BYTES_MAX = 1024 * 1024 * 1024

export type Packing = 'plain' | 'gzip' | 'zip'

/** By its first bytes, whatever its name says. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const isZip = head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5)
  return isZip ? 'zip' : 'plain'
}

/** Gzip's own length is a remainder of 4 GiB and proves nothing, so what comes out is counted. */
export async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  // The error comes out of `gunzip`, where it is read.
  const source = Readable.from(packed, { objectMode: false })
  pipeline(source, gunzip, () => {})
  let bytes = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > UNPACKED_BYTES_MAX) throw tooLarge()
      yield chunk
    }
  } catch (problem) {
    throw isZlib(problem)
      ? new UnreadableFile('The gzip file is damaged. Pack it again, or send it unpacked.')
      : problem
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

export function tooLarge(): UnreadableFile {
  return new UnreadableFile('Unpacked, the file is larger than 1 GiB. Cut it into several.')
}

function isZlib(problem: unknown): boolean {
  return String((problem as { code?: unknown }).code).startsWith('Z_')
}
