import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pupil, ROSTER_DEPARTMENTS, schoolRoster } from '../../cloud/src/sis/testing/school-roster.ts'
import { freePort } from '../../cloud/src/testing/free-port.ts'
import { CLIENT, startIssuer, type TestIssuer } from '../../cloud/src/testing/issuers.ts'
import { startPostgres, type TestServer } from '../../cloud/src/testing/postgres.ts'
import { walker } from '../../cloud/src/testing/walk-on.ts'
import { needs } from '../needs.ts'
import { ROOT } from './campus-process.ts'
import { commandsOf, openTerminal, type Terminal } from './guide.ts'

const GUIDE = commandsOf('guide-admin.md')
const PASSWORD = 'four words of mine'
const PASSWORD_OF_GATE = 'quite another four words'
/** What each place asks the reader for. */
const LINK_SAID = /Make the first school at (\S+) \(once/

type Place = { readonly name: string; readonly heading: string; readonly students: number; readonly answers: string[] }

/** The guide as somebody follows it who knows nothing yet, with what it leaves to them: a link, passwords, an issuer, a file. */
function followed({ name, heading, students, answers }: Place, more: () => NodeJS.ProcessEnv = () => ({})): void {
  const file = schoolRoster(students)
  let folder: string
  let service: Terminal
  let work: Terminal
  let issuer: TestIssuer
  let link: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-guide-'))
    const ports = { GATEHOUSE_HTTP_PORT: String(await freePort()), GATEHOUSE_MQTT_PORT: String(await freePort()) }
    const { DATABASE_URL: _, DATABASE_OWNER_URL: __, ...environment } = process.env
    const own = { ...environment, ...ports, GATEHOUSE_DATA: join(folder, 'data'), ...more() }
    service = openTerminal(own, ROOT)
    work = openTerminal(own, folder)
    issuer = await startIssuer(`http://localhost:${ports.GATEHOUSE_HTTP_PORT}/auth/oidc/hillside-college/callback`)
    writeFileSync(join(folder, 'roster.zip'), file.zip)
  })
  afterAll(async () => {
    await service.close()
    await work.close()
    await issuer[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Types every command under a heading; answers what they printed. */
  const follow = async (under: string, given: readonly string[] = []) => {
    const commands = GUIDE.get(under)
    if (commands === undefined) throw new Error(`the guide has no commands under ${under}`)
    let said = ''
    for (const [at, each] of commands.entries()) said += await work.type(each, at === 0 ? given : [])
    return said
  }
  const api = async (path: string) => JSON.parse(await work.type(`api "$GATEHOUSE/api/v1${path}"`))
  const base = () => new URL(link).origin

  test(`${name}: from an empty machine to staff who sign on and ${students} students`, {
    timeout: 540_000,
  }, async () => {
    const starting = GUIDE.get(heading)!
    for (const [at, each] of starting.slice(0, -1).entries()) await service.type(each, at === 0 ? answers : [])
    link = LINK_SAID.exec(await service.leave(starting.at(-1)!, LINK_SAID))![1]!

    const begun = await follow('2. The school and yourself', [link, PASSWORD])
    expect(begun).toContain('"email": "office@hillside.example"')
    const again = await fetch(`${base()}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: link.split('#')[1],
        school: { name: 'Another', tenant: 'another', timeZone: 'UTC' },
        administrator: { email: 'a@b.example', displayName: 'A', password: PASSWORD },
      }),
    })
    expect(again.status).toBe(404)

    await follow('3. What the school says of itself')
    expect((await api('/settings/school')).data).toMatchObject({
      name: 'Hillside College',
      language: 'nl',
      country: 'NL',
      studentNumberPattern: '^[0-9]{6,8}$',
    })
    expect((await api('/departments')).data.map((one: { name: string }) => one.name)).toEqual([
      'Natural sciences',
      'Technik',
    ])
    expect((await api('/terms')).data.map((one: { name: string }) => one.name)).toEqual([
      'Spring 2027',
      '2026/27',
      'Autumn 2026',
    ])

    await staff()
    await imported()
    await undone()
  })

  /** Somebody at a browser who is known at the school's issuer; answers whom the service takes them for. */
  async function signOn(sub: string, groups: readonly string[] = []) {
    issuer.person = { sub, email: `${sub}@hillside.example`, email_verified: true, name: `The ${sub}`, groups }
    const { jar, follow: walk } = walker()
    const home = `${base()}/`
    const seen = await walk(`${base()}/auth/oidc/hillside-college/start`, at => at === home || at.includes('/#'))
    expect(seen.at(-1)).toBe(home)
    const answer = await fetch(`${base()}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: {
        cookie: `gatehouse_refresh=${jar.get('gatehouse_refresh')}`,
        'content-type': 'application/json',
        'x-gatehouse-client': 'browser',
      },
      body: '{}',
    })
    return ((await answer.json()) as { data: { user: object } }).data.user
  }

  async function staff(): Promise<void> {
    const said = await follow('4. Staff sign on with the accounts they have', [
      issuer.issuer,
      CLIENT.clientId,
      CLIENT.clientSecret,
    ])
    expect(said).toContain(`${base()}/auth/oidc/hillside-college/callback`)
    expect(said).not.toContain(CLIENT.clientSecret)
    expect(await signOn('teacher')).toMatchObject({ email: 'teacher@hillside.example', role: 'staff' })
    expect(await signOn('porter', ['Porters'])).toMatchObject({ role: 'security' })
    expect(await signOn('office')).toMatchObject({ displayName: 'The office', role: 'school_admin' })

    const mail = await follow('People without an account there')
    const token = /\/reset#(\S+)/.exec(mail)![1]
    const post = (path: string, body: object) =>
      fetch(`${base()}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect(mail).toContain('Hallo Gate house')
    expect((await post('/auth/password-reset/confirm', { token, password: PASSWORD_OF_GATE })).status).toBe(200)
    expect((await post('/auth/login', { email: 'gate@hillside.example', password: PASSWORD_OF_GATE })).status).toBe(200)

    const accounts = await follow('Accounts kept by an identity provider')
    for (const who of ['office', 'teacher', 'porter', 'gate']) expect(accounts).toContain(`"${who}@hillside.example"`)
  }

  async function imported(): Promise<void> {
    const looked = await follow('5. The students', [join(folder, 'roster.zip')])
    expect(looked).toContain('"kind": "oneroster_csv"')
    const planned = await follow('Dry run')
    const { data: plan } = await api('/imports?limit=1')
    expect(plan[0]).toMatchObject({
      name: 'roster.zip',
      state: 'planned',
      held: false,
      plan: { rows: students + file.refused, made: students, changed: 0, refused: file.refused, hurt: 0, living: 0 },
    })
    expect(planned).toContain('"is not how student numbers of the school are written"')
    expect(readFileSync(join(folder, 'refused.csv'), 'utf8').trim().split('\r\n')).toHaveLength(file.refused + 1)
    expect((await api('/students?limit=1')).metadata.pagination.total).toBe(0)

    expect(await follow('Apply')).toContain(`"made": ${students}`)
    expect((await follow('Look at them')).split('\n')[0]).toBe(String(students))
    for (const at of [0, 7, students - 1]) {
      const { number, given, family, email, department } = pupil(at)
      const [student, ...others] = (await api(`/students?search=${number}`)).data
      expect([student.studentNumber, others]).toEqual([number, []])
      expect(student).toMatchObject({ firstName: given, lastName: family, email, department: { name: department } })
    }
    expect((await api('/departments')).data.map((one: { name: string }) => one.name).toSorted()).toEqual(
      [...ROSTER_DEPARTMENTS].toSorted(),
    )
    expect((await api('/terms')).data.map((one: { name: string }) => one.name)).toContain('Autumn 2027')
    const { data: mails } = await api('/outbox?search=office@hillside.example')
    expect(mails.map((one: { template: string }) => one.template)).toContain('import_done')
  }

  async function undone(): Promise<void> {
    expect(await follow('6. Undo')).toContain(`"archived": ${students}`)
    // How many there are of more than a thousand may be known from some seconds ago.
    await expect
      .poll(async () => (await api('/students?limit=1')).metadata.pagination.total, { timeout: 30_000 })
      .toBe(0)
  }
}

needs('curl', 'jq')('the guide for administrators, on embedded parts', () => {
  followed({ name: 'to try it', heading: 'To try it', students: 2_000, answers: [] })
})

needs(
  'curl',
  'jq',
  'postgres',
  'psql',
)('the guide for administrators, on PostgreSQL', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres({ asInstalled: true })
  })
  afterAll(() => server.stop())
  followed(
    { name: 'for a school', heading: 'For a school', students: 20_000, answers: ['ownersown', 'servicesown'] },
    () => ({ PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'postgres' }),
  )
})
