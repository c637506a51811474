import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { type Client, createClient } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type SessionEnds, watchSessionEnds } from '../auth/session-ends.ts'
import { memoryBus } from '../cache/bus.ts'
import type { Database } from '../db/connect.ts'
import { type Drain, drainOutbox, leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { type Live, startLive } from '../live/live.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { ask, enterPupils, giveAccount } from '../testing/graphql-stand.ts'
import { memoryLog } from '../testing/memory-log.ts'

const LINE: AccessLine = {
  gateId: '0199d2a0-0000-7000-8000-000000000001',
  gateName: 'North',
  sequence: 1,
  kind: 'granted',
  lane: 'in',
  laneName: 'Way in',
  direction: 'in',
  at: '2026-09-01T08:00:00.000Z',
  receivedAt: '2026-09-01T08:00:00.000Z',
  passId: null,
  holder: { studentId: null, name: 'Ada Lovelace', department: null },
  technology: null,
  refusal: null,
  objection: null,
  listVersion: 1,
}

onBothEngines('subscriptions', engine => {
  let database: Database
  let cloud: TestCloud
  let live: Live
  let ends: SessionEnds
  let drain: Drain
  let school: TestSchool
  const clients: Client[] = []
  const log = memoryLog()

  beforeAll(async () => {
    database = await engine.fresh(({ sql }) => {
      if (isBroken && sql.includes('from "access_points"')) throw new Error('password=hunter2')
    })
    cloud = await startCloud(database)
    const bus = memoryBus({ deliver: async (topic, payload) => cloud.watch.tell(topic, payload), log })
    live = await startLive({ db: database.db, bus, log })
    ends = await watchSessionEnds(database)
    ends.onSessionEnded(cloud.graphql.ended)
    drain = await drainOutbox({
      database,
      handlers: { ...live.handlers, ...ends.handlers },
      onProblem: problem => log.error({ problem: String(problem) }, 'outbox.problem'),
    })
    school = await enterTestSchool(database, cloud.vault)
  })
  let isBroken = false
  afterEach(async () => {
    isBroken = false
    for (const client of clients.splice(0)) await client.dispose()
  })
  afterAll(async () => {
    await drain.stop()
    await ends.stop()
    await live.stop()
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  /** A connection by web socket; `closed` says with which code it ended. */
  async function connected(token: string): Promise<{ client: Client; closed: Promise<number> }> {
    const closing = Promise.withResolvers<number>()
    const open = Promise.withResolvers<void>()
    const client = createClient({
      url: `${cloud.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => {},
      on: {
        connected: () => open.resolve(),
        closed: event => {
          closing.resolve((event as CloseEvent).code)
          open.reject(new Error(`closed with ${(event as CloseEvent).code}`))
        },
      },
    })
    clients.push(client)
    await open.promise
    return { client, closed: closing.promise }
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
  type Told = AsyncIterator<any>
  const subscribed = (client: Client, query: string, variables = {}): Told => client.iterate({ query, variables })

  /** A subscription is there once its statements are done; what is said before that nobody hears. Says it until it is heard. */
  async function heard(told: Told, say: () => Promise<unknown>) {
    const next = told.next()
    let done = false
    void next.finally(() => {
      done = true
    })
    while (!done) {
      await say()
      await Promise.race([next, new Promise(resolve => setTimeout(resolve, 50))])
    }
    return (await next).value
  }
  const sayLine = ({ schoolId }: TestSchool = school, line: Partial<AccessLine> = {}) =>
    inSchool(database.db, schoolId, tx => leave(tx, schoolId, 'access.lines', { lines: [{ ...LINE, ...line }] }))

  /** Server-sent events of one subscription. */
  async function events(token: string, query: string) {
    const stop = new AbortController()
    const answer = await fetch(`${cloud.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
      signal: stop.signal,
    })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (fits: (text: string) => boolean) => {
      while (!fits(text)) {
        const { done, value } = await reader.read()
        if (done) break
        text += value
      }
      return text
    }
    return { answer, until, stop: () => stop.abort() }
  }

  test('a line of the live feed comes by web socket and as an event, to its school and nobody else', async () => {
    const other = await enterTestSchool(database, cloud.vault)
    const token = await cloud.signIn(school, 'security')
    const { client } = await connected(token)
    const theirs = await connected(await cloud.signIn(other, 'security'))
    const query = 'subscription { accessLogged { id gateName kind holder { name } } }'
    const [mine, elsewhere] = [subscribed(client, query), subscribed(theirs.client, query)]
    const stream = await events(token, query)
    expect(stream.answer.headers.get('content-type')).toContain('text/event-stream')
    const line = { id: `${LINE.gateId}:1`, gateName: 'North', kind: 'granted', holder: { name: 'Ada Lovelace' } }
    expect(await heard(mine, () => sayLine())).toEqual({ data: { accessLogged: line } })
    expect(await stream.until(text => text.includes('event: next'))).toContain(
      `data: ${JSON.stringify({ data: { accessLogged: line } })}`,
    )
    stream.stop()
    const first = await heard(elsewhere, () => sayLine(other, { gateName: 'Elsewhere' }))
    expect(first.data.accessLogged.gateName).toBe('Elsewhere')
  })

  test('an application that moved: to reviewers, of one student alone, and to the applicant', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const [one, two] = (await enterPupils(database, cloud, own, 2)) as [string, string]
    await giveAccount(database, own, two)
    const admin = await cloud.signIn(own, 'school_admin')
    const list = await ask(cloud, admin, '{ applications { data { id student { id } } } }')
    const idOf = (student: string): string =>
      list.data.applications.data.find((row: { student: { id: string } }) => row.student.id === student).id
    const query = `subscription ($studentId: ID) { applicationUpdated(studentId: $studentId) { id status assignee { name } student { id phone } } }`
    const { client: reviewer } = await connected(await cloud.signIn(own, 'staff'))
    const { client: pupil } = await connected(await cloud.signIn(own, 'student'))
    const [all, ofTwo, mine] = [
      subscribed(reviewer, query),
      subscribed(reviewer, query, { studentId: two }),
      subscribed(pupil, query),
    ]
    // biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
    const moved = ({ data }: any) => data.applicationUpdated
    const assign = (id: string) =>
      ask(cloud, admin, 'mutation ($id: ID!) { assignApplication(id: $id) { id } }', { id })

    const toAll = moved(await heard(all, () => assign(idOf(one))))
    expect(toAll).toEqual({ id: idOf(one), status: 'submitted', assignee: null, student: { id: one, phone: '…78' } })
    expect(moved(await heard(ofTwo, () => assign(idOf(two))))).toMatchObject({ id: idOf(two) })
    // What the applicant hears is of their own alone, whatever moves beside it.
    const toApplicant = await heard(mine, async () => [await assign(idOf(one)), await assign(idOf(two))])
    expect(moved(toApplicant)).toMatchObject({ id: idOf(two), assignee: null, student: { id: two } })
  })

  test('a student asks for nobody else’s, and nobody for those of another school', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const [mine, theirs] = (await enterPupils(database, cloud, own, 2)) as [string, string]
    await giveAccount(database, own, mine)
    const query = 'subscription ($studentId: ID) { applicationUpdated(studentId: $studentId) { id } }'
    for (const [where, role, studentId] of [
      [own, 'student', theirs],
      [school, 'staff', theirs],
      [school, 'staff', 'none'],
    ] as const) {
      const { client } = await connected(await cloud.signIn(where, role))
      await expect(subscribed(client, query, { studentId }).next()).rejects.toMatchObject([
        { extensions: { code: 'not_found' } },
      ])
    }
  })

  test('how the system is comes at once', async () => {
    const { client } = await connected(await cloud.signIn(school, 'school_admin'))
    const told = subscribed(
      client,
      'subscription { systemMetricsUpdated { gatesOnline gatesTotal eventsPerSecond ingestLagMs oldestListAgeS jobsWaiting jobsDead sessions at } }',
    )
    const { value } = await told.next()
    expect(value.data.systemMetricsUpdated).toEqual({
      gatesOnline: 0,
      gatesTotal: 0,
      eventsPerSecond: 0,
      ingestLagMs: null,
      oldestListAgeS: null,
      jobsWaiting: 0,
      jobsDead: 0,
      sessions: expect.any(Number),
      at: new Date(cloud.clock.nowMs).toISOString(),
    })
    expect(value.data.systemMetricsUpdated.sessions).toBeGreaterThan(0)
  })

  test('signing out ends what hangs on the session, by web socket and as events, and no other', async () => {
    const [mine, other] = [await cloud.signIn(school, 'security'), await cloud.signIn(school, 'security')]
    const query = 'subscription { accessLogged { id } }'
    const [here, there] = [await connected(mine), await connected(other)]
    const [ending, going] = [subscribed(here.client, query), subscribed(there.client, query)]
    await heard(ending, () => sayLine())
    const stream = await events(mine, query)
    const { sid } = JSON.parse(Buffer.from(mine.split('.')[1]!, 'base64url').toString()) as { sid: string }
    expect((await cloud.call('DELETE', `/api/v1/auth/sessions/${sid}`, { token: other })).status).toBe(200)
    expect(await here.closed).toBe(4403)
    expect(await stream.until(text => text.includes('event: complete'))).toContain('event: complete')
    await heard(going, () => sayLine())
    await expect(connected(mine)).rejects.toThrow('closed with 4403')
  })

  test('another role, and being shut out, ends it too', async () => {
    const own = await enterTestSchool(database, cloud.vault)
    const admin = await cloud.signIn(own, 'school_admin')
    const people = await cloud.call('GET', '/api/v1/users', { token: admin })
    const idOf = (role: string) => people.body.data.find((user: { role: string }) => user.role === role).id
    for (const [role, change] of [
      ['staff', { role: 'security' }],
      ['facilities', { active: false }],
    ] as const) {
      const { closed } = await connected(await cloud.signIn(own, role))
      const changed = await cloud.call('PATCH', `/api/v1/users/${idOf(role)}`, { token: admin, body: change })
      expect([role, changed.status]).toEqual([role, 200])
      expect(await closed).toBe(4403)
    }
  })

  test('what fails unforeseen is one sentence, by POST, as an event and by web socket', async () => {
    const token = await cloud.signIn(school, 'security')
    const sentence = 'Something went wrong here. Try again; if it stays so, tell the operator the request id.'
    const masked = [{ message: sentence, extensions: { code: 'internal_error', requestId: expect.any(String) } }]
    isBroken = true
    const posted = await ask(cloud, token, '{ school { id } gates { name } }')
    expect([posted.status, posted.data]).toEqual([500, null])
    expect(posted.errors).toMatchObject(masked)

    const query = 'subscription { accessLogged { id gate { name } } }'
    const { client } = await connected(token)
    const told = subscribed(client, query)
    const stream = await events(token, query)
    const value = await heard(told, () => sayLine())
    expect(value).toMatchObject({ data: { accessLogged: { gate: null } }, errors: masked })
    const text = await stream.until(so => so.includes('event: next'))
    for (const whole of [JSON.stringify(posted), JSON.stringify(value), text]) {
      expect(whole).toContain('internal_error')
      expect(whole).not.toMatch(/hunter2|select|stack|\.ts/)
    }
    stream.stop()
  })

  test('who is nobody is closed, and what is no subscription is refused', async () => {
    await expect(connected('no token')).rejects.toThrow('closed with 4403')
    const { client } = await connected(await cloud.signIn(school, 'security'))
    await expect(subscribed(client, '{ school { id } }').next()).rejects.toMatchObject([
      { extensions: { code: 'only_subscriptions' } },
    ])
    await expect(subscribed(client, 'subscription { nothing }').next()).rejects.toMatchObject([
      { extensions: { code: 'invalid_operation' } },
    ])
  })

  test('five connections of a session, and twenty subscriptions', async () => {
    const token = await cloud.signIn(school, 'security')
    const query = 'subscription { accessLogged { id } }'
    const five = await Promise.all(Array.from({ length: 5 }, () => connected(token)))
    await expect(connected(token)).rejects.toThrow('closed with 4429')
    const told = five.flatMap(({ client }) => Array.from({ length: 4 }, () => subscribed(client, query)))
    const heardAll = Promise.all(told.map(one => heard(one, () => sayLine())))
    await heardAll
    await expect(subscribed(five[0]!.client, query).next()).rejects.toMatchObject([
      { extensions: { code: 'too_many_subscriptions' } },
    ])
    await told[0]!.return?.()
    for (;;) {
      const again = subscribed(five[0]!.client, query)
      const outcome = await heard(again, () => sayLine()).catch(errors => errors)
      if (!Array.isArray(outcome)) break
    }
  })

  test('GET takes a subscription as a stream, and nothing else', async () => {
    const token = await cloud.signIn(school, 'security')
    const get = (query: string) =>
      fetch(`${cloud.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      })
    const stream = await get('subscription { systemMetricsUpdated { at } }')
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: next')) text += (await reader.read()).value
    expect(text).toContain('systemMetricsUpdated')
    await reader.cancel()
    for (const query of ['{ school { id } }', 'mutation { readNotification }']) {
      expect(await (await get(query)).text()).toContain('only_subscriptions')
    }
  })
})
