import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes.ts'
import { nodePassKeys } from '../cli/node-pass-keys.ts'
import { Vectors, verdictOf } from '../cli/vectors.ts'
import { type Attempt, isProven, type ListedPass } from '../decision/attempt.ts'
import { decide } from '../decision/decide.ts'
import type { ClockQuality } from '../events/record.ts'
import { EMPTY_POLICY } from '../list/policy.ts'
import { openPass, type PassKeys, presentedAs } from './check.ts'
import { fromDigits, toDigits } from './digits.ts'
import {
  campusKeys,
  codeOf,
  goodBody,
  ISSUER,
  NOW_S,
  PHONE,
  SITE_SECRET,
  testIssuer,
  testPhone,
} from './testing/test-campus.ts'

const vectors = Vectors.parse(JSON.parse(readFileSync(new URL('../../vectors/passes.json', import.meta.url), 'utf8')))

const row: ListedPass = {
  passId: goodBody.passId,
  notBeforeS: 0,
  expiresS: goodBody.expiresS,
  groups: goodBody.groups,
  status: 'active',
  class: 'student',
  profile: 0,
  minGeneration: 3,
}

type Gate = {
  readonly nowS?: number
  readonly clock?: ClockQuality
  readonly keys?: PassKeys
  readonly row?: ListedPass | null
  readonly deviceKey?: Uint8Array | null
  readonly lastGrantedS?: number | null
}

/** A gate with a list of one row. */
function attemptAt(
  digits: string,
  {
    nowS = NOW_S,
    clock = 'confirmed',
    keys = campusKeys(),
    row: listed = row,
    deviceKey = PHONE.point,
    lastGrantedS = null,
  }: Gate = {},
): Attempt {
  const opened = openPass(digits, { tenant: 'test-campus', nowS, clock, keys })
  return {
    presented: presentedAs(opened, { keys, deviceKey, lastGrantedS }),
    row: listed?.passId === opened.passId ? listed : null,
    list: { serialMax: 999_999, ageS: 60, policy: EMPTY_POLICY },
    lane: { groups: 0b100, direction: 'in' },
    at: { epochS: nowS, clock, dayOfWeek: 1, minuteOfDay: 853, date: '2026-09-21' },
  }
}
function verdict(digits: string, gate: Gate = {}): string {
  const decision = decide(attemptAt(digits, gate))
  return decision.open ? 'ok' : decision.refusal
}

describe('the cases of the vectors', () => {
  test.each(vectors.cases)('$name', one => {
    expect(verdictOf(vectors, one)).toBe(one.expect)
  })
})

describe('each kind of code', () => {
  test.each(Object.entries(codeOf))('%s opens', (_type, make) => {
    const attempt = attemptAt(make())
    expect(decide(attempt)).toMatchObject({ open: true, ground: 'list', passId: goodBody.passId })
    expect(isProven(attempt)).toBe(true)
  })

  const moving = Object.entries(codeOf).filter(([type]) => type !== 'static')

  test.each(moving)('%s: its age is from -15 s to 45 s, both included', (_type, make) => {
    const at = (ageS: number) => verdict(make({ tS: NOW_S - ageS }))
    expect([-16, -15, 0, 45, 46].map(at)).toEqual(['future_proof', 'ok', 'ok', 'ok', 'stale_proof'])
  })

  test.each(moving)('%s: on a clock in doubt its age is unknown, and it is checked all the same', (_type, make) => {
    const attempt = attemptAt(make({ tS: NOW_S - 3_600 }), { clock: 'doubt' })
    expect(attempt.presented).toMatchObject({ proof: { age: 'unknown', held: 'good' } })
    expect(isProven(attempt)).toBe(true)
    expect(decide(attempt)).toMatchObject({ open: false, refusal: 'clock_in_doubt' })
  })

  test.each(moving)('%s: opens once, and never for a time before the last that opened', (_type, make) => {
    const digits = make({ tS: NOW_S })
    expect(verdict(digits, { lastGrantedS: NOW_S })).toBe('replayed')
    expect(verdict(digits, { lastGrantedS: NOW_S + 30 })).toBe('replayed')
    expect(verdict(digits, { lastGrantedS: NOW_S - 30 })).toBe('ok')
  })

  test('a phone’s next second is another code, a wallet’s only its next step', () => {
    const tS = Math.floor(NOW_S / 30) * 30
    expect(verdict(codeOf.reference({ tS: tS + 1 }), { lastGrantedS: tS })).toBe('ok')
    // The same eight digits hold for thirty seconds: whoever copied them writes another second in front.
    expect(verdict(codeOf.totp({ tS: tS + 1 }), { lastGrantedS: tS })).toBe('replayed')
    expect(verdict(codeOf.totp({ tS: tS + 30 }), { nowS: tS + 30, lastGrantedS: tS + 29 })).toBe('ok')
  })
})

