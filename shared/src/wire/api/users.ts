import { z } from 'zod'
import { route } from '../contract.ts'
import { GRANTS, ROLES } from '../rights.ts'
import { At, Id, PageQuery } from './envelope.ts'
import { SearchText, typed } from './text.ts'

/** What an administrator gives by hand. A student's account comes with the student, and a super_admin is of no school. */
export const STAFF_ROLES = ['school_admin', 'staff', 'security', 'facilities'] as const

export const UserAccount = z.object({
  id: Id,
  email: z.string(),
  displayName: z.string(),
  role: z.enum(ROLES),
  /** Given beside the role. */
  grants: z.array(z.enum(GRANTS)),
  active: z.boolean(),
  version: z.int(),
  createdAt: At,
  updatedAt: At,
})
export type UserAccount = z.infer<typeof UserAccount>

const params = z.object({ userId: Id })
const fields = {
  email: z.string().trim().max(254).pipe(z.email('must be an e-mail address')),
  displayName: typed({ least: 1, most: 100 }),
  role: z.enum(STAFF_ROLES),
  /** Staff may be given sight of personal data; administrators have it. */
  grants: z.array(z.enum(GRANTS)).max(GRANTS.length),
}

export const listUsers = route({
  method: 'get',
  path: '/users',
  can: 'user:read',
  summary: 'People of the school who can sign in.',
  query: PageQuery.extend({
    search: SearchText.optional(),
    role: z.enum(ROLES).optional(),
    active: z.enum(['true', 'false']).optional(),
    sort: z.enum(['name', '-name', 'email', '-email', 'createdAt', '-createdAt']).default('name'),
  }),
  data: z.array(UserAccount),
})

export const getUser = route({
  method: 'get',
  path: '/users/:userId',
  can: 'user:read',
  summary: 'One person who can sign in.',
  params,
  data: UserAccount,
})

export const createUser = route({
  method: 'post',
  path: '/users',
  can: 'user:create',
  summary: 'Enter somebody who can sign in. They choose their password by the link that is mailed to them.',
  status: 201,
  body: z.strictObject({ ...fields, grants: fields.grants.default([]) }),
  data: UserAccount,
})

export const updateUser = route({
  method: 'patch',
  path: '/users/:userId',
  can: 'user:update',
  summary: 'Change somebody. Another role or an end of access ends their sessions at once.',
  params,
  body: z.strictObject({ ...fields, active: z.boolean() }).partial(),
  data: UserAccount,
})

export const deleteUser = route({
  method: 'delete',
  path: '/users/:userId',
  can: 'user:update',
  summary: 'Take somebody out for good: no sign-in, and their address is free. What they did stays written.',
  params,
  data: z.null(),
})
