import { ascii, concat, fromHex } from '../bytes.ts'

/** HMAC-SHA-1 and HKDF-SHA-256 are handed in: the phone never needs them, the gate has them in `node:crypto`. */
export type HmacSha1 = (key: Uint8Array, message: Uint8Array) => Uint8Array
export type HkdfSha256 = (secret: Uint8Array, info: Uint8Array, bytes: number) => Uint8Array

export const TOTP_STEP_S = 30
const KEY_BYTES = 20
const CODE_DIGITS = 8

/**
 * The key of one pass: HKDF-SHA-256 of the site's secret, salt empty, info `gh-totp-v1` and the 8 bytes of passId, 20 bytes. No phone
 * holds it; a gate that is stolen can turn certificates it has seen, never make one.
 */
export function totpKey(hkdf: HkdfSha256, siteSecret: Uint8Array, passId: string): Uint8Array {
  const id = fromHex(passId)
  if (id?.length !== 8) throw new Error('a passId is 16 hexadecimal characters')
  return hkdf(siteSecret, concat(ascii('gh-totp-v1'), id), KEY_BYTES)
}

/** RFC 6238 with SHA-1, 8 digits where not told otherwise, 30 s, counter from the time in the code. */
export function totpCode(hmac: HmacSha1, key: Uint8Array, tS: number, digits = CODE_DIGITS): string {
  const counter = new Uint8Array(8)
  new DataView(counter.buffer).setBigUint64(0, BigInt(Math.floor(tS / TOTP_STEP_S)))
  const mac = hmac(key, counter)
  // RFC 4226 section 5.3: the low four bits of the last byte say where to read.
  const at = mac.at(-1)! & 15
  const number = new DataView(mac.buffer, mac.byteOffset).getUint32(at) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}
