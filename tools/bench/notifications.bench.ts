import { createECDH, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { notify } from '../../cloud/src/notifications/notify.ts'
import { notificationStand } from '../../cloud/src/testing/notification-stand.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { startReceiver } from '../../cloud/src/testing/receiver.ts'
import { show } from './figures.ts'

const NOTIFICATIONS = Number(process.env.GATEHOUSE_BENCH_NOTIFICATIONS ?? 10_000)
const AT_ONCE = 20
const PUSH_BYTES = 400

/** Ten thousand notifications in the inbox, each with a push message, encrypted and signed, to a receiver here; beside bare requests of the same size to it. */
export async function run(): Promise<void> {
  const server = await startPostgres({ asInSchools: true })
  try {
    await using receiver = await startReceiver((_request, response) => {
      receiver.requests.length = 0
      told++
      response.writeHead(201).end()
    })
    let told = 0
    await using database = await openPostgres(await createDatabase(server))
    await using stand = await notificationStand(database)
    const token = await stand.cloud.signIn(stand.school, 'staff')
    const userId = await stand.userId('staff')
    const p256dh = createECDH('prime256v1').generateKeys().toString('base64url')
    const body = { endpoint: `${receiver.url}/push`, keys: { p256dh, auth: randomBytes(16).toString('base64url') } }
    const subscribed = await stand.cloud.call('PUT', '/api/v1/my/push-subscription', { token, body })
    if (subscribed.status !== 200) throw new Error(JSON.stringify(subscribed.body))
    const wishes = { inbox: 'now', email: 'off', push: 'now', sms: 'off' }
    const preferences = { quietHours: null, kinds: { pass_issued: wishes } }
    await stand.cloud.call('PUT', '/api/v1/my/notification-preferences', { token, body: preferences })

    const bytesBefore = process.memoryUsage().rss
    let bytesMost = 0
    const watch = setInterval(() => {
      bytesMost = Math.max(bytesMost, process.memoryUsage().rss)
    }, 100)
    const facts = { holder: 'Ada', number: '7', until: '2026-12-31T22:59:00Z' }
    const began = performance.now()
    for (let at = 0; at < NOTIFICATIONS; at++) {
      await stand.inIt(tx =>
        notify(tx, stand.school.schoolId, { kind: 'pass_issued', to: { userId }, facts, path: `/passes/${at}` }),
      )
    }
    const writtenS = (performance.now() - began) / 1000
    while (told < NOTIFICATIONS) {
      await stand.work()
      // A request that met a connection as it closed is made again.
      await stand.letTimePass(1)
    }
    await stand.work()
    const allS = (performance.now() - began) / 1000
    clearInterval(watch)
    const { count } = await stand.inIt(tx =>
      tx
        .selectFrom('deliveries')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('state', '=', 'sent')
        .executeTakeFirstOrThrow(),
    )
    if (count !== NOTIFICATIONS) throw new Error(`${count} of ${NOTIFICATIONS} were sent`)

    const floorS = await floor(receiver.url)
    const rate = (seconds: number) => `${Math.round(NOTIFICATIONS / seconds)} /s, ${seconds.toFixed(1)} s`
    const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`
    show([
      { name: `${NOTIFICATIONS} in the inbox and pushed`, figures: rate(allS) },
      { name: '  until the last was written', figures: rate(writtenS) },
      { name: '  memory', figures: `${megabytes(bytesBefore)} before, ${megabytes(bytesMost)} at most` },
      { name: 'bare requests', figures: `${rate(floorS)}, ours is`, ratio: floorS / allS },
    ])
  } finally {
    await server.stop()
  }
}

async function floor(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const body = randomBytes(PUSH_BYTES)
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request(url, { method: 'POST', agent }, response => response.resume().once('end', resolve))
      asked.once('error', reject).end(body)
    })
  const began = performance.now()
  let left = NOTIFICATIONS
  const line = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  agent.destroy()
  return (performance.now() - began) / 1000
}
