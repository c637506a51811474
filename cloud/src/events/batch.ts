import { createPublicKey } from 'node:crypto'
import { BATCH_TYP, Batch } from '@gatehouse/shared/events/batch.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { compactVerify } from 'jose'

export type BatchFailure = 'not_enrolled' | 'bad_signature' | 'wrong_type' | 'wrong_key' | 'not_a_batch' | 'wrong_gate'

export type BatchKey = {
  readonly gateId: string
  readonly tenant: string
  /** Null before the gate is enrolled. */
  readonly publicJwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string } | null
}

/** Opens a batch that was signed with the gate's own key, and says what is wrong with any other. */
export async function openBatch(
  payload: Uint8Array,
  { gateId, tenant, publicJwk }: BatchKey,
): Promise<Result<readonly unknown[], BatchFailure>> {
  if (publicJwk === null) return fail('not_enrolled')
  const { kty, crv, x } = publicJwk
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' })

  let opened: Awaited<ReturnType<typeof compactVerify>>
  try {
    opened = await compactVerify(payload, key, { algorithms: ['Ed25519'] })
  } catch {
    return fail('bad_signature')
  }
  // Signed by this gate, but as another kind of document: a document of one kind never passes as another.
  if (opened.protectedHeader.typ !== BATCH_TYP) return fail('wrong_type')
  if (opened.protectedHeader.kid !== gateId) return fail('wrong_key')

  const batch = Batch.safeParse(jsonOf(opened.payload))
  if (!batch.success) return fail('not_a_batch')
  return batch.data.gate === gateId && batch.data.tenant === tenant ? ok(batch.data.events) : fail('wrong_gate')
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
