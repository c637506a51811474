import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { startCloud, type TestCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { setupLink } from './setup.repo.ts'

onBothEngines('the first administrator', engine => {
  let database: Database
  let cloud: TestCloud
  const made: string[] = []
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database, { onSchoolMade: async (_tx, { tenant }) => void made.push(tenant) })
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const link = () => setupLink(database.db, { publicUrl: 'http://localhost:8080', nowMs: cloud.clock.nowMs })
  const tokenIn = (link: string | null) => link!.split('#')[1]!
  const school = { name: 'Lakeside', tenant: 'lakeside', timeZone: 'Europe/Paris' }
  const administrator = { email: 'office@lakeside.example', displayName: 'The Office', password: 'four words of mine' }
  let addresses = 0
  const setUp = (token: string, changed: object = {}) =>
    cloud.call('POST', '/api/v1/setup', {
      body: { token, school, administrator, ...changed },
      headers: { 'x-forwarded-for': `10.3.0.${++addresses}` },
    })

  test('an empty service has nobody: no account, and a made-up link makes none', async () => {
    expect((await setUp('A'.repeat(43))).body.error.code).toBe('link_ended')
    const schools = await database.asOwner(sql => sql.rows('select id from schools union all select id from users'))
    expect(schools).toEqual([])
  })

  test('a link is kept as a hash, and serves for a day', async () => {
    const token = tokenIn(await link())
    const rows = await inSchool(database.db, null, tx => tx.selectFrom('one_time_tokens').selectAll().execute())
    expect(JSON.stringify(rows)).not.toContain(token)
    cloud.clock.nowMs += 86_400_000 + 1000
    expect((await setUp(token)).body.error.code).toBe('link_ended')
  })

  test('what is wrong is told and uses nothing up; then all is made, once, and the other links end', async () => {
    const [first, second] = [tokenIn(await link()), tokenIn(await link())]
    const weak = await setUp(first, { administrator: { ...administrator, password: 'lakeside2026' } })
    expect([weak.status, weak.body.error.details[0].path]).toEqual([422, 'administrator.password'])
    expect((await setUp(first, { school: { ...school, timeZone: 'Mars/Olympus' } })).status).toBe(422)
    expect((await setUp(first, { school: { ...school, tenant: 'Lake Side' } })).status).toBe(422)

    const superAdministrator = { ...administrator, email: 'all@platform.example' }
    const both = await Promise.all([first, second].map(token => setUp(token, { superAdministrator })))
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 404])
    expect(made).toEqual(['lakeside'])
    expect((await setUp(first)).status).toBe(404)
    expect((await setUp(second)).status).toBe(404)
    expect(await link()).toBe(null)

    const roles = []
    for (const email of [administrator.email, superAdministrator.email]) {
      const said = await cloud.call('POST', '/api/v1/auth/login', { body: { email, password: administrator.password } })
      roles.push(said.body.data.user.role)
    }
    expect(roles).toEqual(['school_admin', 'super_admin'])
    const { schoolId } = both.find(({ status }) => status === 201)!.body.data
    const rows = await inSchool(database.db, schoolId, tx =>
      tx.selectFrom('audit_log').select('action').orderBy('id').execute(),
    )
    expect(rows.map(({ action }) => action).slice(0, 2)).toEqual(['school.create', 'user.create'])
  })
})
