import { SCIM_ROLES, type ScimRole } from './account.ts'
import type { ScimUser } from './scim.repo.ts'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0'
const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0'
export const COUNT_MAX = 200

/** What an answer says when it is no: RFC 7644 section 3.12. */
export type ScimProblem = { readonly status: number; readonly scimType?: string; readonly detail: string }

export const errorOf = ({ status, scimType, detail }: ScimProblem) => ({
  schemas: [`${MESSAGES}:Error`],
  status: String(status),
  ...(scimType && { scimType }),
  detail,
})

export const listOf = (resources: readonly object[], total: number, startIndex: number) => ({
  schemas: [`${MESSAGES}:ListResponse`],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
})

export const tagOf = ({ version }: Pick<ScimUser, 'version'>) => `W/"${version}"`

export function userOf(row: ScimUser, base: string) {
  return {
    schemas: [`${CORE}:User`],
    id: row.id,
    ...(row.external_id !== null && { externalId: row.external_id }),
    userName: row.email,
    displayName: row.display_name,
    name: { formatted: row.display_name },
    emails: [{ value: row.email, type: 'work', primary: true }],
    active: row.active,
    roles: [{ value: row.role, primary: true }],
    groups: [{ value: row.role, display: GROUP_NAMES[row.role], $ref: `${base}/Groups/${row.role}` }],
    meta: {
      resourceType: 'User',
      created: row.created_at.toISOString(),
      lastModified: row.updated_at.toISOString(),
      location: `${base}/Users/${row.id}`,
      version: tagOf(row),
    },
  }
}

export const GROUP_NAMES: Record<ScimRole, string> = {
  school_admin: 'Gatehouse administrators',
  staff: 'Gatehouse staff',
  security: 'Gatehouse security',
  facilities: 'Gatehouse facilities',
}

export function groupOf(role: ScimRole, members: readonly ScimUser[], base: string) {
  return {
    schemas: [`${CORE}:Group`],
    id: role,
    displayName: GROUP_NAMES[role],
    members: members.map(({ id, display_name }) => ({ value: id, display: display_name, $ref: `${base}/Users/${id}` })),
    meta: { resourceType: 'Group', location: `${base}/Groups/${role}` },
  }
}

export const serviceProviderConfig = (base: string) => ({
  schemas: [`${CORE}:ServiceProviderConfig`],
  documentationUri: 'https://www.rfc-editor.org/rfc/rfc7644',
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: COUNT_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Access key',
      description: 'An access key with the scope scim:use, as a bearer token.',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
})

export const resourceTypes = (base: string) =>
  (['User', 'Group'] as const).map(name => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    endpoint: `/${name}s`,
    schema: `${CORE}:${name}`,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }))

type Attribute = { readonly name: string; readonly type: string; readonly [more: string]: unknown }
const attribute = (name: string, changed: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...changed,
})
const several = (name: string, parts: readonly Attribute[]) =>
  attribute(name, { type: 'complex', multiValued: true, subAttributes: parts })

export const schemas = (base: string) => [
  {
    schemas: [`${CORE}:Schema`],
    id: `${CORE}:User`,
    name: 'User',
    attributes: [
      attribute('userName', { required: true, uniqueness: 'server' }),
      attribute('externalId', { caseExact: true }),
      attribute('displayName'),
      attribute('name', {
        type: 'complex',
        subAttributes: [attribute('formatted'), attribute('givenName'), attribute('familyName')],
      }),
      several('emails', [attribute('value'), attribute('type'), attribute('primary', { type: 'boolean' })]),
      attribute('active', { type: 'boolean' }),
      several('roles', [
        attribute('value', { canonicalValues: SCIM_ROLES }),
        attribute('primary', { type: 'boolean' }),
      ]),
      several('groups', [attribute('value', { mutability: 'readOnly' })]),
    ],
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${CORE}:User` },
  },
  {
    schemas: [`${CORE}:Schema`],
    id: `${CORE}:Group`,
    name: 'Group',
    attributes: [
      attribute('displayName', { mutability: 'readOnly' }),
      several('members', [attribute('value', { mutability: 'immutable' })]),
    ],
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${CORE}:Group` },
  },
]
