import { ascii, concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { CRC16_MCRF4XX, crc16 } from '@gatehouse/shared/crc.ts'
import { lineSplitter } from './lines.ts'

/**
 * How messages of the Simple Protocol go over the line ("TWN4 Simple Protocol DocRev17"): hexadecimal digits and CR, or
 * the bytes behind their count in two bytes, low first; a CRC-16/MCRF4XX after them where the reader is set to one.
 */
export type Twn4Wire = { readonly mode: 'ascii' | 'binary'; readonly crc: boolean }

/** An answer to SearchTag has 5 bytes before an ID of at most 16, and a CRC behind it. */
const MESSAGE_BYTES_MAX = 64
const CRC_BYTES = 2

export function twn4Bytes({ mode, crc }: Twn4Wire, message: Uint8Array): Uint8Array {
  const sum = crc16(CRC16_MCRF4XX, message)
  const whole = crc ? concat(message, Uint8Array.of(sum & 0xff, sum >> 8)) : message
  return mode === 'ascii'
    ? ascii(`${toHex(whole).toUpperCase()}\r`)
    : concat(Uint8Array.of(whole.length & 0xff, whole.length >> 8), whole)
}

export type Twn4Messages = {
  /** The messages that a chunk completes; a word where one was none. */
  take(chunk: Uint8Array): readonly (Uint8Array | 'not_hex' | 'length' | 'checksum')[]
  /** Before each request: what is left of an answer that never ended. */
  forget(): void
}

export function twn4Messages({ mode, crc }: Twn4Wire): Twn4Messages {
  const checked = (whole: Uint8Array) => {
    if (!crc) return whole
    if (whole.length < CRC_BYTES) return 'length'
    const message = whole.slice(0, -CRC_BYTES)
    const [low, high] = whole.subarray(-CRC_BYTES)
    return crc16(CRC16_MCRF4XX, message) === low! + (high! << 8) ? message : 'checksum'
  }
  return mode === 'ascii' ? asciiMessages(checked) : binaryMessages(checked)
}

type Check = (whole: Uint8Array) => Uint8Array | 'length' | 'checksum'

function asciiMessages(checked: Check): Twn4Messages {
  let split = lineSplitter(MESSAGE_BYTES_MAX * 2)
  return {
    take: chunk =>
      split(chunk).map(line => {
        const whole = fromHex(line)
        return whole === null ? 'not_hex' : checked(whole)
      }),
    forget() {
      split = lineSplitter(MESSAGE_BYTES_MAX * 2)
    },
  }
}

function binaryMessages(checked: Check): Twn4Messages {
  const held = new Uint8Array(2 + MESSAGE_BYTES_MAX)
  let length = 0
  /** A count that is none leaves nothing to find the next message by, until the next request. */
  let lost = false
  return {
    take(chunk) {
      const found: (Uint8Array | 'length' | 'checksum')[] = []
      for (const byte of chunk) {
        if (lost) break
        held[length++] = byte
        if (length < 2) continue
        const count = held[0]! + (held[1]! << 8)
        if (count === 0 || count > MESSAGE_BYTES_MAX) {
          lost = true
          found.push('length')
        } else if (length === 2 + count) {
          length = 0
          found.push(checked(held.slice(2, 2 + count)))
        }
      }
      return found
    },
    forget() {
      length = 0
      lost = false
    },
  }
}
