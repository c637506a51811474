import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { ACK_TYP, BATCH_TYP, type Batch } from '@gatehouse/shared/events/batch.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import type { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { TABLES } from '@gatehouse/shared/list/rows.ts'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { Aedes } from 'aedes'
import { compactVerify } from 'jose'
import { onTestFinished } from 'vitest'
import type { Files } from '../list/verified-list.ts'
import { sha256Hex } from '../store/sha256.ts'
import { brokerCertificate } from './broker-certificate.ts'
import { signedStep } from './lists.ts'
import type { TestListChange, TestSchool } from './school.ts'

const PASSWORD = 'a-broker-secret-of-this-test'

export type FakeCloud = {
  readonly identity: GateIdentity
  /** Every event stored, by its sequence, and how often it came. */
  readonly stored: Map<number, ChainedEvent>
  readonly states: GateState[]
  /** Whether what comes is acknowledged; false: stored and not answered. */
  acking: boolean
  /** What is sent instead of a right ack. */
  ackWith: (sequence: number, hash: string) => Promise<string>
  /** Changes a file of a list on its way. */
  onTheWay: (file: Uint8Array) => Uint8Array
  readonly batches: number
  /** What was asked of the list, and from which byte on. */
  readonly asked: { readonly what: string; readonly from: number }[]
  /** Whether it goes on from the byte that was asked for; else it begins anew. */
  knowsRanges: boolean
  /** The next answer that is longer is cut after so many bytes. */
  cutAt: number | null
  publishList(change: TestListChange): Promise<void>
  /** The list that was published last, with a change, as its next version and the step to it. */
  publishStep(change: TestListChange): Promise<void>
  /** The steps are gone, as those of a cloud that keeps a day of them. */
  forgetDeltas(): void
  publishHead(head: string): Promise<void>
  /** Bundles as the cloud says them, oldest first; retained. */
  publishTrust(chain: TrustChain): Promise<void>
  /** Says something on the configuration's topic, retained. */
  publishConfiguration(jws: string): Promise<void>
  /** Says something on the commands topic. */
  command(jws: string, retain?: boolean): Promise<void>
  /** Every byte that the gate has published, by topic. */
  readonly heard: readonly { readonly topic: string; readonly payload: Buffer }[]
  /** The broker goes: every connection cut, the port closed. And comes back on the same port. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  /** Resolves when this is true; asked again at everything that comes. */
  until(isTrue: () => boolean): Promise<void>
}

