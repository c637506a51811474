import { fromHex } from '@gatehouse/shared/bytes.ts'
import { SIGNATURE_BYTES } from '@gatehouse/shared/pass/body.ts'
import { REDRAW_S } from '@gatehouse/shared/pass/proof.ts'
import { dynamicDigits, referenceDigits } from '@gatehouse/shared/pass/write-pass.ts'
import type { PocketPass } from './pocket.ts'

/** Short where the gate has the pass in its list, long where it has never heard of it. */
export type CodeForm = 'short' | 'long'

/**
 * The time that the code of this moment says: steps of 15 s by the phone's clock, so that it is the same in every tab and the next one
 * is always later, as a gate that has granted this one asks for.
 */
export function codeTime(nowMs: number): number {
  return Math.floor(nowMs / 1000 / REDRAW_S) * REDRAW_S
}

/** Whole seconds until the next code, 15 to 1. */
export function secondsLeft(nowMs: number): number {
  return REDRAW_S - Math.floor((nowMs / 1000) % REDRAW_S)
}

/** The digits of a code. `sign` makes the proof of that moment. */
export async function drawCode(
  { passId, certificate }: Pick<PocketPass, 'passId' | 'certificate'>,
  form: CodeForm,
  tS: number,
  sign: (passId: string, tS: number) => Promise<Uint8Array>,
): Promise<string> {
  const proof = { tS, deviceSignature: await sign(passId, tS) }
  if (form === 'short') return referenceDigits(passId, proof)
  const signed = fromHex(certificate)!
  const end = signed.length - SIGNATURE_BYTES
  return dynamicDigits({ certificate: signed.subarray(0, end), issuerSignature: signed.subarray(end) }, proof)
}
