import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { freshPglite } from '../testing/database.ts'
import { ask, codesOf, enterPupils } from '../testing/graphql-stand.ts'
import { LIMITS } from './limits.ts'

let database: Database
let cloud: TestCloud
let school: TestSchool
let token: string
const statements: string[] = []
beforeAll(async () => {
  database = await freshPglite(({ sql }) => void statements.push(sql))
  cloud = await startCloud(database)
  school = await enterTestSchool(database, cloud.vault)
  await enterPupils(database, cloud, school, 2)
  token = await cloud.signIn(school, 'staff')
})
afterAll(async () => {
  await cloud[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const times = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ')
/** So many fields deep, back and forth between a student and their passes. */
const deep = (depth: number) => {
  const links = Array.from({ length: depth - 2 }, (_, at) => (at % 2 === 0 ? 'passes(limit: 1)' : 'student'))
  return `{ students(pagination: { limit: 1 }) { ${['data', ...links.slice(0, -1)].map(link => `${link} {`).join(' ')} id ${'}'.repeat(depth - 2)} } }`
}

describe('what is too much is refused before anything is read', () => {
  test.each([
    ['too deep', deep(LIMITS.depth + 1), 'too_deep', 400],
    [
      'lists in lists',
      `{ students(pagination: { limit: 100 }) { data { passes(limit: 100) { student { passes(limit: 100) { id } } } } } }`,
      'too_costly',
      400,
    ],
    [
      'every answer of many applications',
      '{ applications(pagination: { limit: 100 }) { data { answers { field label kind value values } } } }',
      'too_costly',
      400,
    ],
    [
      'findings of checks',
      '{ applications(pagination: { limit: 100 }) { data { checks { findings { message field } } } } }',
      'too_costly',
      400,
    ],
    [
      'the history of passes of visits',
      '{ visitors(pagination: { limit: 100 }) { data { visits { pass { history { changes { field } } } } } } }',
      'too_costly',
      400,
    ],
    [
      'many names for one field',
      `{ students(pagination: { limit: 100 }) { data { ${times(600, at => `a${at}: id`)} } } }`,
      'too_costly',
      400,
    ],
    [
      'many fields to begin with',
      `{ ${times(LIMITS.rootFields + 1, at => `s${at}: school { id }`)} }`,
      'too_many_fields',
      400,
    ],
    [
      'many fields to begin with, in a fragment',
      `{ ...All } fragment All on Query { ${times(LIMITS.rootFields + 1, at => `s${at}: school { id }`)} }`,
      'too_many_fields',
      400,
    ],
    [
      'fragments of fragments',
      `{ school { ...F0 } } ${times(20, at => `fragment F${at} on School { ${at === 19 ? 'id' : `...F${at + 1} ...F${at + 1}`} }`)}`,
      'too_costly',
      400,
    ],
    [
      'a fragment of itself',
      '{ school { ...A } } fragment A on School { ...B } fragment B on School { ...A }',
      'invalid_operation',
      400,
    ],
    ['too many tokens', `{ school { ${times(LIMITS.tokens, () => 'id')} } }`, 'unreadable_operation', 400],
    ['text that ends nowhere', '{ school { id }', 'unreadable_operation', 400],
    ['nothing of the schema', '{ schools { id } }', 'invalid_operation', 400],
    [
      'a description of the schema that goes round',
      `{ __schema { types { ${'fields { type { '.repeat(8)} name ${'} } '.repeat(8)} } } }`,
      'invalid_operation',
      400,
    ],
    ['a character that is no text', '{ student(id: "\\u0000") { id } }', 'validation_failed', 422],
  ])('%s', async (_name, query, code, status) => {
    statements.length = 0
    const said = await ask(cloud, token, query)
    expect([said.status, said.data, codesOf(said).at(0)]).toEqual([status, undefined, code])
    expect(said.errors![0].message).toMatch(/^.{10,500}$/)
    expect(statements.filter(sql => /students|passes|audit/.test(sql))).toEqual([])
  })

  test('as deep and as wide as is said is let through', async () => {
    expect((await ask(cloud, token, deep(LIMITS.depth))).errors).toBeUndefined()
    const said = await ask(cloud, token, `{ ${times(LIMITS.rootFields, at => `s${at}: school { id }`)} }`)
    expect(said.errors).toBeUndefined()
  })

  test('variables count as what they say', async () => {
    const query =
      'query ($limit: Int) { students(pagination: { limit: $limit }) { data { passes(limit: 100) { groups { number name } } } } }'
    expect(codesOf(await ask(cloud, token, query, { limit: 100 }))).toEqual(['too_costly'])
    expect((await ask(cloud, token, query, { limit: 2 })).errors).toBeUndefined()
    expect(codesOf(await ask(cloud, token, query, { limit: 'x' }))).toEqual(['invalid_variables'])
    expect(codesOf(await ask(cloud, token, query, { limit: 1e12 }))).toEqual(['invalid_variables'])
  })
})

describe('what a request may be', () => {
  const send = (method: string, options: Parameters<TestCloud['call']>[2], path = '/graphql') =>
    cloud.call(method, path, { token, ...options })
  const codeOf = ({ status, body }: Awaited<ReturnType<typeof send>>) => [status, body.errors?.[0].extensions.code]

  test('JSON, one operation, by POST', async () => {
    expect(codeOf(await send('GET', {}, '/graphql?query={school{id}}'))).toEqual([405, 'wrong_method'])
    expect(codeOf(await send('PUT', { body: { query: '{ school { id } }' } }))).toEqual([405, 'wrong_method'])
    expect(codeOf(await send('POST', { body: [{ query: '{ school { id } }' }] }))).toEqual([400, 'one_at_a_time'])
    expect(codeOf(await send('POST', { body: '{', headers: {} }))).toEqual([400, 'malformed_json'])
    expect(codeOf(await send('POST', { body: {} }))).toEqual([422, 'validation_failed'])
    expect(codeOf(await send('POST', { body: { query: 7 } }))).toEqual([422, 'validation_failed'])
    expect(codeOf(await send('POST', { body: { query: '{ school { id } }', more: 1 } }))).toEqual([
      422,
      'validation_failed',
    ])
    expect(codeOf(await send('POST', { body: { query: `{ school { id } } #${'x'.repeat(110_000)}` } }))).toEqual([
      413,
      'too_large',
    ])
    for (const type of [
      'text/plain',
      'application/graphql',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ]) {
      const said = await send('POST', { body: 'query=%7Bschool%7Bid%7D%7D', headers: { 'content-type': type } })
      expect([type, ...codeOf(said)]).toEqual([type, 415, 'not_json'])
    }
  })

  test('which of several operations is said by name', async () => {
    const query = 'query A { school { id } } query B { school { name } }'
    const b = await send('POST', { body: { query, operationName: 'B' } })
    expect(b.body.data.school).toEqual({ name: expect.any(String) })
    expect(codeOf(await send('POST', { body: { query } }))).toEqual([400, 'no_operation'])
  })

  test('who is not signed in sees nothing, not even the schema; who is may read it', async () => {
    const introspection = '{ __schema { queryType { name } } __typename }'
    const no = await cloud.call('POST', '/graphql', { body: { query: introspection } })
    expect([no.status, no.body.errors[0].extensions.code]).toEqual([401, 'not_signed_in'])
    expect((await ask(cloud, token, introspection)).data).toMatchObject({ __schema: { queryType: { name: 'Query' } } })
  })

  test('answers are in no cache, have the id of the request, and are of the type that was asked for', async () => {
    const type = 'application/graphql-response+json'
    const said = await send('POST', {
      body: { query: '{ school { id } }' },
      headers: { accept: type, 'x-request-id': 'r-1' },
    })
    expect(said.headers.get('cache-control')).toBe('no-store')
    expect(said.headers.get('x-request-id')).toBe('r-1')
    expect(said.headers.get('content-type')).toContain(type)
    expect(said.headers.get('ratelimit-limit')).toBe('3000')
  })

  test('text of every kind is taken as text', async () => {
    for (const search of [
      "'; drop table students; --",
      '%_\\',
      '{{7*7}}',
      '<script>',
      '👩🏽‍🚀',
      'الطالب',
      '\u202e',
      '*',
      '__proto__',
      'constructor',
    ]) {
      const said = await ask(
        cloud,
        token,
        'query ($search: String) { students(filters: { search: $search }) { data { id } } }',
        { search },
      )
      expect([search, said.status, said.errors]).toEqual([search, 200, undefined])
    }
  })
})