describe('keys', () => {
  test('a reference is checked with the key on the list, a dynamic code with that of its certificate', () => {
    const other = testPhone('device-2')
    expect(verdict(codeOf.reference(), { deviceKey: other.point })).toBe('bad_proof')
    expect(verdict(codeOf.reference(), { deviceKey: null })).toBe('bad_proof')
    expect(verdict(codeOf.dynamic(), { deviceKey: other.point })).toBe('ok')
    expect(verdict(codeOf.dynamic({ phone: other, point: PHONE.point }))).toBe('bad_proof')
  })

  test('a reference without its row is unknown', () => {
    expect(verdict(codeOf.reference(), { row: null })).toBe('unknown_pass')
  })

  test('a point that is on no curve proves nothing', () => {
    expect(verdict(codeOf.reference(), { deviceKey: new Uint8Array(33) })).toBe('bad_proof')
    expect(verdict(codeOf.dynamic({ point: new Uint8Array(33).fill(255) }))).toBe('bad_proof')
  })

  test('a wallet needs the secret of its site', () => {
    expect(verdict(codeOf.totp(), { keys: campusKeys(null) })).toBe('needs_secret')
    expect(verdict(codeOf.totp({ siteSecret: SITE_SECRET.with(0, 1) }))).toBe('bad_proof')
  })

  test('another school’s pass is not ours, though number and key be the same', () => {
    for (const type of ['static', 'dynamic', 'totp'] as const) {
      expect(verdict(codeOf[type]({ tenant: 'other-campus' }))).toBe('bad_signature')
    }
  })

  test('a key that is not trusted is not asked, and a forger’s is found out', () => {
    for (const type of ['static', 'dynamic', 'totp'] as const) {
      expect(verdict(codeOf[type]({ body: { kid: 8 }, issuer: testIssuer('issuer-8') }))).toBe('unknown_key')
      expect(verdict(codeOf[type]({ issuer: testIssuer('issuer-8') }))).toBe('bad_signature')
    }
  })

  test('a stale code is told so before its signature costs anything, and is never proven', () => {
    const keys: PassKeys = {
      ...campusKeys(),
      issuer: () => () => {
        throw new Error('checked')
      },
    }
    const attempt = attemptAt(codeOf.dynamic({ tS: NOW_S - 60, issuer: testIssuer('issuer-8') }), { keys })
    expect(decide(attempt)).toMatchObject({ refusal: 'stale_proof' })
    expect(isProven(attempt)).toBe(false)
  })
})

