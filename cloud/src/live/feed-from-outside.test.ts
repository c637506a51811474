import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACK_TYP, BATCH_TYP } from '@gatehouse/shared/events/batch.ts'
import { chain, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import { LIST_HEAD_TYP } from '@gatehouse/shared/list/documents.ts'
import { ENROL_TYP, Enrolment, type TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { AccessFeed, GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { createClient } from 'graphql-ws'
import { CompactSign, compactVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { readConfig } from '../config.ts'
import { openLog } from '../http/log.ts'
import { type Cloud, startCloud } from '../main.ts'
import { sha256 } from '../testing/gate-fixture.ts'
import { startMosquitto } from '../testing/mosquitto.ts'
import { type MqttPeer, mqttPeer } from '../testing/mqtt-peer.ts'
import { createDatabase, startPostgres } from '../testing/postgres.ts'
import { startRedis } from '../testing/redis.ts'

/** The service as `cloud run` starts it, from outside: HTTP, WebSocket and TLS. */

type Beside = { readonly environment: Record<string, string>; stop(): Promise<void> }

function fromOutside(startBeside: (folder: string) => Promise<Beside>): void {
  let folder: string
  let beside: Beside
  let cloud: Cloud
  const peers: MqttPeer[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-cloud-'))
    beside = await startBeside(folder)
    const read = readConfig({
      GATEHOUSE_DATA: folder,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_MQTT_PORT: '0',
      GATEHOUSE_DEMO: '1',
      LOG_LEVEL: 'silent',
      ...beside.environment,
    })
    if (!read.ok) throw new Error(read.failure)
    cloud = await startCloud(read.value, openLog('silent'))
  }, 120_000)
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.end()
  })
  afterAll(async () => {
    await cloud.stop()
    await beside.stop()
    rmSync(folder, { recursive: true })
  })

  async function ask<Data>(
    method: string,
    path: string,
    { token, body }: { token?: string; body?: unknown } = {},
  ): Promise<Data> {
    const answer = await fetch(`http://127.0.0.1:${cloud.httpPort}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const said = (await answer.json()) as { data: Data; error: unknown }
    expect(said.error).toBeNull()
    return said.data
  }

  type Tokens = { readonly accessToken: string; readonly refreshToken: string }

  type Account = { readonly role: string; readonly email: string; readonly password: string }

  function accountOf(role: string): Account {
    const accounts = JSON.parse(readFileSync(join(folder, 'demo-accounts.json'), 'utf8')) as Account[]
    return accounts.find(account => account.role === role)!
  }
  const passwordOf = (role: string) => accountOf(role).password

  async function signIn(role: string): Promise<Tokens> {
    const { email, password } = accountOf(role)
    const { tokens } = await ask<{ tokens: Tokens }>('POST', '/api/v1/auth/login', { body: { email, password } })
    return tokens
  }

  async function peer(url: string, options: Parameters<typeof mqttPeer>[1]): Promise<MqttPeer> {
    const made = await mqttPeer(url, options)
    peers.push(made)
    return made
  }
  /** A subscription over GraphQL as server-sent events: it listens once this answers; `first` is what came first. */
  async function eventsOf(token: string, query: string): Promise<{ readonly first: Promise<unknown> }> {
    const answer = await fetch(`http://127.0.0.1:${cloud.httpPort}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    const read = async () => {
      for (let text = ''; ; ) {
        const { done, value = '' } = await reader.read()
        text += value
        const told = /^data: (.+)$/m.exec(text)?.[1]
        if (told !== undefined) return JSON.parse(told) as unknown
        if (done) throw new Error(`the stream ended: ${text}`)
      }
    }
    return { first: read() }
  }
  const page = (token: string) => peer(`ws://127.0.0.1:${cloud.httpPort}/mqtt`, { username: 'token', password: token })
  const program = (key: string) =>
    peer(`mqtts://localhost:${cloud.mqttPort}`, {
      username: 'key',
      password: key,
      ca: readFileSync(join(folder, 'mqtt', 'ca.pem')),
    })

  test('a gate is enrolled, finds its list, and what happens at it is on the live page', async () => {
    const { accessToken: facilities } = await signIn('facilities')
    const { accessToken: guard } = await signIn('security')
    const gates = await ask<{ gateId: string; shortName: string }[]>('GET', '/api/v1/gates', { token: facilities })
    const { gateId } = gates.find(({ shortName }) => shortName === 'north')!
    const { code } = await ask<{ code: string }>('POST', `/api/v1/gates/${gateId}/enrolment-codes`, {
      token: facilities,
    })

    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const sign = (typ: string, said: unknown) =>
      new CompactSign(Buffer.from(JSON.stringify(said)))
        .setProtectedHeader({ alg: 'Ed25519', typ, kid: gateId })
        .sign(privateKey)
    const enrolment = Enrolment.parse(
      await ask('POST', '/device/v1/enrol', {
        body: { code, publicKey: publicKey.export({ format: 'jwk' }), proof: await sign(ENROL_TYP, { code }) },
      }),
    )
    const { tenant, scope, trust } = enrolment
    const { host, port, password, ca } = enrolment.cloud!.mqtt

    const watching = await page(guard)
    await watching.subscribe(`feed/${tenant}/#`)
    // Left open: the service stops all the same.
    const graphql = await eventsOf(guard, 'subscription { accessLogged { gateId sequence refusal } }')
    const topic = (what: string) => `gatehouse/${tenant}/${gateId}/${what}`
    const gate = await persistent(() =>
      peer(`mqtts://${host}:${port}`, { ca, clientId: gateId, username: gateId, password }),
    )
    await gate.subscribe(topic('acks'), `gatehouse/${tenant}/lists/${scope}`)

    const head = await gate.hears(({ topic }) => topic.endsWith(`/lists/${scope}`))
    expect(await opened(head.text, LIST_HEAD_TYP, 'list', trust)).toMatchObject({
      issuer: tenant,
      scope,
      version: expect.any(Number),
    })

    await gate.publish(topic('state'), JSON.stringify({ online: true, listVersion: 1 }), { retain: true })
    const event = chain(sha256, FIRST_PREVIOUS, {
      gate: gateId,
      sequence: 1,
      kind: 'refused',
      lane: 'in',
      decision: { refusal: 'unknown_pass' },
      listVersion: 1,
      policyHash: '0'.repeat(64),
      trustedTimeMs: Date.now(),
      wallTimeMs: Date.now(),
      monotonicMs: 0,
      bootId: crypto.randomUUID(),
      clockQuality: 'confirmed',
    })
    await gate.publish(topic('events'), await sign(BATCH_TYP, { gate: gateId, tenant, events: [event] }))
    const ack = await gate.hears(({ topic }) => topic.endsWith('/acks'))
    expect(await opened(ack.text, ACK_TYP, 'ack', trust)).toEqual({ gate: gateId, sequence: 1, hash: event.hash })

    const frame = await watching.hears(({ topic }) => topic === `feed/${tenant}/access`)
    expect(AccessFeed.parse(JSON.parse(frame.text)).lines).toMatchObject([
      { gateId, sequence: 1, refusal: 'unknown_pass' },
    ])
    expect(await graphql.first).toEqual({
      data: { accessLogged: { gateId, sequence: 1, refusal: 'unknown_pass' } },
    })
    await watching.hears(
      ({ topic, text }) =>
        topic === `feed/${tenant}/gates` &&
        GatesFeed.parse(JSON.parse(text)).gates.some(line => line.gateId === gateId && line.online && line.enrolled),
    )
  })

  test('signing out ends the page’s connection, and not that of another session', async () => {
    const [mine, other] = [await signIn('security'), await signIn('staff')]
    const [here, there] = [await page(mine.accessToken), await page(other.accessToken)]
    await ask('POST', '/api/v1/auth/logout', { body: { refreshToken: mine.refreshToken } })
    await here.closed
    expect(there.client.connected).toBe(true)
    await expect(page(mine.accessToken)).rejects.toThrow(/Connection refused/)
  })

  test('a changed password, and a session ended from the list, cut what hung on them, and nothing else', async () => {
    const sessions = [await signIn('facilities'), await signIn('facilities'), await signIn('facilities')]
    const [mine, listed, forgotten] = sessions.map(({ accessToken }) => accessToken) as [string, string, string]
    const [here, there, elsewhere] = [await page(mine), await page(listed), await page(forgotten)]
    const { sid } = JSON.parse(Buffer.from(listed.split('.')[1]!, 'base64url').toString()) as { sid: string }
    await ask('DELETE', `/api/v1/auth/sessions/${sid}`, { token: mine })
    await there.closed
    expect([here.client.connected, elsewhere.client.connected]).toEqual([true, true])

    const current = passwordOf('facilities')
    await ask('POST', '/api/v1/auth/password', { token: mine, body: { current, password: 'four words of theirs' } })
    await elsewhere.closed
    expect(here.client.connected).toBe(true)
    const refused = await fetch(`http://127.0.0.1:${cloud.httpPort}/api/v1/auth/me`, {
      headers: { authorization: `Bearer ${forgotten}` },
    })
    expect(refused.status).toBe(401)
  })

  test('a program watches with a personal access key until that is deleted', async () => {
    const { accessToken: token } = await signIn('security')
    const body = { name: 'a wall screen', scopes: ['feed:read'] }
    const { accessKey, key } = await ask<{ accessKey: { id: string }; key: string }>(
      'POST',
      '/api/v1/auth/access-keys',
      {
        token,
        body,
      },
    )
    const screen = await program(key)
    expect(await screen.subscribe('feed/hillside-college/#')).toEqual([1])
    await ask('DELETE', `/api/v1/auth/access-keys/${accessKey.id}`, { token })
    await screen.closed
    await expect(program(key)).rejects.toThrow(/Connection refused/)
  })

  test('GraphQL by web socket is at the same address, and ends with its session', async () => {
    const { accessToken, refreshToken } = await signIn('security')
    const closed = Promise.withResolvers<number>()
    const client = createClient({
      url: `ws://127.0.0.1:${cloud.httpPort}/graphql`,
      connectionParams: { authorization: `Bearer ${accessToken}` },
      retryAttempts: 0,
      on: { closed: event => closed.resolve((event as CloseEvent).code) },
    })
    const told = client.iterate({ query: 'subscription { systemMetricsUpdated { gatesTotal at } }' })
    expect((await told.next()).value).toMatchObject({
      data: { systemMetricsUpdated: { gatesTotal: expect.any(Number) } },
    })
    await ask('POST', '/api/v1/auth/logout', { token: accessToken, body: { refreshToken } })
    expect(await closed.promise).toBe(4403)
  })

  test('a student does not watch the school', async () => {
    const { accessToken } = await signIn('student')
    const student = await page(accessToken)
    expect(await student.subscribe('feed/hillside-college/access', 'feed/hillside-college/#')).toEqual([128, 128])
  })
}

describe('the service by itself', () => fromOutside(async () => ({ environment: {}, stop: async () => {} })))

needs(
  'postgres',
  'mosquitto',
  'redis-server',
)('the service beside PostgreSQL, Mosquitto and Redis', () =>
  fromOutside(async folder => {
    const [postgres, mosquitto, redis] = [await startPostgres(), await startMosquitto(folder), await startRedis(folder)]
    const { url, ownerUrl } = await createDatabase(postgres)
    return {
      environment: {
        DATABASE_URL: url,
        DATABASE_OWNER_URL: ownerUrl,
        MQTT_URL: `mqtts://gatehouse-cloud:a-secret@localhost:${mosquitto.port}`,
        MQTT_CA: join(folder, 'mqtt', 'ca.pem'),
        REDIS_URL: redis.url,
      },
      async stop() {
        for (const each of [redis, mosquitto, postgres]) await each.stop()
      },
    }
  }),
)

/** A broker beside the cloud reads a new password a moment after the enrolment; a gate tries again. */
async function persistent(connect: () => Promise<MqttPeer>): Promise<MqttPeer> {
  for (let tries = 1; ; tries++) {
    try {
      return await connect()
    } catch (error) {
      if (tries === 20) throw error
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  }
}

/** What a document says whose key the gate was told to trust for this use. */
async function opened(
  jws: string,
  typ: string,
  use: TrustedKey['use'],
  trust: readonly TrustedKey[],
): Promise<unknown> {
  const { kid } = JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as { kid: string }
  const { jwk } = trust.find(key => key.kid === kid && key.use === use)!
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['Ed25519'] })
  expect(protectedHeader.typ).toBe(typ)
  return JSON.parse(Buffer.from(payload).toString())
}
