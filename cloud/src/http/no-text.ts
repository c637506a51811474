import type { Detail } from './problem.ts'

/**
 * Places that hold a NUL or half of a surrogate pair: JSON can say them, no database keeps them. Without recursion,
 * because what is nested may be nested deep.
 */
export function noText(value: unknown): Detail[] {
  const found: Detail[] = []
  const left: [path: string, part: unknown][] = [['', value]]
  while (left.length > 0) {
    const [path, part] = left.pop()!
    if (typeof part === 'string') {
      if (!isText(part)) found.push({ path, message: 'has a character that is no text' })
    } else if (typeof part === 'object' && part !== null && !ArrayBuffer.isView(part)) {
      for (const [name, inner] of Object.entries(part)) {
        if (!isText(name)) found.push({ path, message: 'has a name with a character that is no text' })
        left.push([path === '' ? name : `${path}.${name}`, inner])
      }
    }
  }
  return found
}

function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
