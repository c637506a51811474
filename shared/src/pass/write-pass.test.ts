import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes.ts'
import { decodeBody, encodeBody, PASS_CLASSES, PASS_TYPES } from './body.ts'
import { fromDigits, toDigits } from './digits.ts'
import { readPass } from './read-pass.ts'
import { dynamicCertificate, dynamicDigits, referenceDigits, staticDigits, totpDigits } from './write-pass.ts'

const vectors = JSON.parse(readFileSync(new URL('../../vectors/passes.json', import.meta.url), 'utf8'))
const bytes = (hex: string) => fromHex(hex)!

describe('the vectors come out to the byte', () => {
  const proof = { tS: vectors.dynamic.t, deviceSignature: bytes(vectors.dynamic.deviceSignature) }

  test('a static pass', () => {
    const signed = { certificate: bytes(vectors.static.body), issuerSignature: bytes(vectors.static.signature) }
    expect(staticDigits(signed)).toBe(vectors.static.digits)
  })

  test('a dynamic pass', () => {
    const certificate = dynamicCertificate(
      bytes(vectors.dynamic.cert).subarray(0, 30),
      bytes(vectors.keys.device1.compressed),
    )
    expect(toHex(certificate)).toBe(vectors.dynamic.cert)
    const signed = { certificate, issuerSignature: bytes(vectors.dynamic.issuerSignature) }
    expect(dynamicDigits(signed, proof)).toBe(vectors.dynamic.digits)
  })

  test('a reference', () => {
    expect(referenceDigits('92ac63853fc0633b', proof)).toBe(vectors.reference.digits)
  })
})

test('parts of the wrong type or length are a mistake of ours, and throw', () => {
  const body = bytes(vectors.static.body)
  const issuerSignature = bytes(vectors.static.signature)
  const totp = body.with(0, PASS_TYPES.totp)
  expect(() => staticDigits({ certificate: totp, issuerSignature })).toThrow(/0x11/)
  expect(() => staticDigits({ certificate: body, issuerSignature: issuerSignature.subarray(1) })).toThrow(/64/)
  expect(() => dynamicCertificate(body, new Uint8Array(33))).toThrow(/0x12/)
  expect(() => referenceDigits('92ac', { tS: 0, deviceSignature: issuerSignature })).toThrow(/16/)
  expect(() => totpDigits({ certificate: totp, issuerSignature }, { tS: 1, code: '1234567' })).toThrow(/8/)
})

const u32 = fc.nat({ max: 0xffffffff })
const filled = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const passId = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(id => id.toString(16).padStart(16, '0'))
const body = fc
  .record({
    kid: fc.nat({ max: 255 }),
    passId,
    dates: fc.tuple(u32, u32).filter(([a, b]) => a !== b),
    groups: fc.integer({ min: 1, max: 0xffffffff }),
    class: fc.constantFrom(...PASS_CLASSES),
    flags: fc.record({ photoCheck: fc.boolean(), once: fc.boolean(), escort: fc.boolean(), printed: fc.boolean() }),
    profile: fc.nat({ max: 255 }),
    generation: fc.nat({ max: 0xffff }),
    serial: u32,
  })
  .map(({ dates, ...rest }) => ({ ...rest, notBeforeS: Math.min(...dates), expiresS: Math.max(...dates) }))

describe('whatever it says', () => {
  test('a body comes back as it went in', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(...Object.values(PASS_TYPES)), (said, type) => {
        expect(decodeBody(encodeBody({ ...said, type }))).toEqual({ ok: true, value: { ...said, type } })
      }),
    )
  })

  test('a code is read as it was written, and always has the digits of its type', () => {
    fc.assert(
      fc.property(
        body,
        filled(33),
        filled(64),
        filled(64),
        u32,
        (said, point, issuerSignature, deviceSignature, tS) => {
          const proof = { tS, deviceSignature }
          const of = (type: keyof typeof PASS_TYPES) => encodeBody({ ...said, type: PASS_TYPES[type] })
          const written = {
            static: [staticDigits({ certificate: of('static'), issuerSignature }), 226],
            dynamic: [
              dynamicDigits({ certificate: dynamicCertificate(of('dynamic'), point), issuerSignature }, proof),
              469,
            ],
            reference: [referenceDigits(said.passId, proof), 185],
            totp: [totpDigits({ certificate: of('totp'), issuerSignature }, { tS, code: '01234567' }), 244],
          } as const
          for (const [type, [digits, length]] of Object.entries(written)) {
            const read = readPass(digits, 'test-campus')
            if (!read.ok) throw new Error(`${type} was not read`)
            expect([type, digits.length]).toEqual([read.value.type, length])
            if (read.value.type === 'reference') {
              expect(read.value.passId).toBe(said.passId)
            } else {
              expect(read.value.certificate.body).toEqual({ ...said, type: PASS_TYPES[read.value.type] })
              expect(read.value.certificate.signature).toEqual(issuerSignature)
            }
            if (read.value.type === 'dynamic') expect(read.value.devicePoint).toEqual(point)
            if (read.value.type === 'dynamic' || read.value.type === 'reference') {
              expect(read.value.proof).toMatchObject({ tS, signature: deviceSignature })
            }
            if (read.value.type === 'totp') expect(read.value).toMatchObject({ tS, code: '01234567' })
          }
        },
      ),
    )
  })

  test('digits and bytes are one to one', () => {
    const pass = fc
      .tuple(fc.constantFrom(77, 94, 195), fc.constantFrom(0x11, 0x12, 0x13, 0x15))
      .chain(([length, first]) => filled(length).map(some => some.with(0, first)))
    fc.assert(
      fc.property(pass, some => {
        expect(fromDigits(toDigits(some))).toEqual({ ok: true, value: some })
      }),
    )
  })

  test('text of any kind is read or malformed, and never throws', () => {
    const digits = fc
      .constantFrom(185, 226, 244, 469)
      .chain(length => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length }))
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 512 }), digits), text => {
        const read = readPass(text, 'test-campus')
        if (!read.ok) expect(read.failure).toBe('malformed')
      }),
      { numRuns: 2_000 },
    )
  })
})
