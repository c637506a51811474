import { createPublicKey, type KeyObject } from 'node:crypto'
import {
  CARD_TYP,
  SEAL_ALGORITHM,
  SEAL_ENCRYPTION,
  SEALED_CARD_BYTES_MAX,
  SEALED_CARD_TYP,
  SeenCard,
} from '@gatehouse/shared/command/sealed-card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { compactDecrypt, compactVerify, decodeProtectedHeader } from 'jose'
import type { BatchKey } from '../events/batch.ts'

/** Why a card was not taken: in the log, and nowhere what it said. */
export type CardFailure =
  | 'too_large'
  | 'not_enrolled'
  | 'wrong_type'
  | 'unknown_key'
  | 'not_for_us'
  | 'bad_signature'
  | 'not_a_card'
  | 'wrong_gate'

export type OpenCardNeeds = BatchKey & {
  /** The school's enrolment key of that id. */
  readonly keyOf: (kid: string) => Promise<KeyObject | null>
}

/**
 * Opens a card that a gate has sealed to the school. The seal alone says nothing of who made it, because its key is public: inside is the
 * gate's signature, without which the broker could put a card of its own on somebody's pass.
 */
export async function openCard(
  payload: Uint8Array,
  { gateId, tenant, publicJwk, keyOf }: OpenCardNeeds,
): Promise<Result<SeenCard, CardFailure>> {
  if (payload.length > SEALED_CARD_BYTES_MAX) return fail('too_large')
  if (publicJwk === null) return fail('not_enrolled')
  const header = headerOf(payload)
  if (header?.typ !== SEALED_CARD_TYP || header.zip !== undefined) return fail('wrong_type')
  const key = typeof header.kid === 'string' ? await keyOf(header.kid) : null
  if (key === null) return fail('unknown_key')

  let signed: Uint8Array
  try {
    const options = { keyManagementAlgorithms: [SEAL_ALGORITHM], contentEncryptionAlgorithms: [SEAL_ENCRYPTION] }
    signed = (await compactDecrypt(payload, key, options)).plaintext
  } catch {
    return fail('not_for_us')
  }
  const { kty, crv, x } = publicJwk
  let opened: Awaited<ReturnType<typeof compactVerify>>
  try {
    opened = await compactVerify(signed, createPublicKey({ key: { kty, crv, x }, format: 'jwk' }), {
      algorithms: ['Ed25519'],
    })
  } catch {
    return fail('bad_signature')
  }
  if (opened.protectedHeader.typ !== CARD_TYP || opened.protectedHeader.kid !== gateId) return fail('bad_signature')
  const card = SeenCard.safeParse(jsonOf(opened.payload))
  if (!card.success) return fail('not_a_card')
  return card.data.gate === gateId && card.data.tenant === tenant ? ok(card.data) : fail('wrong_gate')
}

function headerOf(payload: Uint8Array) {
  try {
    return decodeProtectedHeader(new TextDecoder('ascii').decode(payload))
  } catch {
    return null
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
