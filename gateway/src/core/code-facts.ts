import { toHex } from '@gatehouse/shared/bytes.ts'
import { bodyOf, type Presented } from '@gatehouse/shared/decision/attempt.ts'
import type { CodeFacts } from '@gatehouse/shared/events/record.ts'
import { encodeBody } from '@gatehouse/shared/pass/body.ts'
import { type OpenedPass, timeOf } from '@gatehouse/shared/pass/check.ts'
import type { GrantedProof } from '../store/journal.ts'

/** What an event keeps of a code; null where it was none. */
export function codeFacts({ pass, certificate }: OpenedPass, presented: Presented): CodeFacts | null {
  if (pass === null || presented.kind === 'card') return null
  const body = bodyOf(presented)
  const timeS = timeOf(pass)
  return {
    type: pass.type,
    ...(body !== null && { body: toHex(encodeBody(body)) }),
    ...(certificate !== null && certificate.found !== 'malformed' && { found: certificate.found }),
    ...(timeS !== null && { timeS }),
    ...(presented.proof !== null && { held: presented.proof.held, replayed: presented.proof.replayed ? 1 : 0 }),
  }
}

/** The pass and time of a moving code; null for a static one. */
export function movingCode({ pass, passId }: OpenedPass): GrantedProof | null {
  const timeS = pass === null ? null : timeOf(pass)
  return passId === null || timeS === null ? null : { passId, timeS }
}
