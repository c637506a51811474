import { type Cell, harmless } from './cell.ts'

export type CsvStyle = {
  readonly separator: ',' | ';'
  /** Excel reads a file without a byte order mark as Windows-1252. */
  readonly mark: boolean
}

/** A chunk goes out at about this size: a row each would be a packet each. */
const CHUNK_CHARACTERS = 32 * 1024

/** Rows as RFC 4180 has them, in UTF-8, every text harmless to a spreadsheet. */
export async function* csvFile(
  rows: AsyncIterable<readonly Cell[]>,
  { separator, mark }: CsvStyle,
): AsyncGenerator<Uint8Array> {
  const quoted = new RegExp(`["\\r\\n${separator}]`)
  const cell = (value: Cell) => {
    if (value === null) return ''
    if (typeof value === 'number') return String(value)
    const safe = harmless(value)
    return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const encoder = new TextEncoder()
  let text = mark ? '\ufeff' : ''
  for await (const row of rows) {
    text += `${row.map(cell).join(separator)}\r\n`
    if (text.length < CHUNK_CHARACTERS) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}
