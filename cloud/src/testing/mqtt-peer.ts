import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

export type Heard = { readonly topic: string; readonly text: string; readonly retain: boolean }

/** An MQTT client of the far side, with everything it hears in order. */
export type MqttPeer = {
  readonly client: MqttClient
  readonly heard: readonly Heard[]
  /** The first message that fits, those already heard included. */
  hears(fits: (message: Heard) => boolean): Promise<Heard>
  /** QoS granted for each filter; 128 where it was refused. */
  subscribe(...filters: readonly string[]): Promise<number[]>
  publish(topic: string, payload: string | Buffer, options?: { qos?: 0 | 1 | 2; retain?: boolean }): Promise<void>
  /** When the connection is gone. */
  readonly closed: Promise<void>
  end(): Promise<void>
}

/** Connects once, and fails as the broker says. */
export async function mqttPeer(url: string, options: IClientOptions = {}): Promise<MqttPeer> {
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 10_000, ...options })
  const heard: Heard[] = []
  const waiting: { fits: (message: Heard) => boolean; tell: (message: Heard) => void }[] = []
  client.on('message', (topic, payload, { retain }) => {
    const message = { topic, text: payload.toString(), retain }
    heard.push(message)
    for (const wait of waiting.filter(({ fits }) => fits(message))) wait.tell(message)
  })
  const closed = new Promise<void>(resolve => client.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed before it was connected')))
  })
  client.on('error', () => {})

  return {
    client,
    heard,
    closed,
    hears(fits) {
      const found = heard.find(fits)
      return found === undefined ? new Promise(tell => waiting.push({ fits, tell })) : Promise.resolve(found)
    },
    subscribe: (...filters) =>
      new Promise(resolve => {
        // mqtt.js calls a refused filter an error; the answer's own codes are what we are after.
        client.once('packetreceive', function suback(packet) {
          if (packet.cmd === 'suback') resolve(packet.granted as number[])
          else client.once('packetreceive', suback)
        })
        client.subscribe([...filters], { qos: 1 }, () => {})
      }),
    publish: async (topic, payload, { qos = 1, retain = false } = {}) => {
      await client.publishAsync(topic, payload, { qos, retain })
    },
    end: () => client.endAsync(true),
  }
}
