/** What came in on a topic. */
export type Message = {
  readonly topic: string
  readonly payload: Uint8Array
  /** Kept from before and sent because of the subscription, not said now. */
  readonly retained: boolean
}

export type PublishOptions = {
  /** 1 by default. 0 for what is stale in a second. */
  readonly qos?: 0 | 1
  /** Kept for those who subscribe later. */
  readonly retain?: boolean
}

/**
 * Where the cloud speaks with gates: inside this process, or a Mosquitto or EMQX beside it. What is published arrives
 * at most as far as the broker; nothing here means that somebody acted on it.
 */
export type Broker = {
  publish(topic: string, payload: string, options?: PublishOptions): Promise<void>
  /**
   * Calls `hear` for every message that fits the filter, from now on. While its promise is pending the sender is
   * held back. It must not reject: what cannot be used is the listener's to keep or to drop. Filters of one process
   * do not overlap: brokers differ in how often they then say a message.
   */
  subscribe(filter: string, hear: (message: Message) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Where the events of the edges go: one line with fields, never a password, a token or a card number. */
export type Log = {
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
}
