import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { BINDING_TYP } from '@gatehouse/shared/wire/api/my.ts'
import { compactVerify } from 'jose'
import { z } from 'zod'

/** How far the phone's clock may be off when it is bound. A gate is stricter later; the phone is told then. */
const PROOF_AGE_S_MAX = 300

export type PhoneKey = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

const Payload = z.object({ passId: z.string(), publicKey: z.object({ x: z.string(), y: z.string() }), iat: z.number() })

/**
 * Whether whoever asks holds the private key, for this pass and now. Answers the compressed point in hexadecimal.
 *
 * `clock_off` is told apart, because only the holder of the phone can do something about it.
 */
export async function checkBinding(
  { passId, publicKey, proof }: { readonly passId: string; readonly publicKey: PhoneKey; readonly proof: string },
  nowMs: number,
): Promise<Result<string, 'bad_proof' | 'clock_off'>> {
  const payload = await signedBy(publicKey, proof)
  if (payload === null || payload.passId !== passId) return fail('bad_proof')
  if (payload.publicKey.x !== publicKey.x || payload.publicKey.y !== publicKey.y) return fail('bad_proof')
  if (Math.abs(nowMs / 1000 - payload.iat) > PROOF_AGE_S_MAX) return fail('clock_off')
  return ok(compressed(publicKey))
}

async function signedBy(publicKey: PhoneKey, proof: string): Promise<z.infer<typeof Payload> | null> {
  try {
    // A point that is not on the curve is refused here.
    const key = createPublicKey({ key: publicKey as JsonWebKey, format: 'jwk' })
    const { payload, protectedHeader } = await compactVerify(proof, key, { algorithms: ['ES256'] })
    if (protectedHeader.typ !== BINDING_TYP) return null
    return Payload.safeParse(JSON.parse(new TextDecoder().decode(payload))).data ?? null
  } catch {
    return null
  }
}

/** SEC 1 section 2.3.3: whether y is even, then x. */
export function compressed({ x, y }: Pick<PhoneKey, 'x' | 'y'>): string {
  const odd = Buffer.from(y, 'base64url').at(-1)! & 1
  return `0${2 + odd}${Buffer.from(x, 'base64url').toString('hex')}`
}
