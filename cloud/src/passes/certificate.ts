import { concat, fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { encodeBody, PASS_TYPES, type PassBody } from '@gatehouse/shared/pass/body.ts'
import { dynamicCertificate as unsignedCertificate } from '@gatehouse/shared/pass/write-pass.ts'
import type { PassSigner } from './static-code.ts'

/**
 * What a phone needs to draw DYNAMIC codes by itself, in hexadecimal: body, the phone's point and the issuer's signature over both, 127
 * bytes. It opens nothing without the phone's key, which nobody but the phone has.
 */
export async function dynamicCertificate(
  signer: PassSigner,
  pass: Omit<PassBody, 'type' | 'kid'>,
  point: string,
): Promise<string> {
  const body = encodeBody({
    ...pass,
    type: PASS_TYPES.dynamic,
    kid: signer.number,
    flags: { ...pass.flags, printed: false },
  })
  const unsigned = unsignedCertificate(body, fromHex(point)!)
  return toHex(concat(unsigned, await signer.pass(unsigned)))
}
