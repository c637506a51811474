import type { Broker, Message } from '../broker/broker.ts'

export type Sent = { readonly topic: string; readonly payload: string; readonly retain: boolean }

export type MemoryBroker = Broker & {
  readonly sent: readonly Sent[]
  /** Says something as a gate would; resolves when every listener has taken it. */
  say(topic: string, payload: string | Uint8Array): Promise<void>
  /** The first message sent that fits, those already sent included. */
  sends(fits: (sent: Sent) => boolean): Promise<Sent>
}

/** A broker of one process without a wire. */
export function memoryBroker(): MemoryBroker {
  const sent: Sent[] = []
  const listeners: { pattern: RegExp; hear: (message: Message) => Promise<void> }[] = []
  const waiting: { fits: (sent: Sent) => boolean; tell: (sent: Sent) => void }[] = []

  return {
    sent,
    async publish(topic, payload, { retain = false } = {}) {
      const message = { topic, payload, retain }
      sent.push(message)
      for (const wait of waiting.filter(({ fits }) => fits(message))) wait.tell(message)
    },
    async subscribe(filter, hear) {
      listeners.push({ pattern: new RegExp(`^${filter.replaceAll('+', '[^/]+').replace('#', '.*')}$`), hear })
    },
    async say(topic, payload) {
      const message = { topic, payload: Buffer.from(payload), retained: false }
      await Promise.all(listeners.filter(({ pattern }) => pattern.test(topic)).map(({ hear }) => hear(message)))
    },
    sends(fits) {
      const found = sent.find(fits)
      return found === undefined ? new Promise(tell => waiting.push({ fits, tell })) : Promise.resolve(found)
    },
    async close() {},
  }
}
