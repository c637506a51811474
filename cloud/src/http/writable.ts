import type { Problem } from './problem.ts'

export const UNWRITABLE: Problem = {
  status: 422,
  code: 'validation_failed',
  message: 'There is a character in the request that cannot be kept: U+0000, or half of a pair (U+D800 to U+DFFF).',
}

/**
 * Whether every text in it can be stored: PostgreSQL keeps no U+0000, and half of a surrogate pair is no character in
 * UTF-8. Walks without calling itself, because JSON may be nested as deep as its bytes allow.
 */
export function isWritable(value: unknown): boolean {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next === 'string') {
      if (next.includes('\0') || !next.isWellFormed()) return false
    } else if (Array.isArray(next)) {
      for (const inner of next) waiting.push(inner)
    } else if (typeof next === 'object' && next !== null && !(next instanceof Uint8Array)) {
      for (const [name, inner] of Object.entries(next)) waiting.push(name, inner)
    }
  }
  return true
}
