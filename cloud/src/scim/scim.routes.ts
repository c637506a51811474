import { randomBytes } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type { Actor } from '../audit/actor.ts'
import { type Identity, mayNow, type School } from '../auth/identity.ts'
import type { Passwords } from '../auth/password.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type Account, accountOf, SCIM_ROLES, type ScimRole, WrongValue } from './account.ts'
import { parseFilter, WrongFilter } from './filter.ts'
import { operationsOf, patched } from './patch.ts'
import { accountIn, changeAccount, enterAccount, findAccount, listAccounts, type ScimUser } from './scim.repo.ts'
import {
  COUNT_MAX,
  errorOf,
  GROUP_NAMES,
  groupOf,
  listOf,
  resourceTypes,
  type ScimProblem,
  schemas,
  serviceProviderConfig,
  tagOf,
  userOf,
} from './shapes.ts'

export type ScimNeeds = {
  readonly db: Db
  readonly identity: Identity
  readonly passwords: Passwords
  readonly publicUrl: string
  readonly nowMs: () => number
}

const PROBLEMS = {
  email_taken: { status: 409, scimType: 'uniqueness', detail: 'Another account has this userName.' },
  external_id_taken: { status: 409, scimType: 'uniqueness', detail: 'Another account has this externalId.' },
  last_administrator: {
    status: 400,
    scimType: 'mutability',
    detail: 'This is the last administrator of the school. Make another one first.',
  },
  no_such_account: { status: 404, detail: 'There is no such account.' },
  changed_meanwhile: { status: 412, detail: 'The account was changed meanwhile. Read it again.' },
} satisfies Record<string, ScimProblem>

type Caller = { readonly school: School; readonly actor: Actor }
type Handler = (caller: Caller, req: Request, res: Response) => Promise<object | null>

class Refusal extends Error {
  readonly problem: ScimProblem
  constructor(problem: ScimProblem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** SCIM 2.0 (RFC 7643, 7644) at `/scim/v2`: staff accounts, kept by an identity provider with an access key of its own. */
export function scimRoutes({ db, identity, passwords, publicUrl, nowMs }: ScimNeeds): Router {
  const base = `${publicUrl}/scim/v2`
  const router = Router()
  const json = express.json({ limit: 100 * 1024, type: ['application/scim+json', 'application/json'] })

  /** Only by a key that was made for this: a person's session or another key is not enough. */
  const callerOf = async (req: Request): Promise<Caller> => {
    const token = /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1]
    const person = token === undefined ? null : await identity.person(token, req.get('x-gatehouse-school'))
    if (person === null) throw new Refusal({ status: 401, detail: 'Send an access key with the scope scim:use.' })
    if (person.scopes === null || !mayNow(person, 'scim:use') || person.school === null) {
      throw new Refusal({ status: 403, detail: 'This needs an access key with the scope scim:use.' })
    }
    const { userId, displayName, role, sessionId, school } = person
    const by = { kind: 'scim', id: userId, name: displayName, role, sessionId, address: req.ip ?? null } as const
    const requestId = String(req.res?.locals.requestId ?? '') || null
    return {
      school,
      actor: {
        schoolId: school.id,
        userId: role === 'super_admin' ? null : userId,
        nowMs: nowMs(),
        by: { ...by, requestId },
      },
    }
  }

  const on = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, handler: Handler) =>
    router[method](`/scim/v2${path}`, json, async (req, res) => {
      try {
        const body = await handler(await callerOf(req), req, res)
        if (body === null) res.status(204).end()
        else send(res, res.statusCode, body)
      } catch (problem) {
        const told = problemOf(problem)
        if (told === null) throw problem
        send(res, told.status, errorOf(told))
      }
    })
  const shown = (res: Response, row: ScimUser) => {
    res.setHeader('ETag', tagOf(row))
    return userOf(row, base)
  }
  const inTx = <Answer>({ school }: Caller, work: (tx: Tx) => Promise<Answer>) => inSchool(db, school.id, work)
  /** The account, changed by what `after` makes of it. */
  const change = (caller: Caller, req: Request, after: (before: Account) => Account) =>
    inTx(caller, async tx => {
      const row = await accountAt(tx, req)
      const wanted = req.get('if-match')
      if (wanted !== undefined && wanted !== '*' && wanted !== tagOf(row)) throw new Refusal(PROBLEMS.changed_meanwhile)
      const done = await changeAccount(tx, caller.actor, row, after(accountIn(row)))
      if (!done.ok) throw new Refusal(PROBLEMS[done.failure])
      return done.value
    })

