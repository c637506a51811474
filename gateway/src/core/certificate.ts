import { verify } from 'node:crypto'
import type { Certificate } from '@gatehouse/shared/decision/attempt.ts'
import { readStaticPass } from '@gatehouse/shared/pass/static-pass.ts'
import type { Trust } from '../list/trust.ts'

/**
 * What a code says of itself, and whether the school signed it: cheap checks first, the signature last. The key comes
 * from our own trust by the number in the pass, and the algorithm from the key.
 */
export function certificateIn(
  text: string,
  { tenant, trust }: { readonly tenant: string; readonly trust: Trust },
): Certificate {
  const pass = readStaticPass(text, tenant)
  if (!pass.ok) return { found: 'malformed' }
  const { body, signingInput, signature } = pass.value
  const key = trust.find('pass', `${tenant}/pass/${body.kid}`)
  if (key === null) return { found: 'unknown_key', body }
  return { found: verify(null, signingInput, key, signature) ? 'signed' : 'bad_signature', body }
}
