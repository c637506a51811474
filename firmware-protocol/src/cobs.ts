import { fail, ok, type Result } from '@gatehouse/shared/result.ts'

/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): no zero inside a frame, so that a zero ends it. One byte longer for
 * each 254, whatever the data: a door controller knows how large its buffer must be.
 */

/** The farthest a code byte can point. */
const BLOCK_BYTES_MAX = 254

/** The encoding with the zero behind it that ends the frame. */
export function encodeCobs(data: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(data.length + Math.floor(data.length / BLOCK_BYTES_MAX) + 2)
  let code = 0
  let end = 1
  for (const byte of data) {
    // A full block stands for itself and no zero: what follows it begins a block of its own, even when that is a zero.
    if (end - code > BLOCK_BYTES_MAX) {
      encoded[code] = BLOCK_BYTES_MAX + 1
      code = end++
    }
    if (byte === 0) {
      encoded[code] = end - code
      code = end++
    } else {
      encoded[end++] = byte
    }
  }
  encoded[code] = end - code
  encoded[end++] = 0
  return encoded.subarray(0, end)
}

/** The data of one frame, with or without its ending zero. `malformed`: nothing, a zero inside, or a code that points behind the end. */
export function decodeCobs(frame: Uint8Array): Result<Uint8Array, 'malformed'> {
  const length = frame.at(-1) === 0 ? frame.length - 1 : frame.length
  if (length === 0) return fail('malformed')
  const data = new Uint8Array(length)
  let end = 0
  for (let at = 0; at < length; ) {
    const code = frame[at]!
    if (code === 0 || at + code > length) return fail('malformed')
    for (let inside = at + 1; inside < at + code; inside++) {
      if (frame[inside] === 0) return fail('malformed')
      data[end++] = frame[inside]!
    }
    at += code
    if (code <= BLOCK_BYTES_MAX && at < length) data[end++] = 0
  }
  return ok(data.subarray(0, end))
}
