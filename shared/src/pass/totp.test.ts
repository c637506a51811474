import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes.ts'
import { totpCode, totpKey } from './totp.ts'

const hmacSha1 = (key: Uint8Array, message: Uint8Array) =>
  new Uint8Array(createHmac('sha1', key).update(message).digest())
const hkdf = (secret: Uint8Array, info: Uint8Array, bytes: number) =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), info, bytes))

describe('codes of RFC 6238, appendix B', () => {
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('%i: %s', (tS, code) => expect(totpCode(hmacSha1, Buffer.from('12345678901234567890'), tS)).toBe(code))
})

test('the key of a pass is its site’s secret and its id, computed elsewhere once', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at)
  const key = totpKey(hkdf, secret, '92ac63853fc0633b')
  expect(toHex(key)).toBe('1d9cb9eafe8705a728f72cf39ceca7490fac4b9f')
  expect(totpCode(hmacSha1, key, 1_790_000_000)).toBe('09803606')
})
