import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { fromHex } from '../../bytes.ts'
import { nodePassKeys } from '../../cli/node-pass-keys.ts'
import { encodeBody, PASS_TYPES, type PassBody } from '../body.ts'
import type { PassKeys } from '../check.ts'
import { proofSigningInput } from '../proof.ts'
import { issuerSigningInput } from '../static-pass.ts'
import { dynamicCertificate, dynamicDigits, referenceDigits, staticDigits, totpDigits } from '../write-pass.ts'

/** 21 September 2026, 14:13:20 UTC, a Monday: the moment of the vectors. */
export const NOW_S = 1_790_000_000

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A private key for tests, made from its label as those of the vectors are. */
export function testIssuer(label: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, seedOf(label)]), format: 'der', type: 'pkcs8' })
}

export type TestPhone = { readonly point: Uint8Array; readonly key: KeyObject }

export function testPhone(label: string): TestPhone {
  const d = seedOf(label)
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(d)
  const whole = ecdh.getPublicKey()
  const part = (from: number) => whole.subarray(from, from + 32).toString('base64url')
  const key = createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), d: d.toString('base64url') },
    format: 'jwk',
  })
  return { point: new Uint8Array(ecdh.getPublicKey(null, 'compressed')), key }
}

const goodBody: PassBody = {
  type: PASS_TYPES.static,
  kid: 7,
  passId: '92ac63853fc0633b',
  notBeforeS: 1_788_182_912,
  expiresS: 1_817_078_400,
  groups: 5,
  class: 'student',
  flags: { photoCheck: false, once: false, escort: false, printed: false },
  profile: 0,
  generation: 3,
  serial: 123_456,
}

export const SITE_SECRET = new Uint8Array(32).fill(9)
export const ISSUER = testIssuer('issuer-7')
export const PHONE = testPhone('device-1')

export type Made = {
  readonly body?: Partial<PassBody>
  readonly tenant?: string
  readonly issuer?: KeyObject
  readonly phone?: TestPhone
  /** Whose key stands in the certificate, where it is not the phone's that signs. */
  readonly point?: Uint8Array
  readonly tS?: number
  readonly siteSecret?: Uint8Array
}

function certificate(type: keyof typeof PASS_TYPES, { body, tenant = 'test-campus', issuer = ISSUER, ...made }: Made) {
  const whole: PassBody = { ...goodBody, ...body, type: PASS_TYPES[type] }
  const bytes = encodeBody(whole)
  const signed = type === 'dynamic' ? dynamicCertificate(bytes, made.point ?? (made.phone ?? PHONE).point) : bytes
  const issuerSignature = new Uint8Array(sign(null, issuerSigningInput(tenant, whole.kid, signed), issuer))
  return { certificate: signed, issuerSignature }
}

function proof({ body, phone = PHONE, tS = NOW_S - 5 }: Made) {
  const input = proofSigningInput(fromHex(body?.passId ?? goodBody.passId)!, tS)
  const deviceSignature = new Uint8Array(sign('sha256', input, { key: phone.key, dsaEncoding: 'ieee-p1363' }))
  return { tS, deviceSignature }
}

/** Codes of a good student of the test campus, with one thing changed. */
export const codeOf = {
  static: (made: Made = {}) => staticDigits(certificate('static', made)),
  dynamic: (made: Made = {}) => dynamicDigits(certificate('dynamic', made), proof(made)),
  reference: (made: Made = {}) => referenceDigits(made.body?.passId ?? goodBody.passId, proof(made)),
  totp(made: Made = {}) {
    const { tS = NOW_S - 5, siteSecret = SITE_SECRET } = made
    const code = nodePassKeys({ issuerKey: () => null, totpSecret: siteSecret }).totpCode(
      made.body?.passId ?? goodBody.passId,
      tS,
    )!
    return totpDigits(certificate('totp', made), { tS, code })
  },
}

/** The keys of a gate of the test campus. */
export function campusKeys(totpSecret: Uint8Array | null = SITE_SECRET): PassKeys {
  const issuer = createPublicKey(ISSUER)
  return nodePassKeys({ issuerKey: kid => (kid === goodBody.kid ? issuer : null), totpSecret })
}

export { goodBody }

function seedOf(label: string): Buffer {
  return createHash('sha256').update(`gatehouse-test-only:${label}`).digest()
}
