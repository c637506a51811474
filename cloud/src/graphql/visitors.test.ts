import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, codesOf } from '../testing/graphql-stand.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'

const HOUR_MS = 3_600_000
const VISIT = 'passId serial state status from until escort arrivedAt leftAt endedAt'
const VISITOR = `id firstName lastName organisation phone email masked host { id name active } purpose version visit { ${VISIT} }`

onBothEngines('visitors over GraphQL', engine => {
  let database: Database
  let campus: Campus
  let hostId: string
  const tokens = new Map<string, string>()
  beforeAll(async () => {
    database = await engine.fresh()
    campus = await openCampus(database)
    const level = { name: 'Visitors', class: 'visitor', groups: [0], profile: 0 }
    const levelId = (await campus.call('POST', '/access-levels', level)).body.data.id
    await campus.call('POST', '/access-level-defaults', { class: 'visitor', departmentId: null, levelId })
    await campus.call('PATCH', '/settings/school', { country: 'NL' })
    for (const role of ['school_admin', 'staff', 'security', 'student'] as const) {
      tokens.set(role, await campus.cloud.signIn(campus.school, role))
    }
    hostId = await userId('staff')
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) =>
    inSchool(database.db, campus.school.schoolId, work)
  const userId = (role: 'staff' | 'student') =>
    inOurs(async tx => {
      const email = campus.school.users.get(role)!
      return (await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id
    })
  const as = (role: string, query: string, variables?: object) => ask(campus.cloud, tokens.get(role)!, query, variables)
  const RECEIVE = `mutation ($input: ReceiveVisitorInput!) { receiveVisitor(input: $input) { ${VISITOR} } }`
  const UPDATE = `mutation ($id: ID!, $input: UpdateVisitorInput!) { updateVisitor(id: $id, input: $input) { ${VISITOR} } }`
  const BEGIN = `mutation ($id: ID!, $input: BeginVisitInput!) { beginVisit(id: $id, input: $input) { ${VISITOR} visits { passId state } } }`
  const END = `mutation ($id: ID!, $note: String) { endVisit(id: $id, note: $note) { ${VISITOR} } }`
  const READ = `query ($id: ID!) { visitor(id: $id) { ${VISITOR} } }`
  const received = async (input: object = {}) => {
    const said = await as('school_admin', RECEIVE, { input: { firstName: 'Vera', hostUserId: hostId, ...input } })
    expect(said.errors).toBeUndefined()
    return said.data.receiveVisitor
  }
  const audited = (id: string) =>
    inOurs(async tx => {
      const rows = await tx.selectFrom('audit_log').selectAll().orderBy('at').orderBy('id').execute()
      return rows.filter(row => row.student_id === id || row.student_ids?.includes(id)).map(({ action }) => action)
    })

  test('one is received with a pass, changed by version, and shown as over REST', async () => {
    const { nowMs } = campus.cloud.clock
    const until = new Date(nowMs + HOUR_MS).toISOString()
    const input = { lastName: 'Rubin', phone: '06 12345678', email: 'vera@sky.example', until, escort: true }
    const made = await received({ ...input, organisation: 'Sky', purpose: 'Stars' })
    expect(made).toMatchObject({
      phone: '+31612345678',
      email: 'vera@sky.example',
      masked: [],
      host: { id: hostId, active: true },
      visit: { state: 'expected', status: 'active', from: new Date(nowMs).toISOString(), until, escort: true },
    })
    const rest = (await campus.call('GET', `/visitors/${made.id}`)).body.data
    const { host, visits: _, createdAt: __, updatedAt: ___, ...same } = rest
    expect(made).toEqual({ ...same, host: { id: host.userId, name: host.name, active: host.active } })
    expect(await audited(made.id)).toEqual(['visitor.create', 'pass.create', 'visitor.read'])

    const change = (fields: object) => as('school_admin', UPDATE, { id: made.id, input: fields })
    const changed = (await change({ organisation: null, purpose: 'Dark matter', version: 1 })).data.updateVisitor
    expect(changed).toMatchObject({ organisation: null, purpose: 'Dark matter', phone: '+31612345678', version: 2 })
    expect(codesOf(await change({ purpose: 'x', version: 1 }))).toEqual(['changed_meanwhile'])
    expect(codesOf(await change({ firstName: null }))).toEqual(['validation_failed'])
    expect(codesOf(await change({ phone: 'twelve' }))).toEqual(['validation_failed'])
    expect(codesOf(await change({ hostUserId: await userId('student') }))).toEqual(['no_such_host'])
    expect((await campus.call('GET', `/visitors/${made.id}`)).body.data).toMatchObject({ version: 2, host })
  })

  test('who receives is the host unless one is named', async () => {
    const said = await as('staff', RECEIVE, { input: { firstName: 'Cecilia' } })
    expect(said.data.receiveVisitor).toMatchObject({ lastName: '', host: { id: hostId }, visit: { escort: false } })
  })

  test('where they are reached is masked for staff, not opened for guards, and changed by neither', async () => {
    const { id } = await received({ phone: '06 12345678', email: 'vera@sky.example' })
    const shown = async (role: string) => {
      const { phone, email, masked } = (await as(role, READ, { id })).data.visitor
      return { phone, email, masked }
    }
    expect(await shown('school_admin')).toEqual({ phone: '+31612345678', email: 'vera@sky.example', masked: [] })
    expect(await shown('staff')).toEqual({ phone: '…78', email: null, masked: ['phone', 'email'] })
    expect(await shown('security')).toEqual({ phone: null, email: null, masked: ['phone', 'email'] })
    const change = (input: object) => as('staff', UPDATE, { id, input })
    expect(codesOf(await change({ phone: '06 87654321' }))).toEqual(['not_allowed'])
    expect(codesOf(await change({ email: null }))).toEqual(['not_allowed'])
    const allowed = (await change({ purpose: 'Tea' })).data.updateVisitor
    expect(allowed).toMatchObject({ purpose: 'Tea', phone: '…78', email: null })
    expect(await shown('school_admin')).toMatchObject({ phone: '+31612345678' })
  })

  test('a visit ends once, another begins, and each is a pass of the visitor', async () => {
    const { id, visit } = await received({ purpose: 'Stars' })
    expect(codesOf(await as('staff', BEGIN, { id, input: {} }))).toEqual(['visit_open'])
    expect(codesOf(await as('security', END, { id, note: 'no' }))).toEqual(['validation_failed'])
    const ended = (await as('security', END, { id, note: 'went home' })).data.endVisit
    expect(ended.visit).toMatchObject({ passId: visit.passId, state: 'over', status: 'revoked' })
    expect(ended.visit.endedAt).not.toBeNull()
    expect(codesOf(await as('security', END, { id }))).toEqual(['no_open_visit'])

    const begun = (await as('staff', BEGIN, { id, input: { escort: true, purpose: null } })).data.beginVisit
    expect(begun).toMatchObject({ purpose: null, host: { id: hostId }, visit: { state: 'expected', escort: true } })
    expect(begun.visits).toEqual([
      { passId: begun.visit.passId, state: 'expected' },
      { passId: visit.passId, state: 'over' },
    ])
    const deep = `query ($id: ID!) { visitor(id: $id) { visits(limit: 1) { pass { id note status escort holder { id name visitor { id phone } } } } } }`
    const seen = (await as('staff', deep, { id })).data.visitor.visits
    expect(seen).toEqual([
      {
        pass: {
          id: begun.visit.passId,
          note: null,
          status: 'active',
          escort: true,
          holder: { id, name: 'Vera', visitor: { id, phone: null } },
        },
      },
    ])
    const note = 'query ($id: ID!) { pass(id: $id) { note holder { studentId visitor { firstName } } student { id } } }'
    expect((await as('staff', note, { id: visit.passId })).data.pass).toEqual({
      note: 'went home',
      holder: { studentId: null, visitor: { firstName: 'Vera' } },
      student: null,
    })
    const without = (await as('staff', END, { id })).data.endVisit
    expect(without.visit.status).toBe('revoked')
    expect((await as('staff', note, { id: begun.visit.passId })).data.pass.note).toBe('The visit is over.')
    expect((await audited(id)).filter(action => !action.startsWith('pass.'))).toEqual([
      'visitor.create',
      'visitor.update',
      'visitor.read',
      'visitor.read',
      'visitor.list',
    ])
  })

  test('what would not be a visit is refused by REST’s words, and nothing is entered', async () => {
    const { nowMs } = campus.cloud.clock
    const at = (hours: number) => new Date(nowMs + hours * HOUR_MS).toISOString()
    const count = () => inOurs(tx => tx.selectFrom('visitors').select('id').execute())
    const before = (await count()).length
    for (const [input, code] of [
      [{ from: at(2), until: at(1) }, 'validation_failed'],
      [{ from: at(-3), until: at(-2) }, 'validation_failed'],
      [{ until: at(24 * 4_000) }, 'too_long'],
      [{ levelId: randomUUIDv7() }, 'validation_failed'],
      [{ hostUserId: randomUUIDv7() }, 'no_such_host'],
      [{ email: 'no address' }, 'validation_failed'],
    ] as const) {
      const said = await as('staff', RECEIVE, { input: { firstName: 'Vera', ...input } })
      expect([input, codesOf(said), said.data]).toEqual([input, [code], null])
    }
    expect((await count()).length).toBe(before)
    for (const [query, more] of [
      [UPDATE, { input: { purpose: 'x' } }],
      [BEGIN, { input: {} }],
      [END, {}],
    ] as const) {
      for (const id of [randomUUIDv7(), 'none']) {
        expect(codesOf(await as('staff', query, { id, ...more }))).toEqual(['not_found'])
      }
    }
    expect((await as('staff', READ, { id: randomUUIDv7() })).data.visitor).toBeNull()
    expect((await as('staff', READ, { id: 'none' })).data.visitor).toBeNull()
  })

  test('lists are filtered, sorted and paged, and whose rows were shown is in the audit log', async () => {
    const [a, b] = [await received({ lastName: 'Aaronson' }), await received({ lastName: 'Bell', organisation: 'Zyx' })]
    await as('staff', END, { id: b.id })
    const list = async (args: string) => {
      const said = await as('staff', `{ visitors(${args}) { data { id lastName } pagination { total hasNext } } }`)
      expect(said.errors).toBeUndefined()
      return said.data.visitors
    }
    expect((await list('filters: { search: "zyx" }')).data).toEqual([{ id: b.id, lastName: 'Bell' }])
    expect((await list('filters: { search: "zyx", state: expected }')).data).toEqual([])
    expect((await list('filters: { search: "aaronson", state: expected }')).data).toEqual([
      { id: a.id, lastName: 'Aaronson' },
    ])
    const sorted = await list(`filters: { hostUserId: "${hostId}" }, sort: name, pagination: { limit: 1, page: 2 }`)
    const all = await list('sort: name')
    expect(sorted.data).toEqual([all.data[1]])
    expect(sorted.pagination.hasNext).toBe(true)
    expect((await list('pagination: { limit: 1 }')).data).toEqual([{ id: b.id, lastName: 'Bell' }])
    expect(await audited(b.id)).toContain('visitor.list')
  })

  test('hosts to choose from are who works here', async () => {
    const [{ name }] = (await as('staff', '{ visitorHosts { id name } }')).data.visitorHosts
    const hosts = async (search: string) =>
      (await as('staff', 'query ($search: String) { visitorHosts(search: $search) { id name } }', { search })).data
        .visitorHosts
    const mine = campus.school.users.get('staff')!
    expect((await hosts(mine)).map(({ id }: { id: string }) => id)).toEqual([hostId])
    expect(await hosts(campus.school.users.get('student')!)).toEqual([])
    expect(name).toEqual(expect.any(String))
  })
})
