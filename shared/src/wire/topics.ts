/** Chosen once for a school, and in every topic, key id and list. */
export const TENANT = /^[a-z0-9-]{3,36}$/

/** clientId = gateId = username, checked when the gate connects. */
export const GATE_ID = /^[a-z0-9-]{8,36}$/

/** Where things are said over MQTT 3.1.1. Nothing here is a wildcard: ids were checked before they came this far. */
export const topics = {
  /** Gate to cloud, QoS 1: a signed batch of events. */
  events: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/events`,
  /** Cloud to gate, QoS 1: a signed ack. */
  acks: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/acks`,
  /** Gate to cloud, retained, last will: `GateState`. */
  state: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/state`,
  /** Cloud to gate, QoS 1, never retained: signed commands. */
  commands: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/commands`,
  /** Cloud to gate, retained: its signed configuration. */
  config: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/config`,
  /** Gate to cloud, QoS 1, never retained: a card that an armed reader has seen, sealed to the cloud. */
  cards: (tenant: string, gate: string) => `gatehouse/${tenant}/${gate}/cards`,
  /** Cloud to gates, retained: the signed head. */
  list: (tenant: string, scope: string) => `gatehouse/${tenant}/lists/${scope}`,
  /** Cloud to gates, retained: the trust bundles, `TrustChain`. */
  trust: (tenant: string) => `gatehouse/${tenant}/trust`,
  /** Cloud to people, QoS 0: `AccessFeed`. */
  accessFeed: (tenant: string) => `feed/${tenant}/access`,
  /** Cloud to people, retained: `GatesFeed`. */
  gatesFeed: (tenant: string) => `feed/${tenant}/gates`,
  /** Cloud to people, QoS 0: `ApplicationsFeed`. */
  applicationsFeed: (tenant: string) => `feed/${tenant}/applications`,
  /** Cloud to one person, QoS 0: `UserFeed`. */
  userFeed: (tenant: string, userId: string) => `feed/${tenant}/user/${userId}`,
} as const
