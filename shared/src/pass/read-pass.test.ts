import { createHmac, createPublicKey, hkdfSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, toHex } from '../bytes.ts'
import { toDigits } from './digits.ts'
import { proofAge, proofPayload, proofSigningInput } from './proof.ts'
import { readPass } from './read-pass.ts'
import { totpCode, totpKey } from './totp.ts'

const vectors = JSON.parse(readFileSync(new URL('../../vectors/passes.json', import.meta.url), 'utf8'))
const TENANT: string = vectors.tenant
const bytes = (hex: string) => fromHex(hex)!
const text = (some: Uint8Array) => new TextDecoder().decode(some)

describe('a dynamic pass', () => {
  const read = readPass(vectors.dynamic.digits, TENANT)

  test('is a certificate, the phone’s key and a proof', () => {
    if (!read.ok || read.value.type !== 'dynamic') throw new Error('not read')
    expect(toHex(read.value.devicePoint)).toBe(vectors.keys.device1.compressed)
    expect(toHex(read.value.certificate.signature)).toBe(vectors.dynamic.issuerSignature)
    expect(read.value.proof.tS).toBe(vectors.dynamic.t)
    expect(text(read.value.proof.signingInput)).toBe(vectors.dynamic.proofSigningInput)
    expect(toHex(read.value.proof.signature)).toBe(vectors.dynamic.deviceSignature)
  })

  test('the issuer signed the key with the body', () => {
    if (!read.ok || read.value.type !== 'dynamic') throw new Error('not read')
    const key = createPublicKey({ key: vectors.keys.issuer7.jwk, format: 'jwk' })
    expect(verify(null, read.value.certificate.signingInput, key, read.value.certificate.signature)).toBe(true)
  })
})

test('a reference is the pass’s id and a proof', () => {
  const read = readPass(vectors.reference.digits, TENANT)
  if (!read.ok || read.value.type !== 'reference') throw new Error('not read')
  expect(read.value.passId).toBe('92ac63853fc0633b')
  expect(toHex(proofPayload(bytes(read.value.passId), read.value.proof.tS))).toBe(vectors.dynamic.proofPayload)
  expect(read.value.proof.signingInput).toEqual(proofSigningInput(bytes(read.value.passId), vectors.dynamic.t))
})

describe('a rotating barcode', () => {
  const certificate = toDigits(concat(Uint8Array.of(0x15), bytes(vectors.static.bytes).subarray(1)))

  test('is a certificate with time and code behind it as text', () => {
    const read = readPass(`${certificate}178999999512345678`, TENANT)
    expect(read).toMatchObject({ ok: true, value: { type: 'totp', tS: 1_789_999_995, code: '12345678' } })
  })

  test('RFC 6238 appendix B, SHA-1, eight digits', () => {
    const key = new TextEncoder().encode('12345678901234567890')
    const hmac = (secret: Uint8Array, message: Uint8Array) =>
      new Uint8Array(createHmac('sha1', secret).update(message).digest())
    expect(
      [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000].map(tS =>
        totpCode(hmac, key, tS),
      ),
    ).toEqual(['94287082', '07081804', '14050471', '89005924', '69279037', '65353130'])
  })

  test('each pass has a key of its own', () => {
    const hkdf = (secret: Uint8Array, info: Uint8Array, length: number) =>
      new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), info, length))
    const secret = new Uint8Array(32).fill(7)
    expect(totpKey(hkdf, secret, '92ac63853fc0633b')).toHaveLength(20)
    expect(totpKey(hkdf, secret, '92ac63853fc0633b')).not.toEqual(totpKey(hkdf, secret, '92ac63853fc0633c'))
  })

  test.each([
    ['0x15 without its tail', certificate],
    ['a tail behind a static pass', `${vectors.static.digits}178999999512345678`],
    ['a tail with a letter', `${certificate}17899999951234567x`],
    ['a tail a digit short', `${certificate}17899999951234567`],
  ])('%s is malformed', (_what, digits) => {
    expect(readPass(digits, TENANT)).toEqual({ ok: false, failure: 'malformed' })
  })
})

test('a stripped dynamic certificate is no static pass', () => {
  const stripped = concat(bytes(vectors.dynamic.cert).subarray(0, 30), bytes(vectors.dynamic.issuerSignature))
  expect(readPass(toDigits(stripped), TENANT)).toEqual({ ok: false, failure: 'malformed' })
})

test.each([
  [45, 'fresh'],
  [46, 'stale_proof'],
  [-15, 'fresh'],
  [-16, 'future_proof'],
])('a proof %i s old is %s', (age, verdict) => {
  expect(proofAge(1000, 1000 + age)).toBe(verdict)
})
