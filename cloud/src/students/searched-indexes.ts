import type { Tx } from '../db/tables.ts'
import { readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { phoneIndex, privateEmailIndex } from './personal.ts'
import { readPhone } from './phone.ts'

const PHONE = /^[+(]?[\d\s()./-]{5,}$/

/** The hashes that a phone number or an address, typed whole into the search box, is found by; undefined: it is neither, or not for this person to find by. */
export async function searchedIndexes(
  tx: Tx,
  vault: Vault,
  who: SchoolPerson,
  search: string | undefined,
): Promise<{ phone: string | null; privateEmail: string | null } | undefined> {
  if (!readsPersonal(who)) return undefined
  const text = search?.trim() ?? ''
  const schoolId = who.school.id
  if (!PHONE.test(text) && !text.includes('@')) return undefined
  const opening = await openingOf(tx, vault, schoolId, [])
  if (text.includes('@')) return { phone: null, privateEmail: privateEmailIndex(opening, text) }
  const { country } = await tx
    .selectFrom('schools')
    .select('country')
    .where('id', '=', schoolId)
    .executeTakeFirstOrThrow()
  const phone = readPhone(text, country)
  return phone === null ? undefined : { phone: phoneIndex(opening, phone), privateEmail: null }
}
