import { generateKeyPairSync } from 'node:crypto'
import type { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import { TRUST_TYP, type TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { GeneralSign } from 'jose'
import { NOW_S, type TestSchool } from './school.ts'

/** Three root keys by name, as a ceremony makes them. */
export function testRoots(tenant: string, names: readonly string[] = ['a', 'b', 'c']) {
  return names.map(name => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const { x } = publicKey.export({ format: 'jwk' })
    return { kid: `${tenant}/root/${name}`, jwk: { kty: 'OKP', crv: 'Ed25519', x: x! } as const, privateKey }
  })
}
export type TestRoot = ReturnType<typeof testRoots>[number]

/** The bundle of a test school's keys, with changes. */
export function testBundle(
  { tenant, trust }: Pick<TestSchool, 'tenant' | 'trust'>,
  roots: readonly TestRoot[],
  change: Partial<TrustBundle> = {},
): TrustBundle {
  return {
    issuer: tenant,
    version: 1,
    epoch: 1,
    issuedAtS: NOW_S - 86_400,
    roots: roots.map(({ kid, jwk }) => ({ kid, jwk })),
    keys: trust.map(key => ({ ...key, notBeforeS: NOW_S - 864_000, expiresS: NOW_S + 864_000, revokedAtS: null })),
    ...change,
  }
}

/** Signed by these roots; `header` spoils it. */
export async function sealBundle(
  payload: unknown,
  by: readonly TestRoot[],
  header: Record<string, unknown> = {},
): Promise<BundleJws> {
  const bytes = Buffer.from(JSON.stringify(payload))
  const sign = new GeneralSign(bytes)
  for (const { kid, privateKey } of by) {
    sign
      .addSignature(privateKey, { crit: { x: true } })
      .setProtectedHeader({ alg: 'Ed25519', typ: TRUST_TYP, kid, ...header })
  }
  const { signatures } = by.length === 0 ? { signatures: [] } : await sign.sign()
  return {
    payload: bytes.toString('base64url'),
    signatures: signatures.map(({ protected: said, signature }) => ({ protected: said!, signature })),
  }
}
