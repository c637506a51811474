import { z } from 'zod'
import { route } from '../contract.ts'
import { OPERATIONS, type Operation, ROLES } from '../rights.ts'
import { At, Id, PageQuery } from './envelope.ts'

/** What a key can be made for: no key makes keys, and what is one person's own is done by that person. */
export const SCOPES: readonly Operation[] = OPERATIONS.filter(
  operation => operation !== 'key:own' && !operation.startsWith('my:'),
)
const Scope = z.enum(SCOPES)

export const AccessKey = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(Scope),
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
  method: 'post',
  path: '/auth/access-keys',
  can: 'key:own',
  summary:
    'A personal access key for a program. It may what its scopes say and its owner may at that moment. It is shown once.',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z
      .array(Scope)
      .min(1, 'must name at least one scope')
      .max(SCOPES.length)
      .refine(scopes => new Set(scopes).size === scopes.length, 'must name each scope once')
      .refine(
        scopes => scopes.length === 1 || !scopes.includes('scim:use'),
        'scim:use stands alone: that key goes to another service',
      ),
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

/** A key of anybody of the school, with whose it is. */
export const SchoolAccessKey = AccessKey.extend({
  owner: z.object({ id: Id, displayName: z.string(), role: z.enum(ROLES) }),
})
export type SchoolAccessKey = z.infer<typeof SchoolAccessKey>

export const listSchoolKeys = route({
  method: 'get',
  path: '/access-keys',
  can: 'user:read',
  summary: 'Access keys of everybody in the school, the newest first.',
  query: PageQuery,
  data: z.array(SchoolAccessKey),
})

export const endSchoolKey = route({
  method: 'delete',
  path: '/access-keys/:keyId',
  can: 'user:update',
  summary: 'End an access key of anybody in the school; connections that use it are closed.',
  params: z.object({ keyId: Id }),
  data: z.null(),
})
