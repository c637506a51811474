import { createHash, hash } from 'node:crypto'

/** SHA-256, handed in to what only computes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

/** Of text as UTF-8, or of bytes, in lower-case hexadecimal. */
export function sha256Hex(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('hex')
}
