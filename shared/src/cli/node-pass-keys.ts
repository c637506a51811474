import { createHmac, createPublicKey, hash, hkdfSync, type KeyObject, verify } from 'node:crypto'
import { toHex } from '../bytes.ts'
import type { PassKeys } from '../pass/check.ts'
import type { IssuerSigned } from '../pass/read-pass.ts'
import { totpCode, totpKey } from '../pass/totp.ts'

export type NodePassKeysNeeds = {
  /** The school's key for passes with this number, where it is trusted at this time (Unix seconds). */
  readonly issuerKey: (kid: number, nowS: number) => KeyObject | null
  /** What wallets of this site rotate by; null where there is none. */
  readonly totpSecret: Uint8Array | null
  /** What is in force; when it is another than before, every certificate is checked anew. */
  readonly inForce?: () => unknown
}

/** Certificates and phones remembered: as many as pass a large gate in a day, at 200 bytes each. */
const REMEMBERED_MAX = 20_000

/** What stands in front of a compressed P-256 point in a SubjectPublicKeyInfo (RFC 5480). */
const P256_SPKI = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')

/**
 * Checks passes with Node's own OpenSSL. A certificate found good is remembered by the hash of all its bytes together with
 * the key that found it so; a phone's key is unpacked once.
 */
export function nodePassKeys({ issuerKey, totpSecret, inForce = () => null }: NodePassKeysNeeds): PassKeys {
  const good = remembered<KeyObject>()
  const phones = remembered<KeyObject | null>()
  let since = inForce()

  const issuerSigned = (key: KeyObject, { signingInput, signature }: IssuerSigned): boolean => {
    const now = inForce()
    if (now !== since) {
      good.clear()
      since = now
    }
    const id = hash('sha256', Buffer.concat([signingInput, signature]), 'base64')
    if (good.get(id) === key) return true
    const holds = verify(null, signingInput, key, signature)
    if (holds) good.set(id, key)
    return holds
  }

  const phoneOf = (point: Uint8Array): KeyObject | null => {
    const id = toHex(point)
    const known = phones.get(id)
    if (known !== undefined) return known
    const key = p256Key(point)
    phones.set(id, key)
    return key
  }

  return {
    issuer(kid, nowS) {
      const key = issuerKey(kid, nowS)
      return key === null ? null : signed => issuerSigned(key, signed)
    },
    deviceSigned(point, { signingInput, signature }) {
      const key = phoneOf(point)
      return key !== null && verify('sha256', signingInput, { key, dsaEncoding: 'ieee-p1363' }, signature)
    },
    totpCode(passId, tS) {
      return totpSecret === null ? null : totpCode(hmacSha1, totpKey(hkdfSha256, totpSecret, passId), tS)
    },
  }
}

/** The key of a compressed point; null when it is on no curve, which a code may well claim. */
export function p256Key(point: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.concat([P256_SPKI, point]), format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

const hmacSha1 = (key: Uint8Array, message: Uint8Array) =>
  new Uint8Array(createHmac('sha1', key).update(message).digest())

const hkdfSha256 = (secret: Uint8Array, info: Uint8Array, bytes: number) =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), info, bytes))

/** The newest of them; the oldest goes. */
function remembered<Value>() {
  const values = new Map<string, Value>()
  return {
    get: (id: string) => values.get(id),
    set(id: string, value: Value) {
      if (values.size >= REMEMBERED_MAX) values.delete(values.keys().next().value!)
      values.set(id, value)
    },
    clear: () => values.clear(),
  }
}
