import { readFileSync } from 'node:fs'
import type { Envelope } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'

export type Account = { readonly role: Role; readonly email: string; readonly password: string }

/** What the campus does at the cloud as facilities staff would, over the same API. */
export type CloudClient = {
  gates(): Promise<readonly Gate[]>
  enrolmentCode(gateId: string): Promise<string>
  /** Says how a gate is wired, unless that is what was said last. */
  describe(gateId: string, hardware: Described): Promise<void>
}

export type Described = {
  readonly boards: readonly object[]
  readonly lanes: readonly { readonly lane: string; readonly readers: readonly object[]; readonly door: object }[]
}

export function readAccounts(file: string): readonly Account[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Account[]
}

export async function signIn(url: string, { email, password }: Account): Promise<CloudClient> {
  const session = await call<{ tokens: { accessToken: string } }>(url, 'POST', '/auth/login', {
    body: { email, password },
  })
  const token = session.tokens.accessToken
  return {
    gates: () => call<Gate[]>(url, 'GET', '/gates', { token }),
    async enrolmentCode(gateId) {
      const { code } = await call<{ code: string }>(url, 'POST', `/gates/${gateId}/enrolment-codes`, { token })
      return code
    },
    async describe(gateId, { boards, lanes }) {
      const path = `/gates/${gateId}/configuration`
      const described = { boards, lanes: lanes.map(({ lane, readers, door }) => ({ lane, readers, door })) }
      const { newest } = await call<{ newest: { version: number } | null }>(url, 'GET', path, { token })
      const { mistakes, changes } = await call<{ mistakes: { path: string; message: string }[]; changes: unknown[] }>(
        url,
        'POST',
        `${path}/check`,
        { token, body: described },
      )
      if (mistakes.length > 0) throw new Error(mistakes.map(({ path, message }) => `${path}: ${message}`).join('\n'))
      if (changes.length === 0) return
      await call(url, 'PUT', path, { token, body: { basedOn: newest?.version ?? 0, ...described } })
    },
  }
}

async function call<Data>(
  url: string,
  method: string,
  path: string,
  { token, body }: { token?: string; body?: unknown },
): Promise<Data> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(method === 'POST' || method === 'PUT' ? { body: JSON.stringify(body ?? {}) } : {}),
    signal: AbortSignal.timeout(15_000),
  })
  const envelope = (await answer.json()) as Envelope<Data>
  if (!envelope.success || envelope.data === null) {
    throw new Error(`${method} ${path} answered ${answer.status}: ${envelope.error?.message ?? 'nothing'}`)
  }
  return envelope.data
}
