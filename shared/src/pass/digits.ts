import { fromHex, toHex } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'

/**
 * The lengths a pass can have, type byte -> bytes. The digits follow from the bytes, because the
 * first byte is fixed: 94 bytes are always 226 digits.
 */
const BYTES_OF_DIGITS: ReadonlyMap<number, number> = new Map([
  [185, 77],
  [226, 94],
  [469, 195],
])

/**
 * The bytes as one big-endian integer in decimal, `[1-9][0-9]*`.
 *
 * Digits only, because they survive 30 of 30 keyboard layouts tried, 7-bit serial lines, Caps Lock and camera apps.
 * The first byte must not be 0: it would not come back.
 */
export function toDigits(bytes: Uint8Array): string {
  if (bytes[0] === 0 || bytes.length === 0) throw new Error('a pass never begins with a zero byte')
  return BigInt(`0x${toHex(bytes)}`).toString(10)
}

/** The bytes behind the digits of a pass: 77, 94 or 195 of them. Anything else is `malformed`. */
export function fromDigits(digits: string): Result<Uint8Array, 'malformed'> {
  const length = BYTES_OF_DIGITS.get(digits.length)
  if (length === undefined || !/^[1-9][0-9]*$/.test(digits)) return fail('malformed')

  const hex = BigInt(digits).toString(16)
  const bytes = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`)
  return bytes?.length === length ? ok(bytes) : fail('malformed')
}
