import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { z } from 'zod'

/** Roles that an identity provider may give: a super_admin is of no school, and students are not staff. */
export const SCIM_ROLES = ['school_admin', 'staff', 'security', 'facilities'] as const satisfies readonly Role[]
export type ScimRole = (typeof SCIM_ROLES)[number]

/** What SCIM can say of an account. */
export type Account = {
  readonly userName: string
  readonly displayName: string
  readonly active: boolean
  readonly externalId: string | null
  readonly role: ScimRole
}

export class WrongValue extends Error {}

/** Entra sends "True" for true. */
const Flag = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(true|false)$/i)
    .transform(text => text.toLowerCase() === 'true'),
])
const Text = z.string().trim().max(300)
const Several = z.array(z.object({ value: z.unknown().optional(), primary: Flag.optional() }).loose()).max(20)

const Told = z
  .object({
    userName: z.string().trim().max(254).optional(),
    externalId: z.string().max(300).nullish(),
    displayName: Text.nullish(),
    name: z
      .object({ formatted: Text.nullish(), givenName: Text.nullish(), familyName: Text.nullish() })
      .loose()
      .nullish(),
    emails: Several.nullish(),
    roles: z.union([Several, Text]).nullish(),
    active: Flag.nullish(),
  })
  .loose()
const Address = z.email().max(254)

/**
 * What a body says of an account; what it leaves out is as in `before`, or usual. userName is the address to sign in
 * with; a userName that is none gives way to the primary e-mail address.
 */
export function accountOf(body: unknown, before: Account | null): Account {
  const read = Told.safeParse(body)
  if (!read.success) {
    const { path, message } = read.error.issues[0]!
    throw new WrongValue(`${path.join('.') || 'The body'}: ${message}`)
  }
  const told = read.data
  const userName = addressIn(told) ?? before?.userName
  if (userName === undefined) throw new WrongValue('userName must be an e-mail address, or emails must have one.')
  return {
    userName,
    displayName: nameIn(told) ?? before?.displayName ?? userName,
    active: told.active ?? before?.active ?? true,
    externalId: told.externalId === undefined ? (before?.externalId ?? null) : told.externalId,
    role: roleIn(told.roles) ?? before?.role ?? 'staff',
  }
}

function addressIn({ userName, emails }: z.infer<typeof Told>): string | undefined {
  const all = [
    userName,
    ...(emails ?? []).toSorted((a, b) => Number(b.primary ?? 0) - Number(a.primary ?? 0)).map(({ value }) => value),
  ]
  const found = all.map(one => Address.safeParse(typeof one === 'string' ? one.trim() : one)).find(one => one.success)
  if (found === undefined && userName !== undefined)
    throw new WrongValue(`userName ${userName.slice(0, 100)} is no e-mail address, and emails has none.`)
  return found?.data
}

function nameIn({ displayName, name }: z.infer<typeof Told>): string | undefined {
  const parts = [name?.givenName, name?.familyName].filter(Boolean).join(' ')
  const found = displayName || name?.formatted || parts
  return found ? found.normalize('NFC').slice(0, 200) : undefined
}

function roleIn(roles: z.infer<typeof Told>['roles']): ScimRole | undefined {
  if (roles === undefined || roles === null) return undefined
  const wanted = typeof roles === 'string' ? [roles] : roles.map(({ value }) => value)
  if (wanted.length === 0) return undefined
  const found = SCIM_ROLES.find(role => wanted.includes(role))
  if (found === undefined) throw new WrongValue(`roles must be one of ${SCIM_ROLES.join(', ')}.`)
  return found
}