  on('get', '/ServiceProviderConfig', async () => serviceProviderConfig(base))
  on('get', '/ResourceTypes', async () => listOf(resourceTypes(base), 2, 1))
  on('get', '/Schemas', async () => listOf(schemas(base), 2, 1))
  on('get', '/ResourceTypes/:id', async (_caller, req) =>
    found(resourceTypes(base).find(({ id }) => id === req.params.id)),
  )
  on('get', '/Schemas/:id', async (_caller, req) => found(schemas(base).find(({ id }) => id === req.params.id)))

  on('get', '/Users', async (caller, req) => {
    const { filter, startIndex, count } = pageOf(req)
    const asked = filter === undefined ? null : parseFilter(filter)
    const { rows, total } = await inTx(caller, tx => listAccounts(tx, { filter: asked, startIndex, count }))
    return listOf(
      rows.map(row => userOf(row, base)),
      total,
      startIndex,
    )
  })
  on('get', '/Users/:id', async (caller, req, res) => shown(res, await inTx(caller, tx => accountAt(tx, req))))
  on('post', '/Users', async (caller, req, res) => {
    const account = accountOf(req.body, null)
    // Nobody knows this password: who is entered here signs in by the school's sign-on, or sets one by mail.
    const hash = await passwords.hash(randomBytes(32).toString('base64url'))
    const made = await inTx(caller, tx => enterAccount(tx, caller.actor, account, hash))
    if (!made.ok) throw new Refusal(PROBLEMS[made.failure])
    res.status(201).setHeader('Location', `${base}/Users/${made.value.id}`)
    return shown(res, made.value)
  })
  on('put', '/Users/:id', async (caller, req, res) =>
    shown(res, await change(caller, req, before => accountOf(req.body, { ...before, externalId: null }))),
  )
  on('patch', '/Users/:id', async (caller, req, res) => {
    const operations = operationsOf(req.body)
    return shown(res, await change(caller, req, before => patched(before, operations)))
  })
  // What somebody did stays attributable: an account is switched off, and not deleted.
  on('delete', '/Users/:id', async (caller, req) => {
    await change(caller, req, before => ({ ...before, active: false }))
    return null
  })

  const membersOf = (tx: Tx, role: ScimRole) =>
    listAccounts(tx, {
      filter: { kind: 'compare', attribute: 'roles', operator: 'eq', value: role },
      startIndex: 1,
      count: 10_000,
    })
  const groupShown = (caller: Caller, role: ScimRole, withMembers: boolean) =>
    inTx(caller, async tx => groupOf(role, withMembers ? (await membersOf(tx, role)).rows : [], base))

