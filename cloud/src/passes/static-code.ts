import { encodeBody, PASS_TYPES, type PassBody } from '@gatehouse/shared/pass/body.ts'
import { staticDigits, totpPrefix } from '@gatehouse/shared/pass/write-pass.ts'
import type { Row } from '../db/tables.ts'
import type { Signer } from '../keys/school-keys.ts'

/** The school's key for passes. */
export type PassSigner = Pick<Signer, 'number' | 'pass'>

/** The digits of a pass as GHP1 STATIC, signed by the school's pass key. The same pass and key give the same digits. */
export async function staticCode(signer: PassSigner, pass: Omit<PassBody, 'type' | 'kid'>): Promise<string> {
  const certificate = encodeBody({ ...pass, type: PASS_TYPES.static, kid: signer.number })
  return staticDigits({ certificate, issuerSignature: await signer.pass(certificate) })
}

/** The first 226 digits of a rotating barcode (GHP1 TOTP): the wallet writes the time and the code behind them. */
export async function totpPrefixOf(signer: PassSigner, pass: Omit<PassBody, 'type' | 'kid'>): Promise<string> {
  const certificate = encodeBody({
    ...pass,
    type: PASS_TYPES.totp,
    kid: signer.number,
    flags: { ...pass.flags, printed: false },
  })
  return totpPrefix({ certificate, issuerSignature: await signer.pass(certificate) })
}

/** What a certificate says of a pass's row. */
export function certificateOf(row: Row<'passes'>): Omit<PassBody, 'type' | 'kid'> {
  return {
    passId: row.pass_id,
    notBeforeS: Math.floor(row.not_before.getTime() / 1000),
    expiresS: Math.floor(row.expires.getTime() / 1000),
    groups: row.groups,
    class: row.class,
    flags: { photoCheck: false, once: false, escort: row.escort, printed: true },
    profile: row.profile,
    generation: row.generation,
    serial: Number(row.serial),
  }
}
