import { z } from 'zod'
import { route } from '../contract.ts'
import { ROLES, type Role } from '../rights.ts'

/** Whom an issuer may make of somebody; a super_admin it never makes. */
const SCHOOL_ROLES = ROLES.filter((role): role is Exclude<Role, 'super_admin'> => role !== 'super_admin')

const isIssuer = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash, username } = new URL(text)
  if (search !== '' || hash !== '' || username !== '') return false
  // As RFC 8252 section 7.3 has it: what does not leave the machine needs no TLS.
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}
const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?=.{3,253}$)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u, 'must be a domain such as school.example')

/** A school's OpenID Connect issuer, and what its claims mean here. */
export const SignOn = z.strictObject({
  issuer: z.string().max(500).refine(isIssuer, 'must be the https address of the issuer, without ? and #'),
  clientId: z.string().trim().min(1).max(200),
  /** Asked for beside `openid`. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,60}$/, 'must be a scope such as email'))
    .max(20)
    .default(['email', 'profile']),
  emailClaim: z.string().min(1).max(100).default('email'),
  /** Some issuers never say that an address is checked: then the school says that all of theirs are. */
  trustEmail: z.boolean().default(false),
  /** Addresses of other domains are refused. */
  allowedDomains: z.array(Domain).min(1, 'must name at least one domain').max(50),
  groupsClaim: z.string().min(1).max(100).nullable().default(null),
  /** The first that fits says the role; at each sign-on. */
  roleOfGroup: z
    .array(z.strictObject({ group: z.string().min(1).max(200), role: z.enum(SCHOOL_ROLES) }))
    .max(100)
    .default([]),
  /** Whom nobody has entered yet is entered at the first sign-on, with this role if no group says one. Null: refused. */
  newcomersAre: z.enum(['staff', 'security', 'facilities', 'student']).nullable().default(null),
  /** Staff, security and facilities sign in this way only. Administrators and students may still use a password. */
  required: z.boolean().default(false),
})
export type SignOn = z.infer<typeof SignOn>

export const SignInRules = z.object({
  version: z.int(),
  secondFactorFor: z.array(z.enum(ROLES)),
  signOn: SignOn.nullable(),
  /** To be entered at the issuer. */
  callbackUrl: z.string(),
})
export type SignInRules = z.infer<typeof SignInRules>

export const readSignInRules = route({
  method: 'get',
  path: '/settings/sign-in',
  can: 'settings:read',
  summary: 'How people of this school sign in.',
  data: SignInRules,
})

export const updateSignInRules = route({
  method: 'put',
  path: '/settings/sign-in',
  can: 'settings:update',
  summary: 'Say how people of this school sign in: who needs a second factor, and the school’s own sign-on.',
  body: z.strictObject({
    secondFactorFor: z
      .array(z.enum(SCHOOL_ROLES))
      .max(SCHOOL_ROLES.length)
      .refine(roles => new Set(roles).size === roles.length, 'must name each role once'),
    signOn: SignOn.nullable(),
    /** Never given back. Left out: as it was. */
    clientSecret: z.string().min(1).max(500).optional(),
  }),
  data: SignInRules,
})

export const listSignOns = route({
  method: 'get',
  path: '/auth/sign-on',
  can: 'anyone',
  summary: 'Schools that have a sign-on of their own: `/auth/oidc/<tenant>/start` begins it in a browser.',
  data: z.array(z.object({ tenant: z.string(), name: z.string() })),
})
