import type { Certificate, Presented, Proof } from '../decision/attempt.ts'
import type { ClockQuality } from '../events/record.ts'
import { type DeviceProof, proofAge } from './proof.ts'
import { type IssuerSigned, type ReadPass, readPass } from './read-pass.ts'
import { TOTP_STEP_S } from './totp.ts'

/** What a check needs to know of keys. The algorithm belongs to the key and is never taken from a code. */
export type PassKeys = {
  /** The check by the issuer key of this number; null where the trust has no such key, or not at this time. */
  issuer(kid: number, nowS: number): ((signed: IssuerSigned) => boolean) | null
  /** Whether the phone with this P-256 point, compressed, signed. A point that is on no curve signs nothing. */
  deviceSigned(point: Uint8Array, proof: DeviceProof): boolean
  /** The wallet's number for this time; null where this site has no secret. */
  totpCode(passId: string, tS: number): string | null
}

/** A code, read and its issuer's signature checked; nothing of the list or of earlier grants is in it. */
export type OpenedPass = {
  /** Null: malformed. */
  readonly pass: ReadPass | null
  /** Null where it cannot be read. Claimed, until every signature held. */
  readonly passId: string | null
  /** Null for a reference, which has none. */
  readonly certificate: Certificate | null
  readonly age: Proof['age']
}

export type OpenedBy = {
  readonly tenant: string
  /** Unix seconds of trusted time. */
  readonly nowS: number
  /** In doubt the age of a code is unknown, and it is checked all the same. */
  readonly clock: ClockQuality
  readonly keys: PassKeys
}

const MALFORMED: OpenedPass = { pass: null, passId: null, certificate: { found: 'malformed' }, age: 'fresh' }

/** The first half of a check, cheap things first: length, fields, key, age, and only then the issuer's signature. */
export function openPass(digits: string, { tenant, nowS, clock, keys }: OpenedBy): OpenedPass {
  const read = readPass(digits, tenant)
  if (!read.ok) return MALFORMED
  const pass = read.value
  const tS = timeOf(pass)
  const age = tS === null ? 'fresh' : clock === 'doubt' ? 'unknown' : proofAge(tS, nowS)
  if (pass.type === 'reference') return { pass, passId: pass.passId, certificate: null, age }

  const { body } = pass.certificate
  const issuer = keys.issuer(body.kid, nowS)
  const found = issuer === null ? 'unknown_key' : isOff(age) ? 'unchecked' : signedBy(issuer, pass.certificate)
  return { pass, passId: body.passId, certificate: { found, body }, age }
}

/** Whether the list should be asked about it: a forged or stale code is not worth the look. */
export function isWorthARow({ certificate, age }: OpenedPass): boolean {
  return certificate === null ? !isOff(age) : certificate.found === 'signed'
}

function isOff(age: Proof['age']): boolean {
  return age === 'stale_proof' || age === 'future_proof'
}

export type ProvenBy = {
  readonly keys: PassKeys
  /** The compressed point that the list has for this pass; null where it has none. Only a reference needs it. */
  readonly deviceKey: Uint8Array | null
  /** The newest time granted for this pass, Unix seconds; null where none is remembered. */
  readonly lastGrantedS: number | null
}

/**
 * The second half, with what is known of this pass. The proof is checked also where the list is going to refuse: the
 * event then says whether the pass was really there.
 */
export function presentedAs({ pass, certificate, age }: OpenedPass, known: ProvenBy): Presented {
  if (pass === null) return { kind: 'code', certificate: { found: 'malformed' }, proof: null }
  if (pass.type === 'reference') {
    const held = !isOff(age) && known.deviceKey !== null ? signs(known.keys, known.deviceKey, pass.proof) : 'none'
    return { kind: 'reference', passId: pass.passId, proof: { age, held, replayed: isReplayed(pass, known) } }
  }
  if (certificate === null) throw new Error(`a ${pass.type} pass that was opened without its certificate`)
  if (pass.type === 'static') return { kind: 'code', certificate, proof: null }
  const held = certificate.found === 'signed' ? heldBy(pass, known.keys) : 'none'
  return { kind: 'code', certificate, proof: { age, held, replayed: isReplayed(pass, known) } }
}

/** The time in a code, Unix seconds; null for a static one. */
export function timeOf(pass: ReadPass): number | null {
  if (pass.type === 'static') return null
  return pass.type === 'totp' ? pass.tS : pass.proof.tS
}

function signedBy(issuer: (signed: IssuerSigned) => boolean, signed: IssuerSigned): 'signed' | 'bad_signature' {
  return issuer(signed) ? 'signed' : 'bad_signature'
}

function heldBy(pass: Extract<ReadPass, { type: 'dynamic' | 'totp' }>, keys: PassKeys): Proof['held'] {
  if (pass.type === 'dynamic') return signs(keys, pass.devicePoint, pass.proof)
  const code = keys.totpCode(pass.certificate.body.passId, pass.tS)
  if (code === null) return 'no_secret'
  return code === pass.code ? 'good' : 'bad'
}

function signs(keys: PassKeys, point: Uint8Array, proof: DeviceProof): 'good' | 'bad' {
  return keys.deviceSigned(point, proof) ? 'good' : 'bad'
}

/**
 * By pass and time, never by signature bytes: (r, n-s) verifies as well as (r, s). A wallet's number holds for a whole step
 * whatever second is written in front of it, so there it is the step that must be a later one (RFC 6238 section 5.2).
 */
function isReplayed(pass: ReadPass, { lastGrantedS }: ProvenBy): boolean {
  const tS = timeOf(pass)
  if (tS === null || lastGrantedS === null) return false
  const stepS = pass.type === 'totp' ? TOTP_STEP_S : 1
  return Math.floor(tS / stepS) <= Math.floor(lastGrantedS / stepS)
}
