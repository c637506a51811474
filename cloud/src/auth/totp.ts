import { createHmac, timingSafeEqual } from 'node:crypto'
import { TOTP_STEP_S, totpCode } from '@gatehouse/shared/pass/totp.ts'
import { base32 } from './base32.ts'

const DIGITS = 6
/** A clock may be half a minute off, and a code is typed when it is almost over. */
const STEPS_OFF_MAX = 1

const hmac = (key: Uint8Array, message: Uint8Array) => createHmac('sha1', key).update(message).digest()

/** RFC 6238 as authenticator applications have it: SHA-1, six digits, 30 s. */
export function codeAt(secret: Uint8Array, step: number): string {
  return totpCode(hmac, secret, step * TOTP_STEP_S, DIGITS)
}

/** The step a code belongs to, or null. Steps up to `lastStep` are used up: no code serves twice. */
export function stepOf(secret: Uint8Array, code: string, lastStep: number, nowMs: number): number | null {
  const now = Math.floor(nowMs / 1000 / TOTP_STEP_S)
  let found: number | null = null
  for (let step = now - STEPS_OFF_MAX; step <= now + STEPS_OFF_MAX; step++) {
    // All three are always compared: how long it takes tells nothing.
    const same = isSame(codeAt(secret, step), code)
    if (same && step > lastStep && found === null) found = step
  }
  return found
}

/** What the QR code says (Google's key URI format, which all of them read). */
export function totpUri(secret: Uint8Array, account: string): string {
  const label = `Gatehouse:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Gatehouse&algorithm=SHA1&digits=${DIGITS}&period=${TOTP_STEP_S}`
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
