import { passkeyOptions } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  WebAuthnError,
} from '@simplewebauthn/browser'
import type { Client } from '../api/client.ts'
import { sayFailure } from '../api/failure.ts'

/** Whether this browser can at all; not so on a page that came over plain http from another host. */
export const canPasskey = browserSupportsWebAuthn

type Shown =
  | { readonly ok: true; readonly passkey: Awaited<ReturnType<typeof startAuthentication>> }
  | { readonly ok: false; readonly why: string | null }

/** Asks the browser for a passkey; `token`: of a sign-in that waits. `why` null: the person thought better of it. */
export async function showPasskey(client: Client, token?: string): Promise<Shown> {
  const asked = await client.call(passkeyOptions, { body: token === undefined ? {} : { token } })
  if (!asked.ok) return { ok: false, why: sayFailure(asked.failure) }
  try {
    const optionsJSON = asked.data.options as unknown as PublicKeyCredentialRequestOptionsJSON
    return { ok: true, passkey: await startAuthentication({ optionsJSON }) }
  } catch (problem) {
    return { ok: false, why: sayPasskeyProblem(problem) }
  }
}

/** Null: cancelled, which needs no words. */
export function sayPasskeyProblem(problem: unknown): string | null {
  const told = problem instanceof WebAuthnError ? problem.cause : problem
  const name = told instanceof Error ? told.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') return null
  if (name === 'InvalidStateError') return 'This device has a passkey for this account already.'
  return 'The browser could not use a passkey here. Use the password, or another browser.'
}
