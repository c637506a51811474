import { ascii, concat, toBase64url } from '../bytes.ts'
import { PASS_TYPES } from './body.ts'

/** A phone's proof that it holds its key at this moment: ES256 over `0x13, passId, t`. The same for REFERENCE and DYNAMIC. */
export type DeviceProof = {
  /** Unix seconds by the phone's clock. */
  readonly tS: number
  readonly signingInput: Uint8Array
  /** Raw r, s as WebCrypto returns them, 64 bytes. (r, n-s) verifies as well: no memory may be keyed on these bytes. */
  readonly signature: Uint8Array
}

/** The age of a proof that a gate accepts, its clock minus t, both ends included. */
export const PROOF_AGE_S = { least: -15, most: 45 } as const

/** How often a phone draws its code anew. */
export const REDRAW_S = 15

const PROOF_HEADER = '{"alg":"ES256","typ":"ghp1-proof"}'

/** What a device signs, 13 bytes: the type of a reference, the pass and the time. */
export function proofPayload(passId: Uint8Array, tS: number): Uint8Array {
  const time = new Uint8Array(4)
  new DataView(time.buffer).setUint32(0, tS)
  return concat(Uint8Array.of(PASS_TYPES.reference), passId, time)
}

/** As a JWS (RFC 7515 section 5.1) whose header is implied. */
export function proofSigningInput(passId: Uint8Array, tS: number): Uint8Array {
  return ascii(`${toBase64url(ascii(PROOF_HEADER))}.${toBase64url(proofPayload(passId, tS))}`)
}

/** A filter by age alone; never told as fact before a signature held. */
export function proofAge(tS: number, nowS: number): 'fresh' | 'stale_proof' | 'future_proof' {
  if (nowS - tS > PROOF_AGE_S.most) return 'stale_proof'
  return nowS - tS < PROOF_AGE_S.least ? 'future_proof' : 'fresh'
}
