import { createZstdDecompress } from 'node:zlib'

/** Read from the decompressor at a time: little enough to copy between two scans. */
const PART_BYTES = 64 * 1024

/**
 * What was compressed, when it is exactly as long as was promised, else null: a few bytes that would become gigabytes stop there. Each part
 * is put where it stays as it comes, because joining them at the end is one long pause.
 */
export async function decompressed(file: Uint8Array, promisedBytes: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(promisedBytes)
  const parts = createZstdDecompress({ chunkSize: PART_BYTES })
  parts.end(file)
  let length = 0
  try {
    for await (const part of parts as AsyncIterable<Uint8Array>) {
      if (length + part.length > promisedBytes) return null
      bytes.set(part, length)
      length += part.length
    }
  } catch {
    return null
  }
  return length === promisedBytes ? bytes : null
}
