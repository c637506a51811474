import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Claims } from './sign-on.repo.ts'

const TIMEOUT_S = 5
const ANSWER_BYTES_MAX = 1_000_000
/** Keys turn at an issuer, and addresses seldom do. */
const KNOWN_MS = 10 * 60_000
/** One that does not answer is not asked again by everybody in the morning. */
const AWAY_MS = 10_000

/** This service, as one school's issuer knows it. */
export type IssuerClient = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  readonly callbackUrl: string
}

/** What is kept between sending somebody there and their coming back. */
export type Going = { readonly state: string; readonly nonce: string; readonly verifier: string }

export type NotBack = {
  /** `refused`: the issuer says no, such as a person who pressed Cancel. `failed`: what came back does not hold. */
  readonly is: 'away' | 'refused' | 'failed'
  /** For the log: no secrets, no personal data. */
  readonly why: string
}

/** Not a `Result`: why it did not work has words of the issuer's beside ours. */
export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: NotBack }

const ok = <Value>(value: Value): Answered<Value> => ({ ok: true, value })
const fail = (failure: NotBack): Answered<never> => ({ ok: false, failure })

export type Issuers = {
  begin(client: IssuerClient): Promise<Answered<{ readonly url: string; readonly going: Going }>>
  /** `cameBackTo`: the callback's address with everything the issuer put behind it. */
  finish(client: IssuerClient, cameBackTo: URL, going: Going): Promise<Answered<Claims>>
}

/** OpenID Connect issuers: authorization code, PKCE, state and nonce. Discovered once and then for ten minutes. */
export function openIssuers({ nowMs }: { readonly nowMs: () => number }): Issuers {
  const known = new Map<string, { readonly untilMs: number; readonly found: Promise<Configuration> }>()

  function find(client: IssuerClient): Promise<Configuration> {
    const key = JSON.stringify([client.issuer, client.clientId, client.clientSecret])
    const before = known.get(key)
    if (before !== undefined && before.untilMs > nowMs()) return before.found
    if (known.size >= 1_000) known.clear()
    const found = discover(client)
    known.set(key, { untilMs: nowMs() + KNOWN_MS, found })
    found.catch(() => known.set(key, { untilMs: nowMs() + AWAY_MS, found }))
    return found
  }

  return {
    async begin(client) {
      try {
        const configuration = await find(client)
        const going = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
        const url = buildAuthorizationUrl(configuration, {
          redirect_uri: client.callbackUrl,
          scope: ['openid', ...client.scopes].join(' '),
          state: going.state,
          nonce: going.nonce,
          code_challenge: await calculatePKCECodeChallenge(going.verifier),
          code_challenge_method: 'S256',
        })
        return ok({ url: url.href, going })
      } catch (problem) {
        return fail({ is: 'away', why: wordsOf(problem) })
      }
    },
    async finish(client, cameBackTo, { state, nonce, verifier }) {
      let configuration: Configuration
      try {
        configuration = await find(client)
      } catch (problem) {
        return fail({ is: 'away', why: wordsOf(problem) })
      }
      try {
        const tokens = await authorizationCodeGrant(configuration, cameBackTo, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()!
        // What an issuer tells of somebody it often tells here only.
        const more =
          configuration.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await fetchUserInfo(configuration, tokens.access_token, claims.sub)
        return ok({ ...more, ...claims })
      } catch (problem) {
        if (problem instanceof AuthorizationResponseError) return fail({ is: 'refused', why: problem.error })
        return fail({ is: isAway(problem) ? 'away' : 'failed', why: wordsOf(problem) })
      }
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: IssuerClient): Promise<Configuration> {
  const post = ClientSecretPost(clientSecret)
  const basic = ClientSecretBasic(clientSecret)
  // OpenID Connect Discovery section 3: who names no method takes Basic.
  const auth: ClientAuth = (server, ...rest) =>
    (server.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? post : basic)(server, ...rest)
  return discovery(new URL(issuer), clientId, undefined, auth, {
    timeout: TIMEOUT_S,
    [customFetch]: boundedFetch,
    execute: [
      // By itself the package trusts TLS for a token that it fetched, and looks at no signature.
      enableNonRepudiationChecks,
      // The contract lets an issuer be without TLS on this machine only.
      ...(issuer.startsWith('http:') ? [allowInsecureRequests] : []),
    ],
  })
}

/** An answer of an issuer is a page at most. */
async function boundedFetch(url: string, options: object): Promise<Response> {
  const answer = await fetch(url, options)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > ANSWER_BYTES_MAX) throw new TypeError('the answer of the issuer is too large')
    parts.push(part)
  }
  const { status, statusText, headers } = answer
  const whole = new Response(bytes === 0 ? null : Buffer.concat(parts), { status, statusText, headers })
  // A made answer has no address, and the package looks at it.
  return Object.defineProperty(whole, 'url', { value: answer.url })
}

function isAway(problem: unknown): boolean {
  const { code, cause } = problem as { code?: unknown; cause?: { name?: unknown; status?: unknown } }
  if (problem instanceof TypeError || code === 'OAUTH_TIMEOUT') return true
  return Number(cause?.status) >= 500
}

function wordsOf(problem: unknown): string {
  const { message, code, cause } = problem as { message?: unknown; code?: unknown; cause?: { message?: unknown } }
  return [message, code, cause?.message]
    .filter(part => typeof part === 'string')
    .join('; ')
    .slice(0, 300)
}
