import { z } from 'zod'
import { type Account, accountOf, WrongValue } from './account.ts'
import { attributeOf } from './filter.ts'

/** RFC 7644 section 3.5.2. Entra writes `Add`, Okta leaves the path out and sends an object. */
const Patch = z.object({
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform(word => word.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(300).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(100),
})
export type Operations = z.infer<typeof Patch>['Operations']

export function operationsOf(body: unknown): Operations {
  const read = Patch.safeParse(body)
  if (read.success) return read.data.Operations
  const { path, message } = read.error.issues[0]!
  throw new WrongValue(`${path.join('.') || 'The body'}: ${message}`)
}

const NAME_PARTS = {
  'name.formatted': 'formatted',
  'name.givenname': 'givenName',
  'name.familyname': 'familyName',
} as const
const WHOLE = {
  username: 'userName',
  displayname: 'displayName',
  active: 'active',
  externalid: 'externalId',
  name: 'name',
  emails: 'emails',
  roles: 'roles',
} as const

/** The account after the operations, in their order. Attributes that are not kept here are passed over, as the standard allows. */
export function patched(before: Account, operations: Operations): Account {
  return operations.reduce((account, { op, path, value }) => {
    if (path === undefined) {
      if (typeof value !== 'object' || value === null)
        throw new WrongValue('An operation without a path needs an object.')
      return Object.entries(value).reduce((now, [name, each]) => changed(now, op, name, each), account)
    }
    return changed(account, op, path, value)
  }, before)
}

function changed(account: Account, op: Operations[number]['op'], path: string, value: unknown): Account {
  // emails[type eq "work"].value and roles[primary eq "True"].value mean the value itself.
  const attribute = attributeOf(path).replace(/\[[^\]]*\]/g, '')
  if (op === 'remove') {
    return attribute === 'externalid' ? { ...account, externalId: null } : account
  }
  if (attribute in NAME_PARTS) {
    const part = NAME_PARTS[attribute as keyof typeof NAME_PARTS]
    return part === 'formatted' ? accountOf({ displayName: value }, account) : renamed(account, part, value)
  }
  if (attribute === 'emails.value' || attribute === 'roles.value') {
    return accountOf({ [attribute.split('.')[0]!]: [{ value }] }, account)
  }
  // A userName that is told is one, even where the other addresses would do.
  if (attribute in WHOLE) return accountOf({ [WHOLE[attribute as keyof typeof WHOLE]]: value }, account)
  return account
}

/** Only the whole name is kept: a new first or last name replaces the words that stood for it. */
function renamed(account: Account, part: 'givenName' | 'familyName', value: unknown): Account {
  if (typeof value !== 'string') throw new WrongValue(`name.${part} must be text.`)
  const [first = '', ...rest] = account.displayName.split(' ')
  const name = part === 'givenName' ? [value, ...rest] : [first, value]
  return accountOf({ displayName: name.join(' ').trim() }, account)
}