  on('get', '/Groups', async (caller, req) => {
    const { filter, startIndex, count } = pageOf(req)
    const asked = filter === undefined ? null : parseFilter(filter)
    const wanted = SCIM_ROLES.filter(role => asked === null || isGroup(asked, role))
    const withMembers = !/(^|,)\s*members\s*(,|$)/i.test(String(req.query.excludedAttributes ?? ''))
    const groups = []
    for (const role of wanted.slice(startIndex - 1, startIndex - 1 + count))
      groups.push(await groupShown(caller, role, withMembers))
    return listOf(groups, wanted.length, startIndex)
  })
  on('get', '/Groups/:id', async (caller, req) => groupShown(caller, roleAt(req), true))
  on('patch', '/Groups/:id', async (caller, req, res) => {
    const role = roleAt(req)
    const joining = operationsOf(req.body).flatMap(operation => membersTold(operation))
    await inTx(caller, async tx => {
      for (const userId of joining) {
        const row = UUID.test(userId) ? await findAccount(tx, userId) : undefined
        if (row === undefined)
          throw new Refusal({ status: 400, scimType: 'invalidValue', detail: `There is no account ${userId}.` })
        const done = await changeAccount(tx, caller.actor, row, { ...accountIn(row), role })
        if (!done.ok) throw new Refusal(PROBLEMS[done.failure])
      }
    })
    res.status(204)
    return null
  })
  router.use('/scim/v2', (_req, res) =>
    send(res, 404, errorOf({ status: 404, detail: 'There is nothing at this address.' })),
  )
  router.use('/scim/v2', (problem: unknown, _req: Request, res: Response, next: NextFunction) => {
    const status = (problem as { status?: unknown }).status
    if (res.headersSent || typeof status !== 'number' || status >= 500) return next(problem)
    send(
      res,
      status,
      errorOf({
        status,
        scimType: 'invalidSyntax',
        detail: 'The body of the request is not JSON, or is larger than 100 kB.',
      }),
    )
  })
  return router
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function accountAt(tx: Tx, req: Request): Promise<ScimUser> {
  const id = String(req.params.id)
  const row = UUID.test(id) ? await findAccount(tx, id) : undefined
  if (row === undefined) throw new Refusal(PROBLEMS.no_such_account)
  return row
}

function roleAt(req: Request): ScimRole {
  const role = SCIM_ROLES.find(each => each === req.params.id)
  if (role === undefined)
    throw new Refusal({ status: 404, detail: 'There is no such group. Groups are the roles of Gatehouse.' })
  return role
}

/** Everybody has one role: joining a group is changing to it, and leaving one needs another to go to. */
function membersTold({ op, path, value }: ReturnType<typeof operationsOf>[number]): string[] {
  const told = path === undefined ? (value as { members?: unknown } | undefined)?.members : value
  const isMembers = path === undefined ? told !== undefined : /^members\b/i.test(path)
  if (!isMembers) return []
  if (op !== 'add') {
    throw new Refusal({
      status: 400,
      scimType: 'mutability',
      detail: 'Everybody has one role. Add the account to another group, or deactivate it.',
    })
  }
  const members = Array.isArray(told) ? told : [told]
  if (members.length > 1_000) throw new WrongValue('At most 1,000 members in one operation.')
  return members.map(member => String((member as { value?: unknown } | null)?.value ?? ''))
}

function isGroup(filter: ReturnType<typeof parseFilter>, role: ScimRole): boolean {
  if (filter.kind !== 'compare' || filter.operator !== 'eq')
    throw new WrongFilter('Groups are filtered by displayName eq or id eq.')
  if (filter.attribute === 'displayname') return String(filter.value).toLowerCase() === GROUP_NAMES[role].toLowerCase()
  if (filter.attribute === 'id') return filter.value === role
  throw new WrongFilter('Groups are filtered by displayName eq or id eq.')
}

/** RFC 7644 section 3.4.2.4: what is less than 1 is 1, and a count below 0 is 0. */
function pageOf({ query }: Request) {
  const number = (value: unknown, usual: number) => {
    if (value === undefined) return usual
    const read = Number(value)
    if (!Number.isInteger(read)) throw new WrongValue('startIndex and count are whole numbers.')
    return read
  }
  return {
    filter: typeof query.filter === 'string' ? query.filter : undefined,
    startIndex: Math.min(1_000_000, Math.max(1, number(query.startIndex, 1))),
    count: Math.min(COUNT_MAX, Math.max(0, number(query.count, 100))),
  }
}

function found(resource: object | undefined): object {
  if (resource === undefined) throw new Refusal({ status: 404, detail: 'There is no such resource.' })
  return resource
}

function problemOf(problem: unknown): ScimProblem | null {
  if (problem instanceof Refusal) return problem.problem
  if (problem instanceof WrongFilter) return { status: 400, scimType: 'invalidFilter', detail: problem.message }
  return problem instanceof WrongValue ? { status: 400, scimType: 'invalidValue', detail: problem.message } : null
}

function send(res: Response, status: number, body: object): void {
  res.status(status).setHeader('Content-Type', 'application/scim+json; charset=utf-8')
  res.setHeader('Cache-Control', 'no-store')
  res.end(JSON.stringify(body))
}
