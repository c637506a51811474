import { encodeBody, PASS_TYPES, type PassBody } from '@gatehouse/shared/pass/body.ts'
import { issuerSigningInput } from '@gatehouse/shared/pass/static-pass.ts'
import { staticDigits, totpPrefix } from '@gatehouse/shared/pass/write-pass.ts'
import type { Row } from '../db/tables.ts'
import type { Signer } from '../keys/school-keys.ts'

/** The digits of a pass as GHP1 STATIC, signed by the school's pass key. The same pass and key give the same digits. */
export function staticCode(
  { tenant, signer }: { readonly tenant: string; readonly signer: Pick<Signer, 'number' | 'bytes'> },
  pass: Omit<PassBody, 'type' | 'kid'>,
): string {
  const certificate = encodeBody({ ...pass, type: PASS_TYPES.static, kid: signer.number })
  const issuerSignature = signer.bytes(issuerSigningInput(tenant, signer.number, certificate))
  return staticDigits({ certificate, issuerSignature })
}

/** The first 226 digits of a rotating barcode (GHP1 TOTP): the wallet writes the time and the code behind them. */
export function totpPrefixOf(
  { tenant, signer }: { readonly tenant: string; readonly signer: Pick<Signer, 'number' | 'bytes'> },
  pass: Omit<PassBody, 'type' | 'kid'>,
): string {
  const certificate = encodeBody({
    ...pass,
    type: PASS_TYPES.totp,
    kid: signer.number,
    flags: { ...pass.flags, printed: false },
  })
  const issuerSignature = signer.bytes(issuerSigningInput(tenant, signer.number, certificate))
  return totpPrefix({ certificate, issuerSignature })
}

/** What a certificate says of a pass's row. */
export function certificateOf(row: Row<'passes'>): Omit<PassBody, 'type' | 'kid'> {
  return {
    passId: row.pass_id,
    notBeforeS: Math.floor(row.not_before.getTime() / 1000),
    expiresS: Math.floor(row.expires.getTime() / 1000),
    groups: row.groups,
    class: row.class,
    flags: { photoCheck: false, once: false, escort: false, printed: true },
    profile: row.profile,
    generation: row.generation,
    serial: Number(row.serial),
  }
}
