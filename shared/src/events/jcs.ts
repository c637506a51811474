/** What an event may be made of: text, whole numbers and objects of these. No floats, no booleans, no null, no lists: nothing two languages write differently. */
export type JcsValue = string | number | { readonly [name: string]: JcsValue | undefined }

/**
 * RFC 8785 (JSON Canonicalization Scheme), for the values an event has: names sorted by UTF-16 code units, no
 * spaces, undefined members left out. Throws on anything else: it was made by us.
 */
export function jcs(value: JcsValue): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Error('a lone surrogate has no canonical form (RFC 8785 section 3.2.2.2)')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error(`only whole numbers up to 2^53 can be said: ${value}`)
    return String(value === 0 ? 0 : value)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`only text, whole numbers and objects can be said: ${typeof value}`)
  }
  const members = Object.keys(value)
    .sort()
    .filter(name => value[name] !== undefined)
    .map(name => `${jcs(name)}:${jcs(value[name]!)}`)
  return `{${members.join(',')}}`
}
