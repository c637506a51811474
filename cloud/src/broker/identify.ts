import { ok } from '@gatehouse/shared/result.ts'
import { GATE_ID } from '@gatehouse/shared/wire/topics.ts'
import { type GateIdentity, type Identity, mayPublish, type PersonIdentity } from './access.ts'

/** Return codes of CONNACK (MQTT 3.1.1 table 3.1). */
const BAD_CREDENTIALS = 4
const NOT_AUTHORISED = 5

const TOKEN = /^token(?:@([a-z0-9-]{1,64}))?$/

/** A person whose token or key was good, and until when it is. */
export type Watcher = Omit<PersonIdentity, 'kind'> & { readonly expiresAtMs: number }

export type IdentifyNeeds = {
  /** Null: not this gate, or not its password. */
  readonly checkGate: (gateId: string, password: string) => Promise<Pick<GateIdentity, 'tenant' | 'scope'> | null>
  /** For the user name `token`, or `token@<tenant>` of a super_admin who watches that school. */
  readonly checkToken: (token: string, tenant?: string) => Promise<Watcher | null>
  /** For the user name `key`. */
  readonly checkKey: (key: string) => Promise<Watcher | null>
}

/** What a CONNECT says of itself, besides name and password. */
export type Asked = { readonly clientId: string; readonly willTopic: string | null; readonly isWebSocket: boolean }

export type Identified = { readonly identity: Identity; readonly expiresAtMs: number | null }

export type LoginRefused = { readonly returnCode: number; readonly why: string }

type Answer = { readonly ok: true; readonly value: Identified } | { readonly ok: false; readonly failure: LoginRefused }

/** Who connects, by a name and a secret that the cloud itself knows. `why` is for the log; the other end gets the code. */
export async function identify(
  needs: IdentifyNeeds,
  asked: Asked,
  username: string,
  password: string,
): Promise<Answer> {
  if (username === 'key') return person(await needs.checkKey(password), asked)
  const token = TOKEN.exec(username)
  if (token !== null) return person(await needs.checkToken(password, token[1]), asked)
  return gate(needs, asked, username, password)
}

function person(watcher: Watcher | null, { willTopic }: Asked): Answer {
  if (watcher === null || watcher.expiresAtMs <= Date.now()) return refuse(BAD_CREDENTIALS, 'ended_or_unknown')
  if (willTopic !== null) return refuse(NOT_AUTHORISED, 'last_will_of_a_reader')
  const { expiresAtMs, ...rest } = watcher
  return ok({ identity: { kind: 'person', ...rest }, expiresAtMs })
}

async function gate(needs: IdentifyNeeds, asked: Asked, username: string, password: string): Promise<Answer> {
  if (asked.isWebSocket) return refuse(NOT_AUTHORISED, 'gate_on_web_socket')
  if (!GATE_ID.test(username) || asked.clientId !== username) return refuse(NOT_AUTHORISED, 'client_id_is_not_gate_id')

  const known = await needs.checkGate(username, password)
  if (known === null) return refuse(BAD_CREDENTIALS, 'gate_or_password_unknown')

  const identity: GateIdentity = { kind: 'gate', gateId: username, tenant: known.tenant, scope: known.scope }
  if (asked.willTopic !== null && !mayPublish(identity, asked.willTopic)) {
    return refuse(NOT_AUTHORISED, 'last_will_of_another')
  }
  return ok({ identity, expiresAtMs: null })
}

const refuse = (returnCode: number, why: string): Answer => ({ ok: false, failure: { returnCode, why } })