/** A broker, a list and an ingest that acknowledges after it has stored, over the real wire. */
export async function fakeCloud(school: TestSchool): Promise<FakeCloud> {
  const certificate = await brokerCertificate()
  const files = new Map<string, Uint8Array>()
  const stored = new Map<number, ChainedEvent>()
  const states: GateState[] = []
  const changed = new EventTarget()
  const heard: { topic: string; payload: Buffer }[] = []
  let batches = 0

  const http = createHttp((request, response) => {
    const expected = `Basic ${Buffer.from(`${identity.gateId}:${PASSWORD}`).toString('base64')}`
    const what = request.url?.replace('/device/v1/lists/main/', '') ?? ''
    const { range, authorization } = request.headers
    cloud.asked.push({ what, from: Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) })
    const from = cloud.knowsRanges ? cloud.asked.at(-1)!.from : 0
    const file = files.get(what)
    if (authorization !== expected || file === undefined) {
      response.writeHead(authorization === expected ? 404 : 401).end()
      return
    }
    const rest = cloud.onTheWay(file).subarray(from)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length })
    const { cutAt } = cloud
    if (cutAt === null || rest.length <= cutAt) response.end(rest)
    else {
      cloud.cutAt = null
      response.write(rest.subarray(0, cutAt), () => response.socket?.end())
    }
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')

  const aedes = await Aedes.createBroker({
    authenticate: (client, username, password, done) =>
      done(null, client.id === username && username === identity.gateId && String(password) === PASSWORD),
  })
  let sockets: TLSSocket[] = []
  let port = 0
  const listen = async () => {
    const server = createTls(certificate, socket => {
      sockets.push(socket)
      socket.on('error', () => {})
      aedes.handle(socket)
    })
    server.on('tlsClientError', () => {})
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    return server
  }
  let server = await listen()

  const identity = school.identity({
    cloud: {
      http: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      mqtt: { host: '127.0.0.1', port, password: PASSWORD, ca: certificate.cert },
    },
  })
  const { tenant, gateId } = identity
  const publish = (topic: string, payload: string, retain = false) =>
    new Promise<void>((resolve, reject) =>
      aedes.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, error =>
        error ? reject(error) : resolve(),
      ),
    )

  const ingest = async (payload: Uint8Array) => {
    const { payload: body, protectedHeader } = await compactVerify(payload, school.gateKey.publicKey, {
      algorithms: ['Ed25519'],
    })
    if (protectedHeader.typ !== BATCH_TYP || protectedHeader.kid !== gateId) throw new Error('no batch of this gate')
    const { events } = JSON.parse(Buffer.from(body).toString()) as Batch
    batches++
    for (const event of events as ChainedEvent[]) stored.set(event.record.sequence, event)
    let highest = 0
    while (stored.has(highest + 1)) highest++
    changed.dispatchEvent(new Event('change'))
    if (cloud.acking && highest > 0) {
      await publish(topics.acks(tenant, gateId), await cloud.ackWith(highest, stored.get(highest)!.hash))
    }
  }
  aedes.on('publish', (packet, client) => {
    if (client) heard.push({ topic: packet.topic, payload: Buffer.from(packet.payload) })
    changed.dispatchEvent(new Event('change'))
    if (packet.topic === topics.events(tenant, gateId)) void ingest(packet.payload as Uint8Array)
    if (packet.topic === topics.state(tenant, gateId)) {
      states.push(JSON.parse(packet.payload.toString()))
      changed.dispatchEvent(new Event('change'))
    }
  })

  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    sockets = []
    await closed
  }
  onTestFinished(async () => {
    if (server.listening) await close()
    http.close()
    http.closeAllConnections()
    await new Promise<void>(resolve => aedes.close(resolve))
  })

  let last: { readonly change: TestListChange; readonly deltaHash: string | null } | null = null
  const serve = (tables: Files, policyJws: string) => {
    for (const table of TABLES) files.set(`files/${sha256Hex(tables[table])}`, tables[table])
    files.set(`files/${sha256Hex(policyJws)}`, Buffer.from(policyJws))
  }

  const cloud: FakeCloud = {
    identity,
    asked: [],
    cutAt: null,
    knowsRanges: true,
    stored,
    states,
    acking: true,
    ackWith: (sequence, hash) => school.seal(ACK_TYP, 'ack', { gate: gateId, sequence, hash }),
    onTheWay: file => file,
    get batches() {
      return batches
    },
    async publishList(change) {
      const signed = await school.signParts(school.list(change))
      serve(signed.files, signed.policyJws)
      last = { change, deltaHash: null }
      await cloud.publishHead(signed.headJws)
    },
    command: (jws, retain = false) => publish(topics.commands(tenant, gateId), jws, retain),
    heard,
    async publishStep(change) {
      if (last === null) throw new Error('a step goes on from a list')
      const version = (last.change.version ?? 1) + 1
      const after = { ...last.change, ...change, version }
      const step = await signedStep(last.change, after, { previousDelta: last.deltaHash }, school)
      serve(step.files, step.policyJws)
      files.set(`deltas/${version}`, Buffer.from(step.deltaJws))
      last = { change: after, deltaHash: sha256Hex(step.deltaJws) }
      await cloud.publishHead(step.headJws)
    },
    forgetDeltas() {
      for (const what of files.keys()) if (what.startsWith('deltas/')) files.delete(what)
    },
    publishHead: head => publish(topics.list(tenant, 'main'), head, true),
    publishTrust: chain => publish(topics.trust(tenant), JSON.stringify(chain), true),
    publishConfiguration: jws => publish(topics.config(tenant, gateId), jws, true),
    goAway: close,
    async comeBack() {
      server = await listen()
    },
    async until(isTrue) {
      while (!isTrue()) await once(changed, 'change')
    },
  }
  return cloud
}
