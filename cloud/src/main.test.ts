import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const ENTRY = new URL('./cli/main.ts', import.meta.url).pathname
/** For a database from nothing on a machine with other things to do. A deadline and not a measurement. */
const START_MS_MAX = 120_000

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cloud-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

type Started = { readonly child: ChildProcess; readonly port: number; output(): string; ended: Promise<number | null> }

/** The real entry point with the real runtime, as people start it. */
function run(environment: Record<string, string>, words = ['cloud', 'run']) {
  const child = fork(ENTRY, words, {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      GATEHOUSE_DATA: folder,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_MQTT_PORT: '0',
      GATEHOUSE_DEMO: '1',
      ...environment,
    },
  })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', bytes => (output += bytes))
  // Not `close`: it never comes once this side has cut the channel.
  const ended = Promise.all([once(child, 'exit'), once(child.stdout!, 'end'), once(child.stderr!, 'end')]).then(
    ([[code]]) => code as number | null,
  )
  return { child, output: () => output, ended }
}

async function start(environment: Record<string, string> = {}): Promise<Started> {
  const started = run(environment)
  const ready = await Promise.race([once(started.child, 'message').then(([said]) => said), started.ended])
  if (typeof ready !== 'object' || ready === null) throw new Error(started.output())
  return { ...started, port: ready.httpPort }
}

test(
  'starts from nothing, answers, keeps its secrets to itself, and stops when told',
  async () => {
    const { child, port, output, ended } = await start({ LOG_LEVEL: 'trace' })
    expect((await fetch(`http://127.0.0.1:${port}/api/health/ready`)).status).toBe(200)

    const accounts: { role: string; email: string; password: string }[] = JSON.parse(
      readFileSync(join(folder, 'demo-accounts.json'), 'utf8'),
    )
    const { email, password } = accounts.find(({ role }) => role === 'security')!
    const signedIn = await fetch(`http://127.0.0.1:${port}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    const { data } = (await signedIn.json()) as { data: { tokens: { accessToken: string; refreshToken: string } } }
    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600)

    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const log = output()
    expect(log).toContain('cloud.stopped')
    const secrets = [
      password,
      email,
      data.tokens.accessToken,
      data.tokens.refreshToken,
      readFileSync(join(folder, 'master.key'), 'utf8').trim(),
      '01000734',
      'Lovelace',
    ]
    for (const secret of secrets) expect(log).not.toContain(secret)
  },
  START_MS_MAX,
)

test(
  'told to stop in the middle of a request, it answers that one and no other: five times',
  async () => {
    for (let time = 0; time < 5; time++) {
      const { child, port, output, ended } = await start()
      const body = JSON.stringify({ email: 'nobody@school.example', password: 'not the password' })
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.on('data', bytes => (answer += bytes))
      const closed = once(socket, 'close')
      socket.write(
        `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      await once(socket, 'data')

      child.kill('SIGTERM')
      while (!output().includes('cloud.stopping')) await once(child.stdout!, 'data')
      await expect(fetch(`http://127.0.0.1:${port}/api/health/ready`)).rejects.toThrow()
      socket.write(body)
      await closed
      expect(answer).toMatch(/HTTP\/1\.1 401 [\s\S]*wrong_credentials/)
      expect(await ended).toBe(0)
      expect(output()).toContain('cloud.stopped')
      expect(output()).not.toContain('cloud.stopped_late')
    }
  },
  5 * START_MS_MAX,
)

test(
  'a second start keeps the data, and the accounts of the first',
  async () => {
    const before = readFileSync(join(folder, 'demo-accounts.json'), 'utf8')
    const { child, ended } = await start()
    expect(readFileSync(join(folder, 'demo-accounts.json'), 'utf8')).toBe(before)

    const second = run({})
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain('another process is using the data')
    child.kill('SIGTERM')
    await ended
  },
  START_MS_MAX,
)

test(
  'ends when the process that started it is gone',
  async () => {
    const { child, ended } = await start()
    child.disconnect()
    expect(await ended).toBe(0)
  },
  START_MS_MAX,
)

