import type { Opening, Sealing } from '../keys/data-keys.ts'

/** Where a visitor is reached. Phone in E.164. */
export type Contact = { readonly phone: string | null; readonly email: string | null }

export const NO_CONTACT: Contact = { phone: null, email: null }

/** The sealed column; null where nothing is known. */
export function sealContact(seal: Sealing, visitorId: string, { phone, email }: Contact): string | null {
  if (phone === null && email === null) return null
  return seal.seal(place(visitorId), Buffer.from(JSON.stringify({ phone, email })))
}

export function openContact(opening: Opening, visitorId: string, sealed: string | null): Contact {
  return sealed === null ? NO_CONTACT : (JSON.parse(opening.open(place(visitorId), sealed).toString()) as Contact)
}

/** What everybody may see of it who may see that the visitor is there. */
export function maskContact({ phone }: Contact): Contact {
  return { phone: phone === null ? null : `…${phone.slice(-2)}`, email: null }
}

const place = (row: string) => ({ table: 'visitors', column: 'sealed_contact', row })
