import { type ChildProcess, fork } from 'node:child_process'
import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { openPostgres } from '../db/postgres.ts'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { createDatabase, startPostgres, type TestServer } from '../testing/postgres.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import type { SendingProcessOptions } from '../testing/sending-process.ts'
import { notify } from './notify.ts'
import { writePreferences } from './preferences.repo.ts'
import { createWebhook } from './webhooks.repo.ts'

/** A deadline for two processes and a thousand messages, and not a measurement. */
const PROCESS_MS_MAX = 240_000
const COUNT = 500

needs('postgres')('kill -9 in the middle of a thousand messages', () => {
  let server: TestServer
  const closing: AsyncDisposable[] = []
  const children: ChildProcess[] = []
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child)
    for (const one of closing.splice(0)) await one[Symbol.asyncDispose]()
  })
  afterAll(() => server.stop())

  const begin = (options: SendingProcessOptions) => {
    const file = new URL('../testing/sending-process.ts', import.meta.url)
    const child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    children.push(child)
    return child
  }
  async function kill(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  /** What the clock brings half a minute after the last sign of life. */
  const letSilencePass = (database: Database) =>
    database.asOwner(sql =>
      sql.run(`update pgboss.job set heartbeat_on = now() - interval '1 hour' where state = 'active';
        update pgboss.queue set monitor_on = null, monitor_claim_on = null`),
    )

  test('none is lost; no text message comes twice; a web hook that comes twice has the same id', {
    timeout: PROCESS_MS_MAX,
  }, async () => {
    const urls = await createDatabase(server)
    const database = await openPostgres(urls)
    closing.push(database)
    const texts: { sid: string; body: string; date_created: string }[] = []
    let heard = () => {}
    const twilio: Receiver = await startReceiver((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.method === 'GET') return void response.end(JSON.stringify({ messages: texts.toReversed() }))
      const sid = `SM${randomUUIDv7().replaceAll('-', '')}`
      const body = new URLSearchParams(request.body.toString()).get('Body')!
      texts.push({ sid, body, date_created: new Date().toUTCString() })
      heard()
      response.writeHead(201).end(JSON.stringify({ sid }))
    })
    const program = await startReceiver()
    closing.push(twilio, program)
    const vault = openVault(Buffer.alloc(32, 1))
    const { schoolId, tenant } = await enterTestSchool(database, vault)
    await inSchool(database.db, schoolId, async tx => {
      const { id: userId } = await tx
        .selectFrom('users')
        .select('id')
        .where('role', '=', 'staff')
        .executeTakeFirstOrThrow()
      const wishes = { inbox: 'now', email: 'off', push: 'off', sms: 'now' } as const
      const place = { vault, schoolId, tenant, userId }
      await writePreferences(tx, place, {
        quietHours: null,
        kinds: { pass_revoked: wishes },
        smsNumber: '+31612345678',
      })
      const actor = { schoolId, userId: null, nowMs: Date.now() }
      await createWebhook(tx, actor, { vault, tenant }, { url: program.url, kinds: ['pass_revoked'] })
      for (let at = 0; at < COUNT; at++) {
        const facts = { holder: 'Ada', number: `${at}` }
        await notify(tx, schoolId, { kind: 'pass_revoked', to: { userId }, facts, path: `/passes/${at}` })
      }
    })

    const sms = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token', from: '+31600000000', baseUrl: twilio.url }
    const options = { dataFolder: '/nowhere', databaseUrl: urls.url, sms }
    const first = begin(options)
    await new Promise<void>(resolve => {
      heard = () => texts.length >= COUNT / 4 && resolve()
    })
    await kill(first)
    const before = texts.length
    expect(before).toBeLessThan(COUNT)
    await letSilencePass(database)
    begin(options)
    const left = () =>
      inSchool(database.db, schoolId, tx =>
        tx.selectFrom('deliveries').select('id').where('state', '=', 'waiting').execute(),
      )
    while ((await left()).length > 0) await once(AbortSignal.timeout(100), 'abort')

    const told = await inSchool(database.db, schoolId, tx =>
      tx.selectFrom('deliveries').select(['channel', 'state']).execute(),
    )
    expect(told).toHaveLength(2 * COUNT)
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['sent']))
    expect(texts).toHaveLength(COUNT)
    expect(new Set(texts.map(({ body }) => body)).size).toBe(COUNT)
    expect(new Set(program.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(COUNT)
    const inbox = await inSchool(database.db, schoolId, tx => tx.selectFrom('notifications').select('id').execute())
    expect(inbox).toHaveLength(COUNT)
  })
})
