import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compactVerify, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { fromHex, toBase64url, toHex } from '../bytes.ts'
import { BODY_BYTES, decodeBody, encodeBody, type PassBody } from './body.ts'
import { fromDigits, toDigits } from './digits.ts'
import { readPass } from './read-pass.ts'
import { issuerHeader, issuerSigningInput } from './static-pass.ts'
import { staticDigits } from './write-pass.ts'

const vectors = JSON.parse(readFileSync(new URL('../../vectors/passes.json', import.meta.url), 'utf8'))
const TENANT: string = vectors.tenant
const STATIC = vectors.static

const body: PassBody = {
  type: 0x11,
  kid: 7,
  passId: '92ac63853fc0633b',
  notBeforeS: 1_788_172_800,
  expiresS: 1_817_078_400,
  groups: 5,
  class: 'student',
  flags: { photoCheck: false, once: false, escort: false, printed: false },
  profile: 0,
  generation: 3,
  serial: 123_456,
}

describe('a static pass comes out to the byte', () => {
  test('its body', () => {
    expect(toHex(encodeBody({ ...body, ...readable(STATIC.body) }))).toBe(STATIC.body)
  })

  test('what its issuer signs', () => {
    expect(issuerHeader(TENANT, 7)).toBe(STATIC.protectedJson)
    expect(new TextDecoder().decode(issuerSigningInput(TENANT, 7, bytes(STATIC.body)))).toBe(STATIC.signingInput)
  })

  test('the whole of it, in bytes and digits, both ways', () => {
    const digits = staticDigits({ certificate: bytes(STATIC.body), issuerSignature: bytes(STATIC.signature) })
    expect(digits).toBe(STATIC.digits)
    expect(fromDigits(digits)).toEqual({ ok: true, value: bytes(STATIC.bytes) })
  })

  test('any jose library can check it', async () => {
    const { payload, protectedHeader } = await compactVerify(
      STATIC.asCompactJws,
      await importJWK(vectors.keys.issuer7.jwk, 'Ed25519'),
      {
        algorithms: ['Ed25519'],
      },
    )
    expect(protectedHeader).toEqual({ alg: 'Ed25519', kid: `${TENANT}/pass/7`, typ: 'ghp1' })
    expect(toHex(payload)).toBe(STATIC.body)
  })
})

describe('the cases of the vectors that concern a static pass', () => {
  const key = createPublicKey({ key: vectors.keys.issuer7.jwk, format: 'jwk' })
  const cases: { name: string; digits: string; expect: string }[] = vectors.cases.filter(
    (one: { digits: string; expect: string }) => one.digits.length === 226,
  )

  test.each(cases)('$name: the signature says so', ({ digits, expect: verdict }) => {
    const pass = readPass(digits, TENANT)
    if (!pass.ok || pass.value.type !== 'static') throw new Error('not a static pass')
    const { signingInput, signature } = pass.value.certificate
    expect(verify(null, signingInput, key, signature)).toBe(verdict !== 'bad_signature')
  })
})

describe('malformed, before any key is looked up', () => {
  const digits: string = STATIC.digits
  const withBody = (change: Partial<Record<number, number>>) => {
    const whole = bytes(STATIC.bytes)
    for (const [at, byte] of Object.entries(change)) whole[Number(at)] = byte!
    return toDigits(whole)
  }

  test.each([
    ['nothing', ''],
    ['225 digits', digits.slice(1)],
    ['227 digits', `${digits}0`],
    ['a letter among the digits', `${digits.slice(0, 9)}x${digits.slice(10)}`],
    ['digits of another script', `${digits.slice(0, 9)}٣${digits.slice(10)}`],
    ['a line end behind', `${digits.slice(0, 225)}\n`],
    ['a zero in front', `0${digits.slice(1)}`],
    ['226 digits that are 93 bytes or 95', '9'.repeat(226)],
    ['a dynamic type in a static length', withBody({ 0: 0x12 })],
    ['no groups', withBody({ 18: 0, 19: 0, 20: 0, 21: 0 })],
    ['a class of 0', withBody({ 22: 0x00 })],
    ['a class of 6', withBody({ 22: 0x60 })],
    ['an end at the beginning', withBody(endAtBeginning())],
    ['an end before the beginning', withBody({ 14: 0, 15: 0, 16: 0, 17: 0 })],
  ])('%s', (_what, code) => {
    expect(readPass(code, TENANT)).toEqual({ ok: false, failure: 'malformed' })
  })
})

/** The bytes of notBefore, where those of expires are. */
function endAtBeginning(): Record<number, number> {
  const whole = bytes(STATIC.bytes)
  return Object.fromEntries([0, 1, 2, 3].map(at => [14 + at, whole[10 + at]!]))
}

test('every field of a body comes back as it went in', () => {
  const odd: PassBody = {
    ...body,
    passId: '00000000000000ff',
    class: 'vehicle',
    flags: { photoCheck: true, once: false, escort: true, printed: true },
    groups: 0x80000001,
    profile: 255,
    generation: 65_535,
    serial: 0xffffffff,
  }
  expect(encodeBody(odd)).toHaveLength(BODY_BYTES)
  expect(decodeBody(encodeBody(odd))).toEqual({ ok: true, value: odd })
})

test('a body that cannot be said is a mistake of ours, and throws', () => {
  expect(() => encodeBody({ ...body, serial: 2 ** 32 })).toThrow(/cannot be encoded/)
  expect(() => encodeBody({ ...body, groups: 0 })).toThrow(/cannot be encoded/)
})

test('base64url is that of JOSE', () => {
  for (const length of [0, 1, 2, 3, 4, 63, 64]) {
    const some = Uint8Array.from({ length }, (_, at) => (at * 83) & 255)
    expect(toBase64url(some)).toBe(Buffer.from(some).toString('base64url'))
  }
})

function bytes(hex: string): Uint8Array {
  return fromHex(hex)!
}

function readable(hex: string): PassBody {
  const read = decodeBody(bytes(hex))
  if (!read.ok) throw new Error(read.failure)
  return read.value
}
