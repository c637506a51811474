import type { Span } from './sealed-blob.ts'

/**
 * The part that a `Range` header asks for of `total` bytes (RFC 9110, section 14). Null: the whole, also where the header is none we
 * know or asks for several parts. `unsatisfiable`: nothing of it is there.
 */
export function rangeOf(header: string | undefined, total: number): Span | null | 'unsatisfiable' {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return null
  if (from === '') {
    const length = Math.min(Number(to), total)
    return length === 0 ? 'unsatisfiable' : { from: total - length, length }
  }
  const first = Number(from)
  const last = to === '' ? total - 1 : Math.min(Number(to), total - 1)
  if (to !== '' && Number(to) < first) return null
  return first >= total ? 'unsatisfiable' : { from: first, length: last - first + 1 }
}
