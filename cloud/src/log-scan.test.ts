import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { mqttPeer } from './testing/mqtt-peer.ts'
import { refusal, startSmtp } from './testing/smtp.ts'

/** R-30 of the rules for reliability: what a process that does everything writes at its most talkative. */

const ENTRY = new URL('./cli/main.ts', import.meta.url).pathname
const RUN_MS_MAX = 300_000

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-log-'))
let child: ChildProcess | null = null
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire
type Said = { readonly status: number; readonly body: any }

/** Somebody who is nobody else, so that every place where she turns up is found. */
const STUDENT = {
  studentNumber: 'QX-48151623',
  firstName: 'Zephyrine',
  lastName: 'Quackenbush',
  email: 'zephyrine.q@students.example',
  birthDate: '2007-03-29',
  phone: '+31612345678',
  privateEmail: 'quackers@home.example',
  address: { lines: ['Vogelkersstraat 17'], town: 'Zwaagwesteinde' },
  notes: 'Peanutallergy',
}
const TYPED = {
  password: 'Wr0ng-Passphrase-77',
  email: 'somebody.else@elsewhere.example',
  bits: '0A1B2C3D4E',
  path: 'Pannekoekendijk',
}

test(
  'no password, token, key, card, name or address of a person is in the log',
  async () => {
    await using smtp = await startSmtp({ onRcpt: address => refusal(550, `no such user <${address}>, sorry`) })
    const started = fork(ENTRY, ['cloud', 'run'], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        GATEHOUSE_DATA: folder,
        GATEHOUSE_HTTP_PORT: '0',
        GATEHOUSE_MQTT_PORT: '0',
        GATEHOUSE_DEMO: '1',
        LOG_LEVEL: 'trace',
        SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
        MAIL_FROM: 'Gatehouse <gatehouse@school.example>',
      },
    })
    child = started
    let log = ''
    for (const stream of [started.stdout!, started.stderr!]) stream.on('data', bytes => (log += bytes))
    const [{ httpPort, mqttPort }] = (await once(started, 'message')) as [{ httpPort: number; mqttPort: number }]
    const url = `http://127.0.0.1:${httpPort}`
    const call = async (method: string, path: string, body?: unknown, token?: string): Promise<Said> => {
      const answer = await fetch(url + path, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json().catch(() => null) }
    }
    const done = async (asked: Promise<Said>) => {
      const { status, body } = await asked
      expect([status, body?.error]).toEqual([expect.toSatisfy(code => code < 300), null])
      return body.data
    }

    const accounts: { role: string; email: string; password: string }[] = JSON.parse(
      readFileSync(join(folder, 'demo-accounts.json'), 'utf8'),
    )
    const admin = accounts.find(({ role }) => role === 'school_admin')!
    await call('POST', '/api/v1/auth/login', { email: admin.email, password: TYPED.password })
    await call('POST', '/api/v1/auth/login', { email: TYPED.email, password: TYPED.password })
    const { tokens } = await done(
      call('POST', '/api/v1/auth/login', { email: admin.email, password: admin.password, rememberMe: true }),
    )
    const token: string = tokens.accessToken

    const student = await done(call('POST', '/api/v1/students', STUDENT, token))
    expect((await call('POST', '/api/v1/students', STUDENT, token)).status).toBe(409)
    for (const path of [
      `/api/v1/students?search=${STUDENT.lastName}`,
      `/api/v1/search?q=${STUDENT.firstName}`,
      `/api/v1/students/${student.id}`,
    ])
      await done(call('GET', path, undefined, token))
    await call('GET', `/${TYPED.path}/${STUDENT.lastName}?email=${STUDENT.email}`)
    await call('POST', '/api/v1/students', `{"firstName": ${STUDENT.firstName}`, token)

    const pass = await done(call('POST', '/api/v1/passes', { studentId: student.id, groups: [0] }, token))
    await done(
      call('POST', `/api/v1/passes/${pass.passId}/credentials`, { technology: 'raw', bits: TYPED.bits }, token),
    )
    const { digits } = await done(call('GET', `/api/v1/passes/${pass.passId}/code`, undefined, token))
    await done(call('POST', '/api/v1/passes/verify', { digits }, token))

    const key = await done(call('POST', '/api/v1/auth/access-keys', { name: 'feed', scopes: ['feed:read'] }, token))
    const ca = readFileSync(
      join(
        folder,
        readdirSync(folder, { recursive: true })
          .map(String)
          .find(one => one.endsWith('ca.pem'))!,
      ),
    )
    const broker = `mqtts://localhost:${mqttPort}`
    for (const [username, password] of [
      ['key', key.key],
      ['token', token],
    ]) {
      const peer = await mqttPeer(broker, { ca, username, password })
      await peer.subscribe(`feed/${STUDENT.lastName}/#`)
      await peer.end()
    }
    for (const username of ['key', 'token', STUDENT.email])
      await expect(mqttPeer(broker, { ca, username, password: TYPED.password })).rejects.toThrow()

    await call('POST', '/api/v1/auth/password-reset', { email: admin.email })
    await done(call('POST', '/api/v1/invitations', { studentIds: [student.id], by: 'mail' }, token))
    await done(call('POST', '/api/v1/auth/refresh', { refreshToken: tokens.refreshToken }))
    // The mails are tried, and the server has said to whom it will not bring them.
    while (smtp.tries.count < 2) await new Promise(resolve => setImmediate(resolve))

    const ended = once(started, 'exit')
    started.kill('SIGTERM')
    await ended

    const lines = log.trim().split('\n')
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toContain('event.action')
    for (const wanted of ['http.request', 'mqtt.login_refused', 'mqtt.subscription_refused', 'cloud.stopped'])
      expect(log).toContain(`"event.action":"${wanted}"`)

    const { address, ...plain } = STUDENT
    const secrets = [
      ...Object.values(plain),
      ...address.lines,
      address.town,
      ...Object.values(TYPED),
      ...accounts.flatMap(({ email, password }) => [email, password]),
      token,
      tokens.refreshToken,
      key.key,
      digits,
      readFileSync(join(folder, 'master.key'), 'utf8').trim(),
    ]
    const told = lines.filter(line => secrets.some(secret => line.toLowerCase().includes(secret.toLowerCase())))
    expect(told).toEqual([])
    // Whatever looks like a secret, whosever it is.
    expect(lines.filter(line => /eyJ[\w-]+\.[\w-]+|[\w.]+@[\w-]+\.[a-z]{2,}|-----BEGIN/i.test(line))).toEqual([])
  },
  RUN_MS_MAX,
)