describe('hostile codes', () => {
  const bytesOf = (digits: string): Uint8Array => {
    const read = fromDigits(digits)
    if (!read.ok) throw new Error('no code')
    return read.value
  }

  test.each([
    ['static', 94],
    ['dynamic', 195],
    ['reference', 77],
  ] as const)('%s: no bit of it can be turned', (type, length) => {
    const good = bytesOf(codeOf[type]())
    expect(good).toHaveLength(length)
    let flips = 0
    for (let at = 0; at < length * 8; at++) {
      const changed = good.with(at >> 3, good[at >> 3]! ^ (1 << (at & 7)))
      if (changed[0] === 0) continue
      // A turned bit in t makes another moment, which was not signed either.
      expect([at, verdict(toDigits(changed))]).not.toEqual([at, 'ok'])
      flips++
    }
    expect(flips).toBeGreaterThanOrEqual(length * 8 - 1)
  })

  test('a rotating barcode: no bit of its certificate, no digit of its code', () => {
    const digits = codeOf.totp()
    const good = bytesOf(digits.slice(0, 226))
    for (let at = 0; at < good.length * 8; at++) {
      const changed = toDigits(good.with(at >> 3, good[at >> 3]! ^ (1 << (at & 7))))
      expect([at, verdict(changed + digits.slice(226))]).not.toEqual([at, 'ok'])
    }
    for (let at = 236; at < 244; at++) {
      const other = String((Number(digits[at]) + 1) % 10)
      expect(verdict(digits.slice(0, at) + other + digits.slice(at + 1))).toBe('bad_proof')
    }
  })

  test('a certificate under another type', () => {
    const stat = bytesOf(codeOf.static())
    expect(verdict(`${toDigits(stat.with(0, 0x15))}${NOW_S}12345678`)).toBe('bad_signature')
    const totp = bytesOf(codeOf.totp().slice(0, 226))
    expect(verdict(toDigits(totp.with(0, 0x11)))).toBe('bad_signature')
  })

  test('a phone’s certificate stripped of its proof', () => {
    const whole = bytesOf(codeOf.dynamic())
    const stripped = new Uint8Array(94)
    stripped.set(whole.subarray(0, 30))
    stripped.set(whole.subarray(63, 127), 30)
    expect(verdict(toDigits(stripped))).toBe('malformed')
    expect(verdict(toDigits(stripped.with(0, 0x11)))).toBe('bad_signature')
    expect(verdict(`${toDigits(stripped.with(0, 0x15))}${NOW_S}12345678`)).toBe('bad_signature')
  })

  test('one phone’s proof under another pass', () => {
    const mine = bytesOf(codeOf.reference())
    const theirs = mine.slice()
    theirs.set(fromHex('00000000000000aa')!, 1)
    expect(verdict(toDigits(theirs), { row: { ...row, passId: '00000000000000aa' } })).toBe('bad_proof')
  })

  test('an Ed25519 signature with S + L', () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n
    const whole = bytesOf(codeOf.static())
    const malleated = addLittleEndian(whole, 62, L)
    expect(verdict(toDigits(malleated))).toBe('bad_signature')
  })

  test('an ES256 signature as (r, n - s) is the same proof: it opens in its stead, and then never again', () => {
    const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const whole = bytesOf(codeOf.reference())
    const s = BigInt(`0x${toHex(whole.subarray(45))}`)
    const malleated = whole.slice()
    malleated.set(fromHex((N - s).toString(16).padStart(64, '0'))!, 45)
    expect(verdict(toDigits(malleated))).toBe('ok')
    expect(verdict(toDigits(malleated), { lastGrantedS: NOW_S - 5 })).toBe('replayed')
  })

  test('an empty signature', () => {
    for (const [type, from] of [
      ['static', 30],
      ['dynamic', 131],
      ['reference', 13],
    ] as const) {
      const whole = bytesOf(codeOf[type]())
      whole.fill(0, from, from + 64)
      expect(verdict(toDigits(whole))).toBe(type === 'static' ? 'bad_signature' : 'bad_proof')
    }
  })
})

test('a certificate is checked anew when another list is in force or the key is another', () => {
  let version = 1
  let key = createPublicKey(ISSUER)
  const keys = nodePassKeys({ issuerKey: () => key, totpSecret: null, inForce: () => version })
  const digits = codeOf.static()
  expect([verdict(digits, { keys }), verdict(digits, { keys })]).toEqual(['ok', 'ok'])
  key = createPublicKey(testIssuer('issuer-8'))
  expect(verdict(digits, { keys })).toBe('bad_signature')
  version = 2
  expect(verdict(digits, { keys })).toBe('bad_signature')
  key = createPublicKey(ISSUER)
  expect(verdict(digits, { keys })).toBe('ok')
})

/** Adds to the 32 bytes at `at`, little-endian, as Ed25519 writes S. */
function addLittleEndian(bytes: Uint8Array, at: number, add: bigint): Uint8Array {
  const s = BigInt(`0x${toHex(bytes.slice(at, at + 32).reverse())}`) + add
  const sum = bytes.slice()
  sum.set(fromHex(s.toString(16).padStart(64, '0'))!.reverse(), at)
  return sum
}
