import { fromHex } from '@gatehouse/shared/bytes.ts'
import { type Decoded, type Decoder, listening } from './decoder.ts'

const STX = 0x02
const ETX = 0x03
const CR = 0x0d
const LF = 0x0a

/** Ten digits of data and two of checksum. */
const DIGITS = 12

/** Why bytes were dropped. Noise between frames is not counted: an idle line hums. */
export type DroppedFrame = 'checksum' | 'length' | 'not_hex'

/**
 * An RDM6300 or RDM630 (STX, 12 hexadecimal digits, ETX) or an ID-12 or ID-20 (CR LF before the ETX): EM4100 cards, 9600 8N1.
 *
 * The checksum is the XOR of the data bytes. A STX always begins a frame, also in the middle of one: what came before
 * lost its end. Some clones send lower-case digits. A tag that lies there is repeated every 65 ms.
 */
export function rdm6300Decoder(): Decoder {
  let digits: string | null = null
  return listening(chunk => {
    const found: Decoded[] = []
    const dropped = (why: DroppedFrame) => found.push({ kind: 'dropped', why })
    for (const byte of chunk) {
      if (byte === STX) {
        if (digits !== null) dropped('length')
        digits = ''
      } else if (digits === null || byte === CR || byte === LF) {
      } else if (byte !== ETX) {
        digits += String.fromCharCode(byte)
        if (digits.length > DIGITS) {
          dropped('length')
          digits = null
        }
      } else {
        const read = readDigits(digits)
        digits = null
        if (read.why === null) {
          const card = { technology: 'em4100', bitCount: 40, bits: read.data } as const
          found.push({ kind: 'scan', credential: { kind: 'card', card } })
        } else dropped(read.why)
      }
    }
    return found
  })
}

function readDigits(digits: string): { readonly why: DroppedFrame } | { readonly why: null; readonly data: string } {
  if (digits.length !== DIGITS) return { why: 'length' }
  const bytes = fromHex(digits)
  if (bytes === null) return { why: 'not_hex' }
  // The data and its own XOR cancel each other out.
  if (bytes.reduce((sum, byte) => sum ^ byte, 0) !== 0) return { why: 'checksum' }
  return { why: null, data: digits.slice(0, 10).toLowerCase() }
}
