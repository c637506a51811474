import { randomBytes } from 'node:crypto'
import type { ClaimCheck, InvitationWay } from '@gatehouse/shared/wire/api/invitations.ts'
import { newEnrolmentCode, readEnrolmentCode, spoken } from '../gates/enrolment-code.ts'
import type { Vault } from '../keys/vault.ts'

/** 60 bits for twelve characters that somebody types, 192 for a link that nobody does. */
export function newCode(way: InvitationWay): string {
  if (way === 'mail') return randomBytes(24).toString('base64url')
  const { selector, secret } = newEnrolmentCode()
  return selector + secret
}

/** A printed code as it is read aloud, three groups of four. */
export function spokenCode(code: string): string {
  return spoken(readEnrolmentCode(code)!)
}

/** What was typed or came in a link, as it was made; null: that is neither. */
export function readCode(typed: string): string | null {
  const read = readEnrolmentCode(typed)
  if (read !== null) return read.selector + read.secret
  return /^[A-Za-z0-9_-]{32}$/.test(typed.trim()) ? typed.trim() : null
}

/** Keyed: 60 bits of somebody's table would be found by trying. */
export function codeHash(vault: Vault, code: string): string {
  return vault.blindIndex({ tenant: '', table: 'invitations', column: 'code_hash' }, Buffer.from(code))
}

/** Where a student claims. The code stands behind the #, which no server is told; then what the page should ask for. */
export function claimLink(publicUrl: string, code: string, checks: readonly ClaimCheck[]): string {
  const asked = checks.map(check => (check === 'student_number' ? 'n' : 'b')).join('')
  return `${publicUrl}/claim#${code}.${asked}`
}
