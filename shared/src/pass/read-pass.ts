import { toHex } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'
import { BODY_BYTES, decodeBody, PASS_TYPES, type PassBody, SIGNATURE_BYTES } from './body.ts'
import { fromDigits } from './digits.ts'
import { type DeviceProof, proofSigningInput } from './proof.ts'
import { issuerSigningInput } from './static-pass.ts'

/** What an issuer signed, to be checked with the key that the body's kid names. */
export type IssuerSigned = {
  readonly body: PassBody
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

/** A pass as read from a code: what it says, and what must be checked before any of it counts. */
export type ReadPass =
  /** Printed, Apple Wallet. */
  | { readonly type: 'static'; readonly certificate: IssuerSigned }
  /** A phone at a gate that has never heard of it. The key is in the certificate. */
  | {
      readonly type: 'dynamic'
      readonly certificate: IssuerSigned
      readonly devicePoint: Uint8Array
      readonly proof: DeviceProof
    }
  /** A phone at a gate that has its row: the row alone decides. */
  | { readonly type: 'reference'; readonly passId: string; readonly proof: DeviceProof }
  /** Google Wallet's rotating barcode: a certificate, then time and code as text. */
  | { readonly type: 'totp'; readonly certificate: IssuerSigned; readonly tS: number; readonly code: string }

/** Bytes of a compressed P-256 point. */
export const POINT_BYTES = 33

const CERTIFICATE_BYTES = BODY_BYTES + SIGNATURE_BYTES
const DYNAMIC_CERTIFICATE_BYTES = BODY_BYTES + POINT_BYTES
const TOTP_DIGITS = 226
const TOTP_TAIL = /^[0-9]{10}[0-9]{8}$/

/**
 * Reads the digits of any pass; nothing in it is proven yet.
 *
 * `malformed` is everything that is wrong before a key is looked up: another count of digits than 185, 226, 244 or 469, a first
 * byte that does not agree with it, 0x15 without its tail or a tail without 0x15, and a body that says nothing.
 */
export function readPass(digits: string, tenant: string): Result<ReadPass, 'malformed'> {
  const withTail = digits.length === TOTP_DIGITS + 18
  const read = fromDigits(withTail ? digits.slice(0, TOTP_DIGITS) : digits)
  if (!read.ok) return read
  const bytes = read.value

  switch (bytes[0]) {
    case PASS_TYPES.static:
      return withTail || bytes.length !== CERTIFICATE_BYTES ? fail('malformed') : readStatic(bytes, tenant)
    case PASS_TYPES.dynamic:
      return bytes.length === 195 ? readDynamic(bytes, tenant) : fail('malformed')
    case PASS_TYPES.reference:
      return bytes.length === 77 ? readReference(bytes) : fail('malformed')
    case PASS_TYPES.totp:
      return withTail ? readTotp(bytes, digits.slice(TOTP_DIGITS), tenant) : fail('malformed')
    default:
      return fail('malformed')
  }
}

function readStatic(bytes: Uint8Array, tenant: string): Result<ReadPass, 'malformed'> {
  const certificate = signedBy(bytes, BODY_BYTES, tenant)
  return certificate.ok ? ok({ type: 'static', certificate: certificate.value }) : certificate
}

function readDynamic(bytes: Uint8Array, tenant: string): Result<ReadPass, 'malformed'> {
  const certificate = signedBy(bytes, DYNAMIC_CERTIFICATE_BYTES, tenant)
  if (!certificate.ok) return certificate
  const devicePoint = bytes.subarray(BODY_BYTES, DYNAMIC_CERTIFICATE_BYTES)
  const proof = readProof(bytes.subarray(2, 10), bytes.subarray(DYNAMIC_CERTIFICATE_BYTES + SIGNATURE_BYTES))
  return ok({ type: 'dynamic', certificate: certificate.value, devicePoint, proof })
}

function readReference(bytes: Uint8Array): Result<ReadPass, 'malformed'> {
  const passId = bytes.subarray(1, 9)
  return ok({ type: 'reference', passId: toHex(passId), proof: readProof(passId, bytes.subarray(9)) })
}

function readTotp(bytes: Uint8Array, tail: string, tenant: string): Result<ReadPass, 'malformed'> {
  const certificate = signedBy(bytes, BODY_BYTES, tenant)
  if (!certificate.ok) return certificate
  if (!TOTP_TAIL.test(tail)) return fail('malformed')
  return ok({ type: 'totp', certificate: certificate.value, tS: Number(tail.slice(0, 10)), code: tail.slice(10) })
}

function signedBy(bytes: Uint8Array, certificateBytes: number, tenant: string): Result<IssuerSigned, 'malformed'> {
  const body = decodeBody(bytes)
  if (!body.ok) return body
  return ok({
    body: body.value,
    signingInput: issuerSigningInput(tenant, body.value.kid, bytes.subarray(0, certificateBytes)),
    signature: bytes.subarray(certificateBytes, certificateBytes + SIGNATURE_BYTES),
  })
}

/** t in four bytes, then the signature. */
function readProof(passId: Uint8Array, bytes: Uint8Array): DeviceProof {
  const tS = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  return { tS, signingInput: proofSigningInput(passId, tS), signature: bytes.subarray(4, 4 + SIGNATURE_BYTES) }
}
