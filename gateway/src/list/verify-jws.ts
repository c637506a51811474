import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { compactVerify, decodeProtectedHeader } from 'jose'
import type { Trust } from './trust.ts'

export type JwsFailure =
  | 'malformed'
  | 'wrong_algorithm'
  | 'wrong_type'
  | 'unknown_extension'
  | 'unknown_key'
  | 'bad_signature'

export type JwsExpected = { readonly typ: string; readonly use: TrustedKey['use']; readonly trust: Trust }

/** Base64url and two points. jose takes more than that; what is hashed, compared and kept must have one spelling. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * The payload of a compact JWS whose signature holds. The algorithm is Ed25519, whatever the header says; the key
 * must be one that we were told for this use, and may sign at the document's own date; no extension is understood.
 */
export async function verifyJws(jws: string, { typ, use, trust }: JwsExpected): Promise<Result<unknown, JwsFailure>> {
  if (!COMPACT.test(jws)) return fail('malformed')
  let header: ReturnType<typeof decodeProtectedHeader>
  try {
    header = decodeProtectedHeader(jws)
  } catch {
    return fail('malformed')
  }
  if (header.alg !== 'Ed25519') return fail('wrong_algorithm')
  if (header.typ !== typ) return fail('wrong_type')
  if (header.crit !== undefined) return fail('unknown_extension')
  const key = typeof header.kid === 'string' ? trust.find(use, header.kid, dateIn(jws)) : null
  if (key === null) return fail('unknown_key')

  try {
    const { payload } = await compactVerify(jws, key, { algorithms: ['Ed25519'] })
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)))
  } catch (error) {
    return fail(error instanceof SyntaxError || error instanceof TypeError ? 'malformed' : 'bad_signature')
  }
}

/** The date that a document gives itself, with which its key is looked up; the signature then holds it too. Null: it has none. */
function dateIn(jws: string): number | null {
  try {
    const said = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString('utf8')) as {
      issuedAtS?: unknown
    } | null
    return typeof said?.issuedAtS === 'number' ? said.issuedAtS : null
  } catch {
    return null
  }
}
