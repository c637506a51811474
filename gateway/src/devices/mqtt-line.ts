import { connectAsync, type MqttClient } from 'mqtt'
import { withDeadline } from './deadline.ts'

const CONNECT_MS_MAX = 10_000

/** A line that died without a word is noticed after one and a half times this. */
const KEEPALIVE_S = 20

const END_MS_MAX = 500

export type MqttLineNeeds = {
  readonly host: string
  readonly port: number
  /** clientId and username: the cloud lets no other pair in. */
  readonly gateId: string
  readonly password: string
  /** The one authority that the broker's certificate may come from, PEM. */
  readonly ca: string
  readonly will: { readonly topic: string; readonly payload: string }
  readonly subscriptions: readonly string[]
  /** `kept`: the broker had it from before; else it was sent just now. */
  readonly onMessage: (topic: string, payload: Buffer, kept: boolean) => void
}

export type MqttLine = {
  /** QoS 1. Resolves when the broker has it, which does not mean that anybody stored it. */
  publish(topic: string, payload: string, options?: { readonly retain?: boolean }): Promise<void>
  /** Resolves with the reason when the line is gone. */
  readonly gone: Promise<string>
  close(): Promise<void>
}

/** One connection to the broker, MQTT 3.1.1 over TLS. The one file that knows the `mqtt` package; who tries again is elsewhere. */
export async function openMqttLine(needs: MqttLineNeeds): Promise<MqttLine> {
  const { host, port, gateId, password, ca, will, subscriptions, onMessage } = needs
  const client = await connectAsync({
    protocol: 'mqtts',
    host,
    port,
    ca,
    rejectUnauthorized: true,
    protocolVersion: 4,
    clientId: gateId,
    username: gateId,
    password,
    // Nothing is left with the broker: what was not acknowledged is sent again from the journal.
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MS_MAX,
    keepalive: KEEPALIVE_S,
    queueQoSZero: false,
    resubscribe: false,
    will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true },
  })
  const gone = goneReason(client)
  client.on('message', (topic, payload, { retain }) => onMessage(topic, payload, retain))
  try {
    await client.subscribeAsync([...subscriptions], { qos: 1 })
  } catch (error) {
    client.end(true)
    throw error
  }
  return {
    publish: async (topic, payload, { retain = false } = {}) => {
      await client.publishAsync(topic, payload, { qos: 1, retain })
    },
    gone,
    async close() {
      // A polite end waits for what is in flight, and on a dead line for ever.
      if (client.connected) await withDeadline(client.endAsync(), END_MS_MAX, 'leaving the broker').catch(() => {})
      client.end(true)
    },
  }
}

function goneReason(client: MqttClient): Promise<string> {
  return new Promise(resolve => {
    let reason = 'the connection was closed'
    client.on('error', error => {
      reason = error.message
    })
    client.on('close', () => resolve(reason))
  })
}
