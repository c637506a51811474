import { createHash } from 'node:crypto'

/** SHA-256 of a secret of ours, 64 hexadecimal characters: 32 random bytes leave nothing to guess that a slow hash would slow down. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
