import { type Decoded, type Decoder, listening } from './decoder.ts'
import { lineSplitter } from './lines.ts'

const LINE_BYTES_MAX = 64

/**
 * A WIE232-A converter of Priority 1 Design behind a Wiegand 26 reader, 9600 8N1: it checks both parity bits, drops
 * what does not come out, and types the other 24 bits as six hexadecimal digits and CR.
 */
export function wie232Decoder(): Decoder {
  const split = lineSplitter(LINE_BYTES_MAX)
  return listening(chunk =>
    split(chunk).map((line): Decoded => {
      if (!/^[0-9A-Fa-f]{6}$/.test(line)) return { kind: 'dropped', why: line.length === 6 ? 'not_hex' : 'length' }
      const card = { technology: 'h10301', bitCount: 24, bits: line.toLowerCase() } as const
      return { kind: 'scan', credential: { kind: 'card', card } }
    }),
  )
}
