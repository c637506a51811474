import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import Provider from 'oidc-provider'

export type IssuerPerson = {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
}

export const CLIENT = { clientId: 'gatehouse', clientSecret: 'a secret between two' }

export type TestIssuer = AsyncDisposable & {
  readonly issuer: string
  /** Who is sitting before the browser. */
  person: IssuerPerson
}

/** The real oidc-provider over loopback; whoever comes is signed in as `person`, and has agreed. */
export async function startIssuer(callback: string): Promise<TestIssuer> {
  let handle: (req: IncomingMessage, res: ServerResponse) => unknown = () => {}
  const server = await listening(createServer((req, res) => void handle(req, res)))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const made: { person: IssuerPerson } = { person: { sub: 'nobody' } }
  const people = new Map<string, IssuerPerson>()

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [callback],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['of this test'] },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...people.get(sub), sub }) as never }),
    async loadExistingGrant(ctx) {
      const grant = new provider.Grant({ clientId: CLIENT.clientId, accountId: ctx.oidc.session!.accountId! })
      grant.addOIDCScope('openid email profile groups')
      await grant.save()
      return grant
    },
  })
  const serve = provider.callback()
  handle = (req, res) => {
    if (!req.url?.startsWith('/interaction/')) return serve(req, res)
    people.set(made.person.sub, made.person)
    return provider.interactionFinished(req, res, { login: { accountId: made.person.sub } })
  }
  return Object.assign(made, { issuer, [Symbol.asyncDispose]: () => stop(server) })
}

export type HostileIssuer = AsyncDisposable & {
  readonly issuer: string
  /** What its next token says instead of what it should. */
  lies: { readonly [claim: string]: unknown }
  /** Signs with a key it does not publish. */
  forges: boolean
  /** Answers nothing that can be used. */
  broken: boolean
}

/** An issuer by hand, that says what it is told. It takes every code. */
export async function startHostileIssuer(person: IssuerPerson): Promise<HostileIssuer> {
  const [own, other] = [keys(), keys()]
  const kid = 'one'
  const made = { lies: {} as Record<string, unknown>, forges: false, broken: false }
  let nonce: string | null = null
  const server = await listening(
    createServer(async (req, res) => {
      const url = new URL(req.url!, issuer)
      const json = (body: object) => res.setHeader('content-type', 'application/json').end(JSON.stringify(body))
      if (made.broken) return res.writeHead(503).end()
      switch (url.pathname) {
        case '/.well-known/openid-configuration':
          return json({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
          })
        case '/keys':
          return json({ keys: [{ ...(await exportJWK(own.publicKey)), kid, alg: 'RS256', use: 'sig' }] })
        case '/authorize': {
          nonce = url.searchParams.get('nonce')
          const back = new URL(url.searchParams.get('redirect_uri')!)
          back.search = new URLSearchParams({ code: randomUUID(), state: url.searchParams.get('state')! }).toString()
          return res.writeHead(303, { location: back.href }).end()
        }
        default: {
          const now = Math.floor(Date.now() / 1000)
          const claims = { iss: issuer, aud: CLIENT.clientId, iat: now, exp: now + 300, nonce, ...person, ...made.lies }
          const token = await new SignJWT(claims)
            .setProtectedHeader({ alg: 'RS256', kid })
            .sign((made.forges ? other : own).privateKey)
          return json({ access_token: 'x', token_type: 'Bearer', id_token: token })
        }
      }
    }),
  )
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(made, { issuer, [Symbol.asyncDispose]: () => stop(server) })
}

function keys() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function listening(server: Server): Promise<Server> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
