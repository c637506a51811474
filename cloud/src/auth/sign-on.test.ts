import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createUser } from '../schools/schools.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { enterTestSchool, startCloud, TEST_PASSWORD, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { CLIENT, type IssuerPerson, startHostileIssuer, startIssuer, type TestIssuer } from '../testing/issuers.ts'
import { walker } from '../testing/walk-on.ts'

const PUBLIC = 'http://localhost:8080'

onBothEngines('signing on at the school’s own issuer', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let issuer: TestIssuer
  let admin: string
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
    issuer = await startIssuer(`${PUBLIC}/auth/oidc/${school.tenant}/callback`)
  })
  beforeEach(async () => {
    // The clock moves on in some tests, beyond the life of a token.
    admin = await cloud.signIn(school, 'school_admin')
    expect((await rules({})).status).toBe(200)
  })
  afterAll(async () => {
    await issuer[Symbol.asyncDispose]()
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const domain = () => `${school.tenant}.example`
  const rules = (changed: object, extras: object = {}) =>
    cloud.call('PUT', '/api/v1/settings/sign-in', {
      token: admin,
      body: {
        secondFactorFor: [],
        clientSecret: CLIENT.clientSecret,
        signOn: {
          issuer: issuer.issuer,
          clientId: CLIENT.clientId,
          scopes: ['email', 'profile', 'groups'],
          allowedDomains: [domain()],
          ...changed,
        },
        ...extras,
      },
    })
  const person = (changed: Partial<IssuerPerson> & { sub: string }): IssuerPerson => ({
    email: `${changed.sub}@${domain()}`,
    email_verified: true,
    name: 'Grace Hopper',
    ...changed,
  })

  /** A browser with a jar, that follows from page to page; requests to the public address go to the service under test. */
  function browser() {
    const { jar, go, follow: walk } = walker(address => address.replace(PUBLIC, cloud.url))
    /** From page to page, until one of ours that is no step on the way; each page that was seen. */
    const follow = (address: string, until = (seen: string) => seen === `${PUBLIC}/` || seen.includes('/#')) =>
      walk(address, until)
    const refresh = async () => {
      const cookie = `gatehouse_refresh=${jar.get('gatehouse_refresh')}`
      const headers = { cookie, 'x-gatehouse-client': 'browser' }
      return cloud.call('POST', '/api/v1/auth/refresh', { body: {}, headers })
    }
    return { jar, go, follow, refresh }
  }
  const start = () => `${PUBLIC}/auth/oidc/${school.tenant}/start`
  /** Signs on as somebody; answers where it ended. */
  const signOn = async (who: IssuerPerson) => {
    issuer.person = who
    const made = browser()
    const seen = await made.follow(start())
    return { ...made, ended: seen.at(-1)!.replace(PUBLIC, ''), seen }
  }
  const isCallback = (address: string) => address.includes('/callback')

  test('somebody the school entered comes back with a session of the browser', async () => {
    await enter('hopper', 'staff')
    const { ended, refresh, jar } = await signOn(person({ sub: 'hopper' }))
    expect(ended).toBe('/')
    expect(jar.has('gatehouse_sign_on')).toBe(false)
    const { user } = (await refresh()).body.data
    expect(user).toMatchObject({ email: `hopper@${domain()}`, role: 'staff', school: { tenant: school.tenant } })
    const sessions = await rowsOf('sessions')
    expect(sessions.at(-1)).toMatchObject({ user_id: user.id, method: 'sign_on' })
  })

  test('the sign-in page is told which schools there are, and nothing of how', async () => {
    const said = await cloud.call('GET', '/api/v1/auth/sign-on')
    expect(said.body.data).toContainEqual({ tenant: school.tenant, name: expect.any(String) })
    expect(JSON.stringify(said.body.data)).not.toContain(issuer.issuer)
  })

  test('the settings never give the secret back, and do not carry it to another issuer', async () => {
    const read = await cloud.call('GET', '/api/v1/settings/sign-in', { token: admin })
    expect(read.body.data.callbackUrl).toBe(`${PUBLIC}/auth/oidc/${school.tenant}/callback`)
    expect(JSON.stringify(read.body)).not.toContain(CLIENT.clientSecret)
    expect(JSON.stringify(await rowsOf('sign_in_rules'))).not.toContain(CLIENT.clientSecret)
    expect(JSON.stringify(await rowsOf('audit_log'))).not.toContain(CLIENT.clientSecret)
    const moved = await rules({ issuer: 'https://other.example' }, { clientSecret: undefined })
    expect([moved.status, moved.body.error.details[0].path]).toEqual([422, 'clientSecret'])
    expect((await rules({}, { clientSecret: undefined })).status).toBe(200)
    const stale = await cloud.call('PUT', '/api/v1/settings/sign-in', {
      token: admin,
      headers: { 'if-match': '"1"' },
      body: { secondFactorFor: [], signOn: null },
    })
    expect([stale.status, stale.body.error.code]).toEqual([409, 'changed_meanwhile'])
    for (const address of ['http://10.0.0.1/', 'https://x.example/?a', 'ftp://x.example', 'x']) {
      expect((await rules({ issuer: address })).status).toBe(422)
    }
  })

  test('where the service is not on one machine, an issuer on this machine is refused', async () => {
    await using far = await startCloud(database, { publicUrl: 'https://gatehouse.example' })
    const token = (
      await far.call('POST', '/api/v1/auth/login', {
        body: { email: school.users.get('school_admin'), password: TEST_PASSWORD },
      })
    ).body.data.tokens.accessToken
    const signOn = { issuer: 'http://127.0.0.1:9', clientId: 'x', allowedDomains: ['x.example'] }
    const body = { secondFactorFor: [], signOn, clientSecret: 'x' }
    expect((await far.call('PUT', '/api/v1/settings/sign-in', { token, body })).status).toBe(422)
  })

  test('a newcomer is entered where the school wants that, in the role it said, and without a password', async () => {
    expect((await signOn(person({ sub: 'new1' }))).ended).toBe('/#sign-on=unknown_person')
    await rules({ newcomersAre: 'security' })
    const { ended, refresh } = await signOn(person({ sub: 'new1' }))
    expect(ended).toBe('/')
    expect((await refresh()).body.data.user).toMatchObject({ role: 'security', displayName: 'Grace Hopper' })
    const tried = await login(`new1@${domain()}`, '')
    expect(tried.status).toBe(422)
    expect((await login(`new1@${domain()}`, 'anything at all')).status).toBe(401)
  })

  test('a trial says who would be let in, lets nobody in and writes nothing', async () => {
    const tables = ['users', 'sessions', 'sign_on_subjects', 'audit_log'] as const
    const counts = () => Promise.all(tables.map(async name => (await rowsOf(name)).length))
    const trial = async (who: IssuerPerson) => {
      issuer.person = who
      const { follow, jar } = browser()
      const seen = await follow(`${start()}?trial=1`, address => address.includes('/sign-on-trial'))
      return [seen.at(-1)!.replace(PUBLIC, ''), jar.has('gatehouse_refresh')]
    }
    await rules({ newcomersAre: 'facilities' })
    const before = await counts()
    expect(await trial(person({ sub: 'trial' }))).toEqual(['/sign-on-trial#role=facilities', false])
    const far = person({ sub: 'far', email: 'far@elsewhere.example' })
    expect(await trial(far)).toEqual(['/sign-on-trial#why=other_domain', false])
    expect(await counts()).toEqual(before)
    await rules({})
    expect(await trial(person({ sub: 'trial' }))).toEqual(['/sign-on-trial#why=unknown_person', false])
  })

  test('a newcomer who is a student is bound to the student the school has, or refused', async () => {
    await rules({ newcomersAre: 'student' })
    expect((await signOn(person({ sub: 'stud' }))).ended).toBe('/#sign-on=unknown_person')
    await inSchool(database.db, school.schoolId, tx =>
      createStudent(
        tx,
        cloud.vault,
        { schoolId: school.schoolId, userId: null, nowMs: cloud.clock.nowMs },
        { studentNumber: 'S-9', firstName: 'Ada', lastName: 'L', email: `Stud@${domain()}` },
      ),
    )
    const { ended, refresh } = await signOn(person({ sub: 'stud' }))
    expect(ended).toBe('/')
    const { user } = (await refresh()).body.data
    const [student] = await rowsOf('students')
    expect([user.role, student]).toEqual(['student', expect.objectContaining({ user_id: user.id })])
  })

  test.each([
    ['an e-mail the issuer did not check', { email_verified: false }, 'email_not_checked'],
    ['no e-mail', { email: undefined }, 'no_email'],
    ['two addresses in one', { email: 'a@b@c.example' }, 'no_email'],
    ['another domain', { email: 'eve@evil.example' }, 'other_domain'],
    ['a domain that only ends like ours', { email: 'eve@evil-school.example' }, 'other_domain'],
  ] as const)('%s: refused, and the log says so', async (_what, changed, why) => {
    await rules({ newcomersAre: 'staff' })
    const { ended, jar } = await signOn(person({ sub: `refused-${why}`, ...(changed as Partial<IssuerPerson>) }))
    expect(ended).toBe(`/#sign-on=${why}`)
    expect(jar.has('gatehouse_refresh')).toBe(false)
    const last = (await rowsOf('audit_log')).at(-1)
    expect(last).toMatchObject({ action: 'session.refused', note: `sign-on: ${why}` })
  })

  test('somebody shut out stays out; an address that was given to the next person is not the person', async () => {
    const userId = await enter('leaver', 'staff')
    expect((await signOn(person({ sub: 'leaver' }))).ended).toBe('/')
    expect((await signOn(person({ sub: 'successor', email: `leaver@${domain()}` }))).ended).toBe(
      '/#sign-on=other_account',
    )
    // The subject is the same person by whatever address.
    expect((await signOn(person({ sub: 'leaver', email: `married@${domain()}` }))).ended).toBe('/')
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ active: false }).where('id', '=', userId).execute(),
    )
    expect((await signOn(person({ sub: 'leaver' }))).ended).toBe('/#sign-on=not_active')
  })

  test('people of another school with the same address are nobody here', async () => {
    const other = await enterTestSchool(database, cloud.vault)
    await inSchool(database.db, other.schoolId, tx =>
      createUser(tx, {
        schoolId: other.schoolId,
        email: `elsewhere@${domain()}`,
        displayName: 'x',
        role: 'school_admin',
        passwordHash: '',
      }),
    )
    expect((await signOn(person({ sub: 'elsewhere' }))).ended).toBe('/#sign-on=unknown_person')
    const seen = await browser().follow(`${PUBLIC}/auth/oidc/${other.tenant}/start`)
    expect(seen.at(-1)).toBe(`${PUBLIC}/#sign-on=no_sign_on`)
  })

  test('a group gives the role and takes it back; the last administrator stays one', async () => {
    const mapped = {
      groupsClaim: 'groups',
      roleOfGroup: [
        { group: 'gatehouse-admins', role: 'school_admin' },
        { group: 'guards', role: 'security' },
      ],
      newcomersAre: 'staff',
    }
    await rules(mapped)
    const as = async (groups: readonly string[]) => {
      const { ended, refresh } = await signOn(person({ sub: 'mover', groups }))
      return ended === '/' ? (await refresh()).body.data.user.role : ended
    }
    expect(await as(['guards'])).toBe('security')
    expect(await as(['guards', 'gatehouse-admins'])).toBe('school_admin')
    expect(await as([])).toBe('staff')
    await rules({ ...mapped, newcomersAre: null })
    expect(await as(['guards'])).toBe('security')
    expect(await as([])).toBe('/#sign-on=no_role')

    await rules(mapped)
    expect(await as(['gatehouse-admins'])).toBe('school_admin')
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ active: false }).where('email', '=', school.users.get('school_admin')!).execute(),
    )
    expect(await as([])).toBe('school_admin')
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ active: true }).where('email', '=', school.users.get('school_admin')!).execute(),
    )
  })

  test('required: staff sign in no other way, and administrators still can', async () => {
    await rules({ required: true })
    const email = school.users.get('staff')!
    const refused = await login(email, TEST_PASSWORD)
    expect([refused.status, refused.body.error.code]).toEqual([403, 'sign_on_required'])
    expect((await login(email, 'a guess')).status).toBe(401)
    expect((await login(school.users.get('school_admin')!, TEST_PASSWORD)).status).toBe(200)
  })

  test('a code serves once; a state of another browser, of nobody or too old signs nobody in', async () => {
    await enter('careful', 'staff')
    issuer.person = person({ sub: 'careful' })
    const mine = browser()
    const callback = (await mine.follow(start(), isCallback)).at(-1)!
    const theirs = browser()
    await theirs.follow(start(), isCallback)
    // The victim's browser is led to what the attacker began.
    expect(await theirs.go(callback)).toBe(`${PUBLIC}/#sign-on=sign_on_ended`)
    expect(theirs.jar.has('gatehouse_refresh')).toBe(false)
    // And by that it is used up for everybody.
    expect(await mine.go(callback)).toBe(`${PUBLIC}/#sign-on=sign_on_ended`)

    const again = browser()
    const used = (await again.follow(start(), isCallback)).at(-1)!
    const jar = new Map(again.jar)
    expect(await again.go(used)).toBe(`${PUBLIC}/`)
    for (const [name, value] of jar) again.jar.set(name, value)
    expect(await again.go(used)).toBe(`${PUBLIC}/#sign-on=sign_on_ended`)
    // The code alone, with a state that is good.
    const fresh = browser()
    const next = new URL((await fresh.follow(start(), isCallback)).at(-1)!)
    next.searchParams.set('code', new URL(used).searchParams.get('code')!)
    expect(await fresh.go(next.href)).toBe(`${PUBLIC}/#sign-on=sign_on_failed`)

    const slow = browser()
    const late = (await slow.follow(start(), isCallback)).at(-1)!
    cloud.clock.nowMs += 600_000 + 1000
    expect(await slow.go(late)).toBe(`${PUBLIC}/#sign-on=sign_on_ended`)
    expect(await slow.go(`${PUBLIC}/auth/oidc/${school.tenant}/callback?code=x&state=made-up`)).toBe(
      `${PUBLIC}/#sign-on=sign_on_ended`,
    )
  })

  test('somebody who pressed Cancel at the issuer is told so', async () => {
    const made = browser()
    const callback = new URL((await made.follow(start(), isCallback)).at(-1)!)
    callback.searchParams.delete('code')
    callback.searchParams.set('error', 'access_denied')
    expect(await made.go(callback.href)).toBe(`${PUBLIC}/#sign-on=issuer_refused`)
  })

  test.each([
    ['another nonce', { nonce: 'of another sign-on' }],
    ['no nonce', { nonce: undefined }],
    ['a token for another service', { aud: 'another' }],
    ['a token of another issuer', { iss: 'http://127.0.0.1:1' }],
    ['a token that ran out', { exp: 1_700_000_000 }],
  ])('an issuer that answers with %s signs nobody in', async (_what, lies) => {
    await using hostile = await startHostileIssuer(person({ sub: 'liar' }))
    await rules({ issuer: hostile.issuer, newcomersAre: 'staff' })
    hostile.lies = lies
    const made = browser()
    expect((await made.follow(start())).at(-1)).toBe(`${PUBLIC}/#sign-on=sign_on_failed`)
    expect(made.jar.has('gatehouse_refresh')).toBe(false)
  })

  test('a token signed by somebody else signs nobody in; an honest one of the same issuer does', async () => {
    await using hostile = await startHostileIssuer(person({ sub: 'honest' }))
    await rules({ issuer: hostile.issuer, newcomersAre: 'staff' })
    hostile.forges = true
    expect((await browser().follow(start())).at(-1)).toBe(`${PUBLIC}/#sign-on=sign_on_failed`)
    hostile.forges = false
    expect((await browser().follow(start())).at(-1)).toBe(`${PUBLIC}/`)
  })

  test('an issuer that is away is said in a word, not asked again by each, and back when it is back', async () => {
    await using hostile = await startHostileIssuer(person({ sub: 'patient' }))
    await rules({ issuer: hostile.issuer, newcomersAre: 'staff' })
    hostile.broken = true
    expect((await browser().follow(start())).at(-1)).toBe(`${PUBLIC}/#sign-on=issuer_away`)
    hostile.broken = false
    expect((await browser().follow(start())).at(-1)).toBe(`${PUBLIC}/#sign-on=issuer_away`)
    cloud.clock.nowMs += 31_000
    expect((await browser().follow(start())).at(-1)).toBe(`${PUBLIC}/`)
  })

  async function enter(name: string, role: 'staff'): Promise<string> {
    const user = { email: `${name}@${domain()}`, displayName: name, role, passwordHash: '' }
    const made = await inSchool(database.db, school.schoolId, tx =>
      createUser(tx, { schoolId: school.schoolId, ...user }),
    )
    if (!made.ok) throw new Error(made.failure)
    return made.value
  }
  function rowsOf(table: 'sessions' | 'sign_in_rules' | 'audit_log' | 'students' | 'users' | 'sign_on_subjects') {
    return inSchool(database.db, school.schoolId, tx => tx.selectFrom(table).selectAll().execute())
  }
  let addresses = 0
  function login(email: string, password: string) {
    return cloud.call('POST', '/api/v1/auth/login', {
      body: { email, password },
      headers: { 'x-forwarded-for': `10.7.0.${++addresses}` },
    })
  }
})
