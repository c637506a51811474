import { createHmac, randomBytes } from 'node:crypto'
import { DEFAULT_WISHES } from '@gatehouse/shared/wire/api/notifications.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { onBothEngines } from '../testing/database.ts'
import { type NotificationStand, notificationStand } from '../testing/notification-stand.ts'
import { newBrowser, vapidAudience } from '../testing/push-browser.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import { notify } from './notify.ts'
import { twilioSignature } from './sms-callback.routes.ts'

const ACCOUNT = `AC${'0'.repeat(32)}`
const TOKEN = 'the token of the account'
const NUMBER = '+31612345678'

onBothEngines('what leaves for outside', engine => {
  let database: Database
  let stand: NotificationStand
  let twilio: Receiver
  let token: string
  let admin: string
  let userId: string
  let days = 0
  const closing: AsyncDisposable[] = []
  /** What the provider does with the next messages; the messages it took. */
  let provider: (
    number: number,
  ) => { status: number; body?: object; headers?: Record<string, string> } | 'hang' | 'take and hang'
  const taken: { sid: string; to: string; body: string; date_created: string }[] = []

  beforeAll(async () => {
    database = await engine.fresh()
    let posts = 0
    twilio = await startReceiver((request, response) => {
      const json = (status: number, body: object, headers = {}) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
      if (request.method === 'GET') return void json(200, { messages: taken })
      const form = new URLSearchParams(request.body.toString())
      const said = provider(++posts)
      const take = () => {
        const sid = `SM${randomBytes(16).toString('hex')}`
        taken.push({
          sid,
          to: form.get('To')!,
          body: form.get('Body')!,
          date_created: new Date(stand.clock.nowMs).toUTCString(),
        })
        return sid
      }
      if (said === 'hang') return
      if (said === 'take and hang') return void take()
      if (said.status === 201) return void json(201, { sid: take(), status: 'queued' })
      json(said.status, said.body ?? {}, said.headers)
    })
    const sms = { accountSid: ACCOUNT, authToken: TOKEN, from: '+31600000000', baseUrl: twilio.url }
    stand = await notificationStand(database, { sms, answerMsMax: 300 })
    userId = await stand.userId('staff')
  })
  beforeEach(async () => {
    provider = () => ({ status: 201 })
    taken.length = 0
    twilio.requests.length = 0
    // What a test asked the provider to wait for is over in the next.
    stand.clock.nowMs = Date.now() + ++days * 86_400_000
    token = await stand.cloud.signIn(stand.school, 'staff')
    admin = await stand.cloud.signIn(stand.school, 'school_admin')
    await stand.inIt(async tx => {
      for (const table of [
        'webhooks',
        'deliveries',
        'notifications',
        'notification_wishes',
        'notification_settings',
        'push_subscriptions',
        'jobs',
      ] as const)
        await tx.deleteFrom(table).execute()
    })
  })
  afterEach(async () => {
    for (const one of closing.splice(0)) await one[Symbol.asyncDispose]()
  })
  afterAll(async () => {
    await stand[Symbol.asyncDispose]()
    await twilio[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: object, as = token) =>
    stand.cloud.call(method, `/api/v1${path}`, { token: as, ...(body && { body }) })
  const issue = () =>
    stand.inIt(tx =>
      notify(tx, stand.school.schoolId, {
        kind: 'pass_issued',
        to: { userId },
        facts: { holder: 'Ada', number: '7', until: '2026-12-31T22:59:00Z' },
        path: '/passes/1',
      }),
    )
  const sent = async (channel: string) =>
    (await call('GET', `/deliveries?channel=${channel}`, undefined, admin)).body.data as {
      id: string
      state: string
      tries: number
      status: number | null
      answer: string | null
    }[]
  const receiver = async (...answer: Parameters<typeof startReceiver>) => {
    const started = await startReceiver(...answer)
    closing.push(started)
    return started
  }
  const wish = (changed: object, more: object = {}) =>
    call('PUT', '/my/notification-preferences', {
      quietHours: null,
      kinds: { pass_issued: { ...DEFAULT_WISHES, email: 'off', ...changed } },
      ...more,
    })
  /** Hours have passed, and tokens with them. */
  const signInAdmin = async () => {
    admin = await stand.cloud.signIn(stand.school, 'school_admin')
  }

  // Text messages -----------------------------------------------------------------------------------------------------

  test('a text message is asked for as the provider documents, and its callback says that it arrived', async () => {
    expect((await wish({ sms: 'now' }, { smsNumber: NUMBER })).body.data).toMatchObject({
      smsNumber: '+31 … 78',
      sms: true,
    })
    await issue()
    await stand.work()
    const [request] = twilio.requests
    expect([request!.method, request!.path]).toEqual(['POST', `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`])
    expect(request!.headers.authorization).toBe(`Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`)
    const form = new URLSearchParams(request!.body.toString())
    expect(Object.fromEntries(form)).toEqual({
      To: NUMBER,
      From: '+31600000000',
      Body: expect.stringContaining('Pass 7 of Ada is valid until'),
      StatusCallback: 'http://localhost:8080/callbacks/sms',
    })
    expect(await sent('sms')).toMatchObject([{ state: 'sent', tries: 1, status: 201 }])

    const tell = (params: Record<string, string>, signature?: string) =>
      fetch(`${stand.cloud.url}/callbacks/sms`, {
        method: 'POST',
        body: new URLSearchParams(params),
        headers: {
          'x-twilio-signature':
            signature ?? twilioSignature(TOKEN, 'http://localhost:8080/callbacks/sms', Object.entries(params)),
        },
      })
    const arrived = { MessageSid: taken[0]!.sid, MessageStatus: 'delivered', To: NUMBER }
    expect((await tell(arrived, 'bm8=')).status).toBe(403)
    expect(
      (await tell(arrived, twilioSignature('other', 'http://localhost:8080/callbacks/sms', Object.entries(arrived))))
        .status,
    ).toBe(403)
    expect(await sent('sms')).toMatchObject([{ state: 'sent' }])
    expect((await tell({ ...arrived, MessageSid: 'SMnobody' })).status).toBe(204)
    expect((await tell({ ...arrived, MessageStatus: 'sending' })).status).toBe(204)
    expect(await sent('sms')).toMatchObject([{ state: 'sent' }])
    expect((await tell(arrived)).status).toBe(204)
    expect((await tell({ ...arrived, MessageStatus: 'failed', ErrorCode: '30003' })).status).toBe(204)
    expect(await sent('sms')).toMatchObject([{ state: 'delivered', answer: 'delivered' }])
  })

  test('the signature of a callback is the one in the provider’s documentation', () => {
    const params = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675310',
      Digits: '1234',
      From: '+14158675310',
      To: '+18005551212',
    }
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
    expect(twilioSignature('12345', url, Object.entries(params))).toBe('GvWf1cFY/Q7PnoempGyD5oXAezc=')
  })

  test('a number that does not exist (400, 21211) is not tried again', async () => {
    provider = () => ({ status: 400, body: { code: 21211, message: "The 'To' number is not a valid phone number." } })
    await wish({ sms: 'now' }, { smsNumber: NUMBER })
    await issue()
    await stand.work()
    await stand.letTimePass(3_600_000)
    await stand.work()
    expect(twilio.requests).toHaveLength(1)
    await signInAdmin()
    expect(await sent('sms')).toMatchObject([
      { state: 'failed', status: 400, answer: expect.stringContaining('21211') },
    ])
  })

  test('asked to wait (429, Retry-After), nobody asks before; then the message is sent once', async () => {
    let first = true
    provider = () => {
      const said = first ? { status: 429, headers: { 'retry-after': '600' } } : { status: 201 }
      first = false
      return said
    }
    await wish({ sms: 'now' }, { smsNumber: NUMBER })
    await issue()
    await stand.work()
    await stand.letTimePass(500_000)
    await stand.work()
    expect(twilio.requests).toHaveLength(1)
    await stand.letTimePass(200_000)
    await stand.work()
    expect(taken).toHaveLength(1)
    expect(await sent('sms')).toMatchObject([{ state: 'sent' }])
  })

  test('a provider that answers 500 for an hour loses no message, and gets none twice', async () => {
    const beganMs = stand.clock.nowMs
    provider = () => (stand.clock.nowMs - beganMs < 3_600_000 ? { status: 500 } : { status: 201 })
    await wish({ sms: 'now' }, { smsNumber: NUMBER })
    for (let at = 0; at < 3; at++) await issue()
    for (let at = 0; at < 6; at++) {
      await stand.work()
      expect(taken).toHaveLength(0)
      await stand.letTimePass(600_000)
    }
    await stand.work()
    expect(taken).toHaveLength(3)
    await signInAdmin()
    expect((await sent('sms')).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])
  })
  test('a provider that takes a message and never says so is asked before the next try: nobody gets two', async () => {
    let first = true
    provider = () => {
      const said = first ? ('take and hang' as const) : { status: 201 }
      first = false
      return said
    }
    await wish({ sms: 'now' }, { smsNumber: NUMBER })
    await issue()
    await stand.work()
    await stand.letTimePass(10_000)
    await stand.work()
    expect(twilio.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
    expect(taken).toHaveLength(1)
    expect(await sent('sms')).toMatchObject([{ state: 'sent', tries: 2 }])
  })

  test('quiet hours keep push and text messages until they end; what is about security goes at once', async () => {
    await wish({ sms: 'now' }, { smsNumber: NUMBER, quietHours: { from: '22:00', to: '07:00' } })
    await call('PUT', '/my/notification-preferences', {
      quietHours: { from: '22:00', to: '07:00' },
      kinds: { new_sign_in: { ...DEFAULT_WISHES, sms: 'now' } },
    })
    // Half past eleven in the evening in Amsterdam.
    stand.clock.nowMs = Date.parse('2027-01-10T22:30:00Z')
    await issue()
    const facts = { device: 'x', address: 'y', at: '2027-01-10T22:30:00Z' }
    await stand.inIt(tx =>
      notify(tx, stand.school.schoolId, { kind: 'new_sign_in', to: { userId }, facts, path: '/account' }),
    )
    await stand.work()
    expect(taken.map(({ body }) => body)).toEqual([expect.stringContaining('device')])
    const [job] = await stand.inIt(tx =>
      tx.selectFrom('jobs').select('run_after').where('kind', '=', 'sms').where('state', '=', 'waiting').execute(),
    )
    expect(job!.run_after.toISOString()).toBe('2027-01-11T06:00:00.000Z')
  })

  // Push messages -----------------------------------------------------------------------------------------------------

  test('a push message is read by the browser it is for, signed with the service’s key', async () => {
    const service = await receiver((_request, response) => void response.writeHead(201).end())
    const browser = newBrowser()
    const endpoint = `${service.url}/send/abc`
    expect((await call('PUT', '/my/push-subscription', { endpoint, keys: browser.keys })).status).toBe(200)
    await issue()
    await stand.work()
    const [request] = service.requests
    expect(request!.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400' })
    const [{ id }] = (await call('GET', '/my/notifications')).body.data
    expect(JSON.parse(browser.read(request!.body))).toEqual({
      title: 'Pass 7 is ready',
      text: expect.stringContaining('Pass 7 of Ada'),
      path: '/passes/1',
      tag: id,
    })
    const { publicKey } = (await call('GET', '/my/push-key')).body.data
    expect(vapidAudience(request!.headers.authorization!, publicKey)).toBe(service.url)
    expect(await sent('push')).toMatchObject([{ state: 'sent', status: 201 }])

    await call('DELETE', '/my/push-subscription')
    await issue()
    await stand.work()
    expect(service.requests).toHaveLength(1)
  })

  test('a browser that is gone (410) is forgotten, and one whose session ended is not written to', async () => {
    const service = await receiver((_request, response) => void response.writeHead(410).end())
    const subscribe = () =>
      call('PUT', '/my/push-subscription', { endpoint: `${service.url}/x`, keys: newBrowser().keys })
    const subscriptions = () => stand.inIt(tx => tx.selectFrom('push_subscriptions').select('id').execute())
    await subscribe()
    await issue()
    await stand.work()
    expect(await subscriptions()).toEqual([])
    expect(await sent('push')).toMatchObject([{ state: 'dropped' }])

    await subscribe()
    await issue()
    await stand.inIt(tx =>
      tx
        .updateTable('sessions')
        .set({ ended_at: new Date(), ended_why: 'signed_out' })
        .where('user_id', '=', userId)
        .execute(),
    )
    await stand.work()
    expect(service.requests).toHaveLength(1)
  })

  // Web hooks ---------------------------------------------------------------------------------------------------------

  const hook = async (url: string) =>
    (await call('POST', '/webhooks', { url, kinds: ['pass_issued'] }, admin)).body.data as {
      webhook: { id: string }
      secret: string
    }
  const hooks = async () => (await call('GET', '/webhooks', undefined, admin)).body.data

  test('a web hook is signed as Standard Webhooks say, and its secret is shown once', async () => {
    const program = await receiver()
    const { secret } = await hook(`${program.url}/gatehouse`)
    expect(JSON.stringify(await hooks())).not.toContain(secret.slice(6))
    await issue()
    await stand.work()
    const [{ headers, body }] = program.requests as [Receiver['requests'][number]]
    const id = headers['webhook-id'] as string
    const time = headers['webhook-timestamp'] as string
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const wanted = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${wanted}`)
    expect(Math.abs(Number(time) * 1000 - stand.clock.nowMs)).toBeLessThan(60_000)
    expect(JSON.parse(body.toString())).toMatchObject({
      type: 'pass_issued',
      data: { holder: 'Ada', path: '/passes/1' },
    })
    expect(await sent('webhook')).toMatchObject([{ id, state: 'sent', status: 204 }])
  })

  test('a web hook that fails is tried again for 72 hours, then is a dead letter that is sent again by hand', async () => {
    let works = false
    const program = await receiver(
      (_request, response) =>
        void response
          .writeHead(works ? 200 : 503)
          .end(works ? 'ok' : '{"token":"abc123"} no, "Authorization: Bearer xyz"'),
    )
    await hook(program.url)
    await issue()
    for (let hour = 0; hour < 73; hour += 12) {
      await stand.work()
      await stand.letTimePass(12 * 3_600_000)
    }
    await stand.work()
    await signInAdmin()
    const [dead] = await sent('webhook')
    expect(dead).toMatchObject({ state: 'failed', status: 503 })
    expect(dead!.answer).not.toMatch(/abc123|xyz/)
    const tried = program.requests.length
    await stand.letTimePass(3_600_000)
    await stand.work()
    expect(program.requests).toHaveLength(tried)

    works = true
    await signInAdmin()
    expect((await call('POST', `/deliveries/${dead!.id}/replay`, undefined, admin)).status).toBe(202)
    await stand.work()
    expect(await sent('webhook')).toMatchObject([{ id: dead!.id, state: 'sent', status: 200, answer: 'ok' }])
    const ids = new Set(program.requests.map(({ headers }) => headers['webhook-id']))
    expect(ids).toEqual(new Set([dead!.id]))
  })

  test('after five days of failures it is switched off and people are told; then nothing is sent to it', async () => {
    const program = await receiver((_request, response) => void response.writeHead(500).end())
    const { webhook } = await hook(program.url)
    await issue()
    await stand.work()
    await stand.letTimePass(5 * 86_400_000)
    await issue()
    await stand.work()
    await signInAdmin()
    expect(await hooks()).toMatchObject([{ id: webhook.id, state: 'off' }])
    expect((await call('GET', '/my/notifications', undefined, admin)).body.data).toContainEqual(
      expect.objectContaining({ kind: 'job_dead', path: '/deliveries', title: expect.stringContaining('Web hook') }),
    )
    const count = program.requests.length
    await issue()
    await stand.work()
    expect(program.requests).toHaveLength(count)
    expect((await call('PATCH', `/webhooks/${webhook.id}`, { state: 'active' }, admin)).body.data).toMatchObject({
      state: 'active',
      failingSince: null,
    })
  })

  test('no redirect is followed, and of an endless answer the first kilobyte is kept', async () => {
    const inside = await receiver()
    const program = await receiver((request, response) => {
      if (request.path === '/away') return void response.writeHead(302, { location: inside.url }).end()
      response.writeHead(200)
      const more = () => void (response.destroyed || response.write('x'.repeat(65_536), more))
      more()
    })
    await hook(`${program.url}/away`)
    await hook(`${program.url}/endless`)
    await issue()
    await stand.work()
    expect(inside.requests).toEqual([])
    const answers = (await sent('webhook')).map(({ answer, status }) => [status, answer?.length])
    expect(answers.toSorted()).toEqual([
      [200, 1024],
      [302, 0],
    ])
  })
})
