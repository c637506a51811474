import type { Envelope } from '@gatehouse/shared/wire/api/envelope.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { connectAsync, type MqttClient } from 'mqtt'
import type { Account } from '../campus/cloud-client.ts'

/** Somebody signed in, as a program would be. */
export type Session = {
  readonly token: string
  readonly tenant: string
  call<Data>(method: string, path: string, body?: unknown): Promise<{ status: number } & Envelope<Data>>
}

export async function signIn(url: string, { email, password }: Account): Promise<Session> {
  const call = async <Data>(token: string | null, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, ...((await answer.json()) as Envelope<Data>) }
  }
  const { data, error } = await call<{ user: { school: { tenant: string } | null }; tokens: { accessToken: string } }>(
    null,
    'POST',
    '/auth/login',
    { email, password },
  )
  if (data === null) throw new Error(error?.message)
  const token = data.tokens.accessToken
  return {
    token,
    tenant: data.user.school?.tenant ?? '',
    call: (method, path, body) => call(token, method, path, body),
  }
}

export type Watch = {
  /** The first line, seen already or still to come, that is wanted. */
  line(isWanted: (line: AccessLine) => boolean): Promise<AccessLine>
  readonly client: MqttClient
  end(): Promise<void>
}

/** The live feed, as the dashboard watches it: MQTT over WebSocket with the user's token. */
export async function watch(url: string, { token, tenant }: Session): Promise<Watch> {
  const client = await connectAsync(`${url.replace(/^http/, 'ws')}/mqtt`, {
    protocolVersion: 4,
    username: 'token',
    password: token,
    reconnectPeriod: 0,
  })
  const seen: AccessLine[] = []
  const waiting = new Set<() => void>()
  client.on('message', (_topic, payload) => {
    seen.push(...(JSON.parse(payload.toString()) as { lines: AccessLine[] }).lines)
    for (const look of waiting) look()
  })
  await client.subscribeAsync(`feed/${tenant}/access`)
  return {
    client,
    line: isWanted =>
      new Promise(resolve => {
        const look = () => {
          const found = seen.find(isWanted)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    end: () => client.endAsync(),
  }
}