test(
  'a port in use is one sentence, and nothing is left running',
  async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { output, ended } = run({ GATEHOUSE_HTTP_PORT: String(port) })
    expect(await ended).toBe(1)
    const sentence = output()
      .split('\n')
      .filter(line => line.startsWith('gatehouse cloud:'))
    expect(sentence).toEqual([
      `gatehouse cloud: port ${port} on 127.0.0.1 is in use by another program. Stop it, or choose another with GATEHOUSE_HTTP_PORT.`,
    ])
    taken.close()
  },
  START_MS_MAX,
)

test('a wrong configuration is told whole, before anything is opened', async () => {
  const { output, ended } = run({ GATEHOUSE_HTTP_PORT: 'eighty', LOG_LEVEL: 'loud' })
  expect(await ended).toBe(1)
  expect(output()).toMatch(/GATEHOUSE_HTTP_PORT: .*\nLOG_LEVEL: /)
})

test(
  'migrating is a word of its own',
  async () => {
    const { output, ended } = run({}, ['cloud', 'migrate', '--json'])
    expect(await ended).toBe(0)
    expect(JSON.parse(output())).toEqual({ applied: [], partitions: [] })
  },
  START_MS_MAX,
)

test(
  'a school is entered with an administrator, once for a tenant; somebody shut out stays so',
  async () => {
    const words = [
      '--name',
      'Lakeside',
      '--tenant',
      'lakeside',
      '--zone',
      'Europe/Paris',
      '--admin',
      'office@lakeside.example',
    ]
    const made = run({}, ['cloud', 'school', '--json', ...words])
    expect(await made.ended).toBe(0)
    const { email, password } = JSON.parse(made.output())
    const again = run({}, ['cloud', 'school', ...words])
    expect([await again.ended, again.output()]).toEqual([1, expect.stringContaining('tenant lakeside already')])

    const signIn = async () => {
      const { child, port, ended } = await start()
      const { status } = await fetch(`http://127.0.0.1:${port}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
      child.kill('SIGTERM')
      await ended
      return status
    }
    expect(await signIn()).toBe(200)
    expect(await run({}, ['cloud', 'deactivate', email]).ended).toBe(0)
    expect(await run({}, ['cloud', 'deactivate', email]).ended).toBe(1)
    expect(await signIn()).toBe(401)
  },
  // Six processes.
  3 * START_MS_MAX,
)

test(
  'outside of the demo there is nobody: a printed link makes the first school and its administrator, once',
  async () => {
    const data = { GATEHOUSE_DATA: join(folder, 'untouched'), GATEHOUSE_DEMO: '0', LOG_LEVEL: 'trace' }
    const { child, port, output, ended } = await start(data)
    const links = output().match(/\/setup#[\w-]{43}/g) ?? []
    expect(links).toHaveLength(1)
    const password = 'four words of mine'
    const ask = (path: string, body: unknown) =>
      fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const administrator = { email: 'office@seaside.example', displayName: 'Office', password }
    const school = { name: 'Seaside', tenant: 'seaside', timeZone: 'Europe/Paris' }
    const wanted = { token: links[0]!.split('#')[1], school, administrator }
    expect((await ask('/setup', wanted)).status).toBe(201)
    expect((await ask('/setup', wanted)).status).toBe(404)
    expect((await ask('/auth/login', { email: administrator.email, password })).status).toBe(200)
    child.kill('SIGTERM')
    await ended
    // The log has nothing of it: the one place is the line that a person copies.
    const lines = output().split('\n')
    expect(lines.filter(line => line.startsWith('{') && line.includes(wanted.token!))).toEqual([])

    const again = run(data, ['cloud', 'admin-link'])
    expect([await again.ended, again.output()]).toEqual([1, expect.stringContaining('there is a school already')])
    const link = run(data, ['cloud', 'admin-link', '--for', administrator.email])
    expect(await link.ended).toBe(0)
    expect(link.output()).toMatch(/^http:\/\/localhost:0\/reset#[\w-]{43}\n$/)
  },
  2 * START_MS_MAX,
)

test('an unknown word is a usage error', async () => {
  expect(await run({}, ['cloud', 'fly']).ended).toBe(2)
})
