import type { Identity } from '../auth/identity.ts'
import { byOf, type PlaceOfRequest } from '../http/bind.ts'
import { FACTOR_MISSING, NOT_SIGNED_IN, type Problem, SCHOOL_NOT_CHOSEN } from '../http/problem.ts'
import type { Sender } from './execute.ts'

/** Who sends an operation, by the header `Authorization` and the school that a super_admin chose; or why not. */
export async function senderOf(
  identity: Pick<Identity, 'person'>,
  { authorization, school }: { readonly authorization: string | undefined; readonly school: string | undefined },
  place: PlaceOfRequest,
): Promise<Sender | Problem> {
  const [scheme, token, ...more] = (authorization ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || more.length > 0) return NOT_SIGNED_IN
  const person = await identity.person(token, school)
  if (person === null) return NOT_SIGNED_IN
  if (person.factorMissing) return FACTOR_MISSING
  if (person.school === null) return SCHOOL_NOT_CHOSEN
  return { token, who: { ...person, school: person.school, by: byOf(person, place) } }
}
