import { may, type Role } from '@gatehouse/shared/wire/rights.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'

/** Who is at the other end, as the cloud's own tables say it; nothing of it comes from the text of a client id. */
export type Identity = GateIdentity | PersonIdentity

export type GateIdentity = {
  readonly kind: 'gate'
  readonly gateId: string
  readonly tenant: string
  readonly scope: string
}

export type PersonIdentity = {
  readonly kind: 'person'
  readonly userId: string
  readonly tenant: string
  readonly role: Role
  /** The session or the access key that the connection ends with. */
  readonly endsWith: string
}

/** Topics a gate speaks on, and no other. */
export function mayPublish(identity: Identity, topic: string): boolean {
  if (identity.kind === 'person') return false
  const { tenant, gateId } = identity
  return [topics.events(tenant, gateId), topics.state(tenant, gateId), topics.cards(tenant, gateId)].includes(topic)
}

/** Only what a gate says of itself is kept for newcomers. A retained batch would be ingested again by every restart. */
export function mayRetain(identity: Identity, topic: string): boolean {
  return identity.kind === 'gate' && topic === topics.state(identity.tenant, identity.gateId)
}

/** Null, or the widest filter this one may ask for, to say in the log and in `docs/mqtt.md`. */
export function objectionToFilter(identity: Identity, filter: string): { readonly right: string } | null {
  const allowed = filtersOf(identity)
  return allowed.includes(filter) ? null : { right: allowed[0]! }
}

/**
 * Whether a message may reach this one, asked for each: `feed/<school>/#` covers other people's own topics, and the
 * broker keeps refused filters of a persistent session when another in the same packet was granted.
 */
export function mayReceive(identity: Identity, topic: string): boolean {
  if (identity.kind === 'gate') return filtersOf(identity).includes(topic)
  const school = `feed/${identity.tenant}/`
  if (!topic.startsWith(school)) return false
  if (topic.startsWith(`${school}user/`)) return topic === ownFeed(identity)
  if (topic === topics.accessFeed(identity.tenant)) return may(identity.role, 'event:read')
  if (topic === topics.applicationsFeed(identity.tenant)) return may(identity.role, 'application:read')
  return may(identity.role, 'feed:read')
}

/** Every filter that is granted, the widest first. */
function filtersOf(identity: Identity): readonly string[] {
  const { tenant } = identity
  if (identity.kind === 'gate') {
    return [
      topics.list(tenant, identity.scope),
      topics.acks(tenant, identity.gateId),
      topics.trust(tenant),
      topics.commands(tenant, identity.gateId),
      topics.config(tenant, identity.gateId),
    ]
  }
  if (!may(identity.role, 'feed:read')) return [ownFeed(identity)]
  return [
    `feed/${tenant}/#`,
    `feed/${tenant}/+`,
    // Who passed where is for those who may read events; facilities staff see devices, and no names.
    ...(may(identity.role, 'event:read') ? [topics.accessFeed(tenant)] : []),
    topics.gatesFeed(tenant),
    ...(may(identity.role, 'application:read') ? [topics.applicationsFeed(tenant)] : []),
    ownFeed(identity),
  ]
}

const ownFeed = ({ tenant, userId }: PersonIdentity) => topics.userFeed(tenant, userId)
