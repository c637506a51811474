import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { calculateJwkThumbprint, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Db } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'

export const ACCESS_TOKEN_S = 15 * 60
const AUDIENCE = 'gatehouse'
const TYP = 'at+jwt'
/** So many tokens whose signature was found good are remembered: a person sends the same one for a quarter of an hour. */
const VERIFIED_MAX = 10_000

/** Nothing personal and no rights: those are read from the tables at each request. */
export const Claims = z.object({
  sub: z.uuid(),
  school: z.uuid().nullable(),
  role: z.enum(ROLES),
  sid: z.uuid(),
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
})
export type Claims = z.infer<typeof Claims>

export type AccessTokens = {
  issue(who: { userId: string; schoolId: string | null; role: Role; sessionId: string }): Promise<string>
  /** Null for anything but a token of ours that is valid now. */
  verify(token: string): Promise<Claims | null>
}

type Key = { readonly kid: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject }

/** Signs with the installation's newest key, made at the first start; verifies with any it has. */
export async function openAccessTokens({
  db,
  vault,
  issuer,
  nowMs,
}: {
  readonly db: Db
  readonly vault: Vault
  /** The public URL. */
  readonly issuer: string
  readonly nowMs: () => number
}): Promise<AccessTokens> {
  let keys = await load(db, vault)
  if (keys.size === 0) {
    await make(db, vault)
    keys = await load(db, vault)
  }
  const newest = [...keys.values()].at(-1)!
  const verified = new LRUCache<string, Claims>({ max: VERIFIED_MAX })

  return {
    issue({ userId, schoolId, role, sessionId }) {
      const iat = Math.floor(nowMs() / 1000)
      return new SignJWT({ school: schoolId, role, sid: sessionId })
        .setProtectedHeader({ alg: 'Ed25519', typ: TYP, kid: newest.kid })
        .setSubject(userId)
        .setJti(crypto.randomUUID())
        .setIssuedAt(iat)
        .setExpirationTime(iat + ACCESS_TOKEN_S)
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .sign(newest.privateKey)
    },
    async verify(token) {
      // The signature holds for good, and the time is looked at anew. What the person may is read from the tables.
      const before = verified.get(token)
      if (before !== undefined) return nowMs() < before.exp * 1000 ? before : null
      try {
        const { kid } = decodeProtectedHeader(token)
        // Another process may have made a key since.
        if (typeof kid === 'string' && kid.length === 43 && !keys.has(kid)) keys = await load(db, vault)
        const key = keys.get(kid ?? '')
        if (key === undefined) return null
        const { payload } = await jwtVerify(token, key.publicKey, {
          algorithms: ['Ed25519'],
          typ: TYP,
          issuer,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
          // An exp of 1e308 would pass by itself.
          maxTokenAge: ACCESS_TOKEN_S,
          currentDate: new Date(nowMs()),
        })
        const claims = Claims.safeParse(payload).data ?? null
        if (claims !== null) verified.set(token, claims)
        return claims
      } catch (problem) {
        if ((problem as { code?: string }).code?.startsWith('ERR_J') || problem instanceof TypeError) return null
        throw problem
      }
    },
  }
}

async function load(db: Db, vault: Vault): Promise<ReadonlyMap<string, Key>> {
  const rows = await db.selectFrom('session_keys').selectAll().orderBy('created_at').orderBy('kid').execute()
  return new Map(
    rows.map(({ kid, public_jwk, sealed_private }) => {
      const d = vault.open(place(kid), sealed_private).toString('base64url')
      return [
        kid,
        {
          kid,
          publicKey: createPublicKey({ key: public_jwk, format: 'jwk' }),
          privateKey: createPrivateKey({ key: { ...public_jwk, d }, format: 'jwk' }),
        },
      ]
    }),
  )
}

async function make(db: Db, vault: Vault): Promise<void> {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: x! }
  const kid = await calculateJwkThumbprint(jwk)
  await db
    .insertInto('session_keys')
    .values({
      kid,
      public_jwk: JSON.stringify(jwk),
      sealed_private: vault.seal(place(kid), Buffer.from(d!, 'base64url')),
    })
    .execute()
}

const place = (kid: string) => ({ tenant: '', table: 'session_keys', column: 'sealed_private', row: kid })
