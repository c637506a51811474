import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { furnish } from '../testing/furnish.ts'
import { ask, codesOf } from '../testing/graphql-stand.ts'

onBothEngines('what a pass may open, and who works here', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let admin: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    await furnish(database, school)
    admin = await cloud.signIn(school, 'school_admin')
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const rest = async (path: string) => (await cloud.call('GET', `/api/v1${path}`, { token: admin })).body.data

  test('groups, access levels and terms are those of REST', async () => {
    const { data, errors } = await ask(
      cloud,
      admin,
      `{
        groups { number name accessPoints passCount levelCount }
        accessLevels { id name class profile profileName passCount archivedAt groups { number name } }
        none: accessLevels(archived: true) { id }
        terms { id name kind firstDay lastDay imported }
      }`,
    )
    expect(errors).toBeUndefined()
    const groups = await rest('/groups')
    expect(groups.length).toBeGreaterThan(0)
    expect(data.groups).toEqual(
      groups.map(({ number, name, accessPoints, passes: passCount, levels: levelCount }: Record<string, unknown>) => ({
        number,
        name,
        accessPoints,
        passCount,
        levelCount,
      })),
    )
    const levels = await rest('/access-levels')
    expect(levels.length).toBeGreaterThan(0)
    expect(data.accessLevels).toMatchObject(
      levels.map(({ id, name, class: kind, profile, passes: passCount, groups }: Record<string, unknown>) => ({
        id,
        name,
        class: kind,
        profile,
        passCount,
        groups,
      })),
    )
    expect(data.none).toEqual([])
    const terms = await rest('/terms')
    expect(terms.length).toBeGreaterThan(0)
    expect(data.terms).toEqual(terms.map(({ version: _, ...term }: { version: number }) => term))
  })

  test('a pass leads to what its groups open', async () => {
    const { data, errors } = await ask(
      cloud,
      admin,
      '{ passes { data { level { id name class groups { number } } groups { number name accessPoints } } } }',
    )
    expect(errors).toBeUndefined()
    const [pass] = data.passes.data.filter(({ groups }: { groups: unknown[] }) => groups.length > 0)
    const named = (await rest('/groups')).find(({ number }: { number: number }) => number === pass.groups[0].number)
    expect(pass.groups[0]).toEqual({ number: named.number, name: named.name, accessPoints: named.accessPoints })
  })

  test('people are found, filtered and sorted, and who looked is in the audit log', async () => {
    const users = `query ($filters: UserFilters, $sort: UserSort) {
      users(filters: $filters, sort: $sort) { data { id email displayName role grants active version } pagination { total } } }`
    const all = await ask(cloud, admin, users, { sort: 'email_desc' })
    expect(all.data.users.pagination.total).toBe(school.users.size)
    const emails = all.data.users.data.map(({ email }: { email: string }) => email)
    expect(emails).toEqual([...school.users.values()].toSorted().toReversed())
    const guards = await ask(cloud, admin, users, { filters: { role: 'security', active: true, search: 'security' } })
    expect(guards.data.users.data).toMatchObject([{ email: school.users.get('security'), grants: [], active: true }])
    expect((await ask(cloud, admin, users, { filters: { active: false } })).data.users.data).toEqual([])

    const { id } = guards.data.users.data[0]
    const one = 'query ($id: ID!) { user(id: $id) { id role } }'
    expect((await ask(cloud, admin, one, { id })).data.user).toEqual({ id, role: 'security' })
    for (const nobody of [randomUUIDv7(), 'x']) {
      expect((await ask(cloud, admin, one, { id: nobody })).data.user).toBeNull()
    }
    const told = await rest(`/audit?action=user.read&subjectId=${id}`)
    expect(told).toHaveLength(1)
    const guard = await cloud.signIn(school, 'security')
    expect(codesOf(await ask(cloud, guard, users))).toEqual(['not_allowed'])
  })
})
