import { ascii, concat, toBase64url } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'
import { BODY_BYTES, decodeBody, PASS_TYPES, type PassBody, STATIC_BYTES } from './body.ts'
import { fromDigits } from './digits.ts'

/** A static pass as read from a code: what it says, and what must be checked before any of it counts. */
export type StaticPass = {
  readonly body: PassBody
  /** What the issuer signed: the implied JWS header and the body. */
  readonly signingInput: Uint8Array
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array
}

/**
 * The protected header of every issuer signature. It is implied, never sent: it binds tenant and purpose at no
 * cost in bytes, and any jose library can check the pass as a JWS (RFC 7515). This key order, no spaces.
 */
export function issuerHeader(tenant: string, kid: number): string {
  return `{"alg":"Ed25519","kid":"${tenant}/pass/${kid}","typ":"ghp1"}`
}

/** What the issuer signs: base64url(header) "." base64url(certificate), in ASCII (RFC 7515 section 5.1). */
export function issuerSigningInput(tenant: string, kid: number, certificate: Uint8Array): Uint8Array {
  return ascii(`${toBase64url(ascii(issuerHeader(tenant, kid)))}.${toBase64url(certificate)}`)
}

/** The 94 bytes of a static pass (type 0x11). */
export function joinStaticPass(body: Uint8Array, signature: Uint8Array): Uint8Array {
  if (body[0] !== PASS_TYPES.static || body.length + signature.length !== STATIC_BYTES) {
    throw new Error('a static pass is a body of type 0x11 and a signature of 64 bytes')
  }
  return concat(body, signature)
}

/**
 * Reads the digits of a static pass; nothing in it is proven yet.
 *
 * `malformed` is everything that is wrong before a key is looked up. The other types have their
 * lengths, and are malformed here until gates know them.
 */
export function readStaticPass(digits: string, tenant: string): Result<StaticPass, 'malformed'> {
  const bytes = fromDigits(digits)
  if (!bytes.ok) return bytes
  if (bytes.value.length !== STATIC_BYTES || bytes.value[0] !== PASS_TYPES.static) return fail('malformed')

  const body = decodeBody(bytes.value)
  if (!body.ok) return body
  return ok({
    body: body.value,
    signingInput: issuerSigningInput(tenant, body.value.kid, bytes.value.subarray(0, BODY_BYTES)),
    signature: bytes.value.subarray(BODY_BYTES),
  })
}
