import { createPublicKey, type KeyObject } from 'node:crypto'
import type { EnrolmentKey } from '@gatehouse/shared/command/command.ts'
import {
  CARD_TYP,
  SEAL_ALGORITHM,
  SEAL_ENCRYPTION,
  SEALED_CARD_TYP,
  type SeenCard,
} from '@gatehouse/shared/command/sealed-card.ts'
import { CompactEncrypt, CompactSign } from 'jose'

/**
 * A card as it goes to the cloud: signed by the gate, then sealed. Whoever carries it can neither read it nor make one; the key it is
 * sealed to went over the same wire, so the seal alone would say nothing about who sealed it.
 */
export async function sealCard(
  card: SeenCard,
  { sealTo, signingKey }: { readonly sealTo: EnrolmentKey; readonly signingKey: KeyObject },
): Promise<string> {
  const signed = await new CompactSign(Buffer.from(JSON.stringify(card)))
    .setProtectedHeader({ alg: 'Ed25519', typ: CARD_TYP, kid: card.gate })
    .sign(signingKey)
  const { kid, ...jwk } = sealTo
  return new CompactEncrypt(Buffer.from(signed))
    .setProtectedHeader({ alg: SEAL_ALGORITHM, enc: SEAL_ENCRYPTION, typ: SEALED_CARD_TYP, cty: CARD_TYP, kid })
    .encrypt(createPublicKey({ key: jwk, format: 'jwk' }))
}
