/** Where viewers look for the beginning and the end (ISO 32000-1, annex H.3, implementation notes 13 and 18). */
const EDGE_BYTES = 1024
/** A trailer, or the dictionary of a cross-reference stream, is a few hundred bytes. */
const TRAILER_BYTES_MAX = 8192

/** Whether these bytes are a PDF whose end is there, and that asks for no password. The text in it is not looked at, and nothing is unpacked. */
export function lookAtPdf(bytes: Buffer): 'readable' | 'unreadable' | 'encrypted' {
  const begin = bytes.subarray(0, EDGE_BYTES).indexOf('%PDF-')
  const end = bytes.subarray(-EDGE_BYTES).toString('latin1')
  const told = /startxref\s+(\d{1,10})\s+%%EOF/.exec(end)
  if (begin < 0 || told === null) return 'unreadable'
  const trailer = trailerAt(bytes, begin + Number(told[1])) ?? trailerAt(bytes, Number(told[1]))
  if (trailer === null) return 'unreadable'
  return /\/Encrypt\s*(?:\d|<<)/.test(trailer) ? 'encrypted' : 'readable'
}

/** The trailer's dictionary, behind a cross-reference table or of a cross-reference stream (ISO 32000-1, 7.5.4, 7.5.5, 7.5.8). */
function trailerAt(bytes: Buffer, at: number): string | null {
  if (at >= bytes.length) return null
  const here = bytes.subarray(at, at + TRAILER_BYTES_MAX).toString('latin1')
  if (/^\s*\d{1,10}\s+\d{1,5}\s+obj\b/.test(here)) {
    const dictionary = here.split(/\bstream\b/)[0]!
    return /\/XRef\b/.test(dictionary) ? dictionary : null
  }
  if (!/^\s*xref\b/.test(here)) return null
  const trailer = bytes.indexOf('trailer', at)
  if (trailer < 0) return null
  return bytes
    .subarray(trailer, trailer + TRAILER_BYTES_MAX)
    .toString('latin1')
    .split('startxref')[0]!
}
