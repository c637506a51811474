import { z } from 'zod'
import { route } from '../contract.ts'
import { GRANTS, ROLES } from '../rights.ts'
import { Id } from './envelope.ts'

export const SignIn = z.strictObject({
  email: z.string().trim().min(3).max(254),
  password: z.string().min(1).max(256),
  /** Without it the session ends with the browser. */
  rememberMe: z.boolean().default(false),
})

export const User = z.object({
  id: Id,
  email: z.string(),
  displayName: z.string(),
  role: z.enum(ROLES),
  /** What they may beside what their role may. */
  grants: z.array(z.enum(GRANTS)),
  school: z.object({ id: Id, name: z.string(), tenant: z.string(), timeZone: z.string() }).nullable(),
  /** The school asks this role for a second factor: until there is one, only what sets it up is let through. */
  mustSetUpFactor: z.boolean().optional(),
})
export type User = z.infer<typeof User>

/** A browser gets the refresh token as a cookie only, and `refreshToken` is left out. */
export const Tokens = z.object({ accessToken: z.string(), expiresInS: z.int(), refreshToken: z.string().optional() })
export type Tokens = z.infer<typeof Tokens>

export const SignedIn = z.object({ user: User, tokens: Tokens })
export type SignedIn = z.infer<typeof SignedIn>

export const FACTOR_METHODS = ['totp', 'passkey', 'recovery'] as const
/** The password was right, and something is to be shown beside it: `POST /auth/second-factor` with this token. */
export const FactorAsked = z.object({
  secondFactor: z.object({ token: z.string(), expiresInS: z.int(), methods: z.array(z.enum(FACTOR_METHODS)) }),
})
export type FactorAsked = z.infer<typeof FactorAsked>

export const login = route({
  method: 'post',
  path: '/auth/login',
  can: 'anyone',
  summary: 'Sign in with e-mail and password.',
  body: SignIn,
  data: z.union([SignedIn, FactorAsked]),
})

export const refresh = route({
  method: 'post',
  path: '/auth/refresh',
  can: 'anyone',
  summary: 'A new access token for a refresh token, which is used up by it.',
  body: z.strictObject({ refreshToken: z.string().max(200).optional() }),
  data: SignedIn,
})

export const logout = route({
  method: 'post',
  path: '/auth/logout',
  can: 'anyone',
  summary: 'End this session.',
  body: z.strictObject({ refreshToken: z.string().max(200).optional() }),
  data: z.null(),
})

export const logoutEverywhere = route({
  method: 'post',
  path: '/auth/logout-everywhere',
  can: 'signed-in',
  summary: 'End every session of this person.',
  data: z.null(),
})

export const me = route({
  method: 'get',
  path: '/auth/me',
  can: 'signed-in',
  byKey: true,
  summary: 'Who is signed in.',
  data: User,
})
