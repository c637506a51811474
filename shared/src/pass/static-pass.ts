import { ascii, toBase64url } from '../bytes.ts'

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
