import { z } from 'zod'
import { route } from '../contract.ts'
import { ROLES } from '../rights.ts'
import { At, Id } from './envelope.ts'

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
  school: z.object({ id: Id, name: z.string(), tenant: z.string(), timeZone: z.string() }).nullable(),
})
export type User = z.infer<typeof User>

/** A browser gets the refresh token as a cookie only, and `refreshToken` is left out. */
export const Tokens = z.object({ accessToken: z.string(), expiresInS: z.int(), refreshToken: z.string().optional() })
export type Tokens = z.infer<typeof Tokens>

export const login = route({
  method: 'post',
  path: '/auth/login',
  can: 'anyone',
  summary: 'Sign in with e-mail and password.',
  body: SignIn,
  data: z.object({ user: User, tokens: Tokens }),
})

export const refresh = route({
  method: 'post',
  path: '/auth/refresh',
  can: 'anyone',
  summary: 'A new access token for a refresh token, which is used up by it.',
  body: z.strictObject({ refreshToken: z.string().max(200).optional() }),
  data: z.object({ user: User, tokens: Tokens }),
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

export const me = route({ method: 'get', path: '/auth/me', can: 'signed-in', summary: 'Who is signed in.', data: User })

export const AccessKey = z.object({
  id: Id,
  name: z.string(),
  scope: z.literal('feed:read'),
  createdAt: At,
  expiresAt: At,
  lastUsedAt: At.nullable(),
})
export type AccessKey = z.infer<typeof AccessKey>

export const listAccessKeys = route({
  method: 'get',
  path: '/auth/access-keys',
  can: 'key:own',
  summary: 'My personal access keys.',
  data: z.array(AccessKey),
})

export const createAccessKey = route({
  answersSecret: true,
  method: 'post',
  path: '/auth/access-keys',
  can: 'key:own',
  summary: 'A personal access key for programs that watch the live feed. It is shown once.',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    scope: z.literal('feed:read'),
    days: z.int().min(1).max(365).default(90),
  }),
  data: z.object({ accessKey: AccessKey, key: z.string() }),
})

export const deleteAccessKey = route({
  method: 'delete',
  path: '/auth/access-keys/:keyId',
  can: 'key:own',
  summary: 'End one of my access keys; connections that use it are closed.',
  params: z.object({ keyId: Id }),
  data: z.null(),
})
