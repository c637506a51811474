import { createHash, randomUUIDv7 } from 'node:crypto'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import { ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import type { Counters } from '../http/counters.ts'
import type { TestCloud, TestSchool } from './cloud.ts'
import { type Schema, sampleOf } from './sample.ts'

/** So many requests are more than a session may make. */
export const countingNothing: Counters = {
  storeOf: () => ({
    init() {},
    increment: async () => ({ totalHits: 1, resetTime: undefined }),
    decrement() {},
    resetKey() {},
  }),
}

export type Walked = { readonly requests: number; readonly leaks: readonly string[] }

/** They end the sessions that the walk speaks with, or decide who may sign in to the school that it walks from. */
const NOT_WALKED: readonly string[] = [
  'post /auth/login',
  'post /auth/logout',
  'post /auth/logout-everywhere',
  'post /auth/password',
  'post /auth/refresh',
  'put /settings/sign-in',
]

/**
 * Every operation, by every role of one school, with the ids of another: in the path, in the query and in the body.
 * `each`: `all` ids in each place, or one that fits. A leak is an answer that tells what only the other school knows, or success with
 * one of its ids; or a row of the other school that is not afterwards what it was.
 */
export async function walkTenancy(
  cloud: TestCloud,
  { ours, theirs, each }: { readonly ours: TestSchool; readonly theirs: TestSchool; readonly each: 'all' | 'one' },
): Promise<Walked> {
  const before = await rowsOf(cloud.database, theirs.schoolId)
  const ids = idsIn(before, ours)
  const leaks: string[] = []
  let requests = 0
  for (const role of ROLES) {
    const token = await cloud.signIn(ours, role)
    for (const route of cloud.bound) {
      const said = `${route.method} ${route.path}`
      if (NOT_WALKED.includes(said) || isOfPlatform(route, role)) continue
      for (const asked of requestsOf(route, ids, each)) {
        const answer = await fetch(`${cloud.url}/api/v1${asked.path}`, {
          method: route.method.toUpperCase(),
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'x-gatehouse-school': ours.tenant,
          },
          ...(asked.body !== undefined && { body: asked.body }),
        })
        requests++
        const text = await answer.text()
        const why = leakIn(asked, { status: answer.status, text }, { ids, theirs })
        if (why !== null) leaks.push(`${role} ${said}: ${why}`)
      }
    }
  }
  const after = await rowsOf(cloud.database, theirs.schoolId)
  for (const [table, rows] of before) {
    if (hashOf(rows) !== hashOf(after.get(table)!)) leaks.push(`${table}: rows of the other school are others now`)
  }
  return { requests, leaks }
}

type AskedOf = { readonly path: string; readonly body?: string; readonly inPath: readonly string[] }

function leakIn(
  { path, body = '', inPath }: AskedOf,
  { status, text }: { readonly status: number; readonly text: string },
  { ids, theirs }: { readonly ids: readonly Id[]; readonly theirs: TestSchool },
): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 200)}`
  if (text.includes(theirs.tenant)) return `tells of ${theirs.tenant}`
  const told = ids.find(({ value }) => text.includes(value) && !path.includes(value) && !body.includes(value))
  if (told !== undefined) return `tells ${told.table}.${told.column}`
  if (status < 300 && inPath.length > 0) return `success with ${inPath.join(', ')}`
  return null
}

/** What nobody has to be signed in for is no school's; and all schools are a super_admin's, who makes and closes them. */
const isOfPlatform = ({ can }: Route, role: Role) =>
  can === 'anyone' || (role === 'super_admin' && can.startsWith('school:'))

type Id = { readonly table: string; readonly column: string; readonly value: string }

function* requestsOf(route: Route, ids: readonly Id[], each: 'all' | 'one'): Generator<AskedOf> {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const body = route.body && (z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' }) as Schema)
  const query = route.query && (z.toJSONSchema(route.query, { io: 'input', unrepresentable: 'any' }) as Schema)
  const inQuery = Object.keys(query?.properties ?? {}).filter(name => /Id$/.test(name))
  const hasIds =
    names.some(name => /Id$/.test(name)) || inQuery.length > 0 || JSON.stringify(body ?? {}).includes('uuid')
  for (const id of hasIds && each === 'all' ? ids : [null]) {
    const idFor = (name: string) => id?.value ?? fitting(name, ids)
    const inPath: string[] = []
    const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
      if (!/Id$/.test(name)) return PLAIN[name] ?? '1'
      inPath.push(idFor(name))
      return idFor(name)
    })
    const asked = new URLSearchParams(Object.fromEntries(inQuery.map(name => [name, idFor(name)]))).toString()
    yield {
      path: asked === '' ? path : `${path}?${asked}`,
      ...(route.method !== 'get' && { body: JSON.stringify(filled(sampleOf(body ?? {}), idFor)) }),
      inPath,
    }
  }
}

const PLAIN: Readonly<Record<string, string>> = { lane: 'in', day: '2026-12-25', kind: 'student' }

/** `studentId` is a student’s, where there is a table that is called so. */
function fitting(name: string, ids: readonly Id[]): string {
  const noun = name.replace(/Id$/, '').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  const own =
    name === 'passId'
      ? ids.find(({ column }) => column === 'pass_id')
      : ids.find(({ table, column }) => column === 'id' && table.endsWith(`${noun}s`))
  return own?.value ?? ids[0]?.value ?? randomUUIDv7()
}

/** A sample in which each id is one of the other school. */
function filled(sample: unknown, idFor: (name: string) => string, name = ''): unknown {
  if (typeof sample === 'string') return /Ids?$/.test(name) ? idFor(name.replace(/s$/, '')) : sample
  if (Array.isArray(sample)) return sample.map(part => filled(part, idFor, name))
  if (typeof sample !== 'object' || sample === null) return sample
  return Object.fromEntries(Object.entries(sample).map(([inner, value]) => [inner, filled(value, idFor, inner)]))
}

/** The rows of a school, by table: as the database itself shows them to it. */
export async function rowsOf(database: Database, schoolId: string): Promise<Map<string, Record<string, unknown>[]>> {
  const tables = await database.asOwner(owner =>
    owner.rows<{
      name: string
    }>(`select table_name as name from information_schema.columns join pg_class on relname = table_name
      where table_schema = 'public' and column_name = 'school_id' and not relispartition order by 1`),
  )
  const rows = new Map<string, Record<string, unknown>[]>()
  await inSchool(database.db, schoolId, async tx => {
    for (const { name } of tables) {
      const all = sql<Record<string, unknown>>`select * from ${sql.table(name)} where school_id = ${schoolId}::uuid`
      rows.set(name, (await all.execute(tx)).rows)
    }
  })
  return rows
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Every id of a school, each once. */
export function idsIn(rows: ReadonlyMap<string, readonly Record<string, unknown>[]>, ours: TestSchool): Id[] {
  const found = new Map<string, Id>()
  for (const [table, all] of rows) {
    for (const row of all) {
      for (const [column, value] of Object.entries(row)) {
        const isId = typeof value === 'string' && (UUID.test(value) || column === 'pass_id')
        if (isId && value !== ours.schoolId && !found.has(value)) found.set(value, { table, column, value })
      }
    }
  }
  return [...found.values()].toSorted((a, b) => Number(b.column === 'id') - Number(a.column === 'id'))
}

export function hashOf(rows: readonly Record<string, unknown>[]): string {
  const lines = rows.map(row => JSON.stringify(row)).toSorted()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
