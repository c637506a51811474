import { readFile } from 'node:fs/promises'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import type { Broker, Log, Message } from './broker.ts'
import { fitsFilter } from './filter.ts'

/** Messages that listeners work on at once; the next waits in the broker, where it is bounded. */
const HEARING_MAX = 64
/** A publish while the broker is away. Acks are repeated by themselves and heads are said again; both are stale soon. */
const PUBLISH_WAIT_MS = 10_000
const RECONNECT_MS = 1_000
const CONNECT_MS_MAX = 10_000
/** At start. The broker may be starting too, and may have to read a password that we have just written. */
const START_MS_MAX = 30_000

export type ExternalBrokerNeeds = {
  /** `mqtts://user:password@host:port`; without TLS only to this machine. */
  readonly url: string
  /** File with the authority of the broker's certificate; the system's by default. */
  readonly caFile: string | null
  readonly log: Log
  readonly startMsMax?: number
}

export type ExternalBroker = Broker & {
  /** Whether there is a connection now; a lost one is made again by itself. */
  isUp(): boolean
}

/** Mosquitto or EMQX beside the cloud. The one file of the cloud that knows `mqtt`. */
export async function openExternalBroker({
  url,
  caFile,
  log,
  startMsMax = START_MS_MAX,
}: ExternalBrokerNeeds): Promise<ExternalBroker> {
  const { protocol, hostname, host } = new URL(url)
  if (protocol === 'mqtt:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new Error(`MQTT_URL goes to ${host} without TLS, and its password would be read on the way. Use mqtts://.`)
  }
  const options: IClientOptions = {
    protocolVersion: 4,
    // What came while we were away was not acknowledged, and the gates say it again.
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_MS_MAX,
    queueQoSZero: false,
    ...(caFile !== null && { ca: [await readFile(caFile)] }),
  }
  const client = await connect(url, options, performance.now() + startMsMax)
  const listeners: { filter: string; hear: (message: Message) => Promise<void> }[] = []
  /** What newcomers are to find, said again on every connection: a broker may forget it. */
  const retained = new Map<string, string>()
  const hearing = new Set<Promise<void>>()

  // mqtt.js acknowledges, and reads on, when `done` is called.
  client.handleMessage = ({ topic, payload, retain }, done) => {
    const message = { topic, payload: payload as Buffer, retained: retain }
    const work = Promise.all(
      listeners.filter(({ filter }) => fitsFilter(filter, topic)).map(({ hear }) => hear(message)),
    ).then(
      () => {},
      (error: Error) => log.error({ topic, error: error.message }, 'mqtt.listener_failed'),
    )
    const settled: Promise<void> = work.finally(() => hearing.delete(settled))
    hearing.add(settled)
    if (hearing.size < HEARING_MAX) done()
    else void Promise.race(hearing).then(() => done())
  }
  client.on('connect', () => {
    log.info({ host }, 'mqtt.broker_connected')
    for (const [topic, payload] of retained) client.publish(topic, payload, { qos: 1, retain: true })
  })
  client.on('close', () => log.warn({ host }, 'mqtt.broker_lost'))
  client.on('error', ({ message }) => log.warn({ host, error: message }, 'mqtt.broker_error'))

  return {
    isUp: () => client.connected,
    async publish(topic, payload, { qos = 1, retain = false } = {}) {
      if (retain) retained.set(topic, payload)
      const published = client.publishAsync(topic, payload, { qos, retain })
      await withinMs(published, PUBLISH_WAIT_MS, `the broker at ${host} did not take a message on ${topic} in time`)
    },
    async subscribe(filter, hear) {
      listeners.push({ filter, hear })
      // Mosquitto grants what its access list refuses, and then delivers nothing; others say 128.
      const granted = await client.subscribeAsync(filter, { qos: 1 })
      if (granted.some(({ qos }) => qos === 128)) {
        throw new Error(`the broker at ${host} does not let the cloud hear ${filter}. See "Mosquitto" in docs/mqtt.md.`)
      }
    },
    async close() {
      await client.endAsync()
      await Promise.all(hearing)
    },
  }
}

async function connect(url: string, options: IClientOptions, deadlineMs: number): Promise<MqttClient> {
  for (;;) {
    try {
      return await connectAsync(url, options, false)
    } catch (error) {
      if (performance.now() + RECONNECT_MS > deadlineMs) {
        throw new Error(
          `no connection to the broker at ${new URL(url).host} (${(error as Error).message}). Check MQTT_URL, its user and password, and MQTT_CA.`,
        )
      }
      await new Promise(resolve => setTimeout(resolve, RECONNECT_MS))
    }
  }
}

async function withinMs(work: Promise<unknown>, ms: number, late: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(late)), ms)
  })
  try {
    await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
