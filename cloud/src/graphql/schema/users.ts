import { listUsers as listRoute, type UserAccount } from '@gatehouse/shared/wire/api/users.ts'
import { GRANTS } from '@gatehouse/shared/wire/rights.ts'
import { look } from '../../audit/audit.ts'
import { asked, pagination } from '../../http/page.ts'
import { findUser, listUsers } from '../../users/users.repo.ts'
import { accountOf } from '../../users/users.routes.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { asks, atMost } from './builder.ts'
import { pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** People of the school who can sign in. */
export function writeUsers(writing: Writing): void {
  const { builder, refs, inputs, enums } = writing
  refs.User.implement({
    description: 'Somebody who can sign in.',
    fields: t => ({
      id: t.exposeID('id'),
      email: t.exposeString('email'),
      displayName: t.exposeString('displayName'),
      role: t.expose('role', { type: enums.Role }),
      grants: t.stringList({
        description: 'Given beside the role.',
        ...atMost(GRANTS.length),
        resolve: ({ grants }) => grants,
      }),
      active: t.exposeBoolean('active'),
      version: t.exposeInt('version'),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  })
  const UsersResponse = pageOf(writing, 'UsersResponse', refs.User)
  const UserFilters = builder.inputType('UserFilters', {
    fields: t => ({
      search: t.string({ description: 'Words of a name or an address.' }),
      role: t.field({ type: enums.Role }),
      active: t.boolean(),
    }),
  })
  const UserSort = builder.enumType('UserSort', {
    values: {
      name: { value: 'name' },
      name_desc: { value: '-name' },
      email: { value: 'email' },
      email_desc: { value: '-email' },
      createdAt: { value: 'createdAt' },
      createdAt_desc: { value: '-createdAt' },
    } as const,
  })
  builder.queryFields(t => ({
    users: t.field({
      type: UsersResponse,
      description: 'By name, unless sorted otherwise.',
      args: {
        filters: t.arg({ type: UserFilters }),
        pagination: t.arg({ type: inputs.Pagination }),
        sort: t.arg({ type: UserSort }),
      },
      ...asks(['user:read']),
      resolve: (_root, { filters, pagination: page, sort }, call) => {
        const { active, ...others } = given(filters)
        const query = checked(listRoute.query!, {
          ...others,
          ...(active !== undefined && { active: String(active) }),
          ...given(page),
          ...given({ sort }),
        })
        return call.read(async tx => {
          const { rows, total } = await listUsers(tx, query)
          await look(tx, call.actor(), { action: 'user.list', after: { ...asked(query), shown: rows.length } })
          return { data: rows.map(accountOf), pagination: pagination(query, total) }
        })
      },
    }),
    user: t.field({
      type: refs.User,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['user:read']),
      resolve: (_root, { id }, call) => readUser(call, id),
    }),
  }))
}

function readUser(call: Call, text: string): Promise<UserAccount | null> {
  const id = idOf(text)
  return call.read(async tx => {
    const row = id === null ? undefined : await findUser(tx, id)
    await look(tx, call.actor(), { action: 'user.read', subject: { kind: 'user', id: id ?? 'none' } })
    return row === undefined ? null : accountOf(row)
  })
}
