import { concat, fromHex } from '../bytes.ts'
import { BODY_BYTES, PASS_TYPES, SIGNATURE_BYTES } from './body.ts'
import { toDigits } from './digits.ts'
import { proofPayload } from './proof.ts'
import { POINT_BYTES } from './read-pass.ts'

/**
 * The four codes of GHP1 from their signed parts, for whoever shows one: the issuer of printed passes, the phone, the
 * wallet. Each throws on parts of the wrong type or length, because they were made by us. What is read back is in `read-pass.ts`.
 */

/** A certificate that an issuer signed: what was signed, and the 64 bytes of Ed25519 over it. */
export type SignedCertificate = { readonly certificate: Uint8Array; readonly issuerSignature: Uint8Array }

/** Raw r, s of ES256 over `proofSigningInput(passId, tS)`, 64 bytes, and that time in Unix seconds. */
export type SignedProof = { readonly tS: number; readonly deviceSignature: Uint8Array }

/** 226 digits: 94 bytes, printed or in Apple Wallet. The certificate is a body of type 0x11. */
export function staticDigits(signed: SignedCertificate): string {
  return toDigits(certified('static', BODY_BYTES, signed))
}

/** What the issuer signs for a phone, 63 bytes: a body of type 0x12 and the compressed point of the phone's key. */
export function dynamicCertificate(body: Uint8Array, devicePoint: Uint8Array): Uint8Array {
  if (body[0] !== PASS_TYPES.dynamic || body.length !== BODY_BYTES || devicePoint.length !== POINT_BYTES) {
    throw new Error(`a dynamic certificate is a body of type 0x12 and a point of ${POINT_BYTES} bytes`)
  }
  return concat(body, devicePoint)
}

/** 469 digits: 195 bytes, a phone at a gate that may never have heard of it. */
export function dynamicDigits(signed: SignedCertificate, { tS, deviceSignature }: SignedProof): string {
  const certificate = certified('dynamic', BODY_BYTES + POINT_BYTES, signed)
  return toDigits(concat(certificate, u32(tS), signature(deviceSignature)))
}

/** 185 digits: 77 bytes, a phone at a gate that has its row. */
export function referenceDigits(passId: string, { tS, deviceSignature }: SignedProof): string {
  const id = fromHex(passId)
  if (id?.length !== 8) throw new Error('a passId is 16 hexadecimal characters')
  return toDigits(concat(proofPayload(id, tS), signature(deviceSignature)))
}

/** The first 226 digits of a rotating barcode. A wallet writes the time in 10 digits and the code in 8 behind them. */
export function totpPrefix(signed: SignedCertificate): string {
  return toDigits(certified('totp', BODY_BYTES, signed))
}

/** 244 digits: as the wallet shows it at this moment. */
export function totpDigits(
  signed: SignedCertificate,
  { tS, code }: { readonly tS: number; readonly code: string },
): string {
  const tail = `${String(tS).padStart(10, '0')}${code}`
  if (!/^[0-9]{18}$/.test(tail)) throw new Error('a rotating barcode ends in a time of 10 digits and a code of 8')
  return totpPrefix(signed) + tail
}

function certified(type: keyof typeof PASS_TYPES, bytes: number, signed: SignedCertificate): Uint8Array {
  if (signed.certificate[0] !== PASS_TYPES[type] || signed.certificate.length !== bytes) {
    throw new Error(`a ${type} certificate is ${bytes} bytes of type 0x${PASS_TYPES[type].toString(16)}`)
  }
  return concat(signed.certificate, signature(signed.issuerSignature))
}

function signature(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== SIGNATURE_BYTES) throw new Error(`a signature is ${SIGNATURE_BYTES} bytes`)
  return bytes
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
