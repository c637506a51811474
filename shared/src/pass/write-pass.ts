import { concat, fromHex } from '../bytes.ts'
import { BODY_BYTES, PASS_TYPES, SIGNATURE_BYTES } from './body.ts'
import { toDigits } from './digits.ts'
import { proofPayload } from './proof.ts'
import { POINT_BYTES } from './read-pass.ts'

/** Bytes of what an issuer signs for a phone, with its signature: body, device key, signature. */
export const DYNAMIC_CERTIFICATE_BYTES = BODY_BYTES + POINT_BYTES + SIGNATURE_BYTES

/** What a phone proves with: the time in whole Unix seconds by its own clock, and ES256 over it as raw r, s, 64 bytes. */
export type WrittenProof = { readonly tS: number; readonly signature: Uint8Array }

/** A phone's code where the gate has its row: 185 digits. Throws on sizes that cannot be: they were made by us. */
export function referenceDigits(passId: string, { tS, signature }: WrittenProof): string {
  return toDigits(concat(proofPayload(idBytes(passId), tS), sized(signature)))
}

/**
 * A phone's code where no gate has heard of it: 469 digits. `certificate` is what the cloud answered when the phone was bound, 127
 * bytes.
 */
export function dynamicDigits(certificate: Uint8Array, { tS, signature }: WrittenProof): string {
  if (certificate.length !== DYNAMIC_CERTIFICATE_BYTES || certificate[0] !== PASS_TYPES.dynamic) {
    throw new Error('a dynamic certificate is 127 bytes that begin with 0x12')
  }
  return toDigits(concat(certificate, proofPayload(certificate.subarray(2, 10), tS).subarray(9), sized(signature)))
}

function idBytes(passId: string): Uint8Array {
  const bytes = fromHex(passId)
  if (bytes?.length !== 8) throw new Error('a passId is 16 hexadecimal characters')
  return bytes
}

function sized(signature: Uint8Array): Uint8Array {
  if (signature.length !== SIGNATURE_BYTES) throw new Error('a proof is signed with 64 bytes: r, then s')
  return signature
}
