import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { EMPTY_POLICY, type Policy } from '@gatehouse/shared/list/policy.ts'
import {
  HEAD_TYP,
  type Head,
  type PassRow,
  packPass,
  SNAPSHOT_TYP,
  type Snapshot,
} from '@gatehouse/shared/list/snapshot.ts'
import { encodeBody, type PassBody } from '@gatehouse/shared/pass/body.ts'
import { toDigits } from '@gatehouse/shared/pass/digits.ts'
import { issuerSigningInput, joinStaticPass } from '@gatehouse/shared/pass/static-pass.ts'
import type { GateIdentity, TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign } from 'jose'
import { sha256Hex } from '../store/sha256.ts'

/** 1 September 2026, 08:00 UTC, a Tuesday. */
export const NOW_S = Date.UTC(2026, 8, 1, 8) / 1000

/** One good row, to change one thing of. */
export function passRow(change: Partial<PassRow> = {}): PassRow {
  return {
    passId: '92ac63853fc0633b',
    notBeforeS: 0,
    expiresS: NOW_S + 86_400,
    groups: 1,
    status: 'active',
    class: 'student',
    profile: 0,
    minGeneration: 0,
    ...change,
  }
}

/** A school with keys of its own: it signs lists, passes and acks, as the cloud would. */
export function testSchool(tenant = 'test-campus') {
  const keys = {
    pass: generateKeyPairSync('ed25519'),
    list: generateKeyPairSync('ed25519'),
    ack: generateKeyPairSync('ed25519'),
  }
  const gateKey = generateKeyPairSync('ed25519')
  const trust: TrustedKey[] = Object.entries(keys).map(([use, { publicKey }]) => ({
    kid: `${tenant}/${use}/1`,
    use: use as TrustedKey['use'],
    jwk: publicKey.export({ format: 'jwk' }) as TrustedKey['jwk'],
  }))
  const seal = (
    typ: string,
    use: keyof typeof keys,
    payload: unknown,
    more: object = {},
    key: KeyObject = keys[use].privateKey,
  ) =>
    new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'Ed25519', typ, kid: `${tenant}/${use}/1`, ...more })
      .sign(key, { crit: { x: true } })

  const identity = (change: Partial<GateIdentity> = {}): GateIdentity => ({
    gateId: 'gate-north-1',
    tenant,
    scope: 'main',
    shortName: 'north',
    name: 'North gate',
    timeZone: 'Europe/Berlin',
    cardSecret: Buffer.alloc(32, 7).toString('base64url'),
    trust,
    cloud: null,
    signingKey: gateKey.privateKey.export({ format: 'jwk' }) as GateIdentity['signingKey'],
    ...change,
  })

  const snapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
    issuer: tenant,
    scope: 'main',
    version: 1,
    issuedAtS: NOW_S - 60,
    serialMax: 100,
    policy: EMPTY_POLICY as Policy,
    passes: [packPass(passRow())],
    cards: [],
    ...change,
  })

  return {
    tenant,
    keys,
    trust,
    gateKey,
    identity,
    seal,
    snapshot,
    signList: (list: Snapshot) => seal(SNAPSHOT_TYP, 'list', list),
    signHead: (list: Snapshot, jws: string, change: Partial<Head> = {}) =>
      seal(HEAD_TYP, 'list', {
        issuer: list.issuer,
        scope: list.scope,
        version: list.version,
        issuedAtS: list.issuedAtS,
        snapshotSha256: sha256Hex(jws),
        snapshotBytes: Buffer.byteLength(jws),
        policyHash: sha256Hex(JSON.stringify(list.policy)),
        ...change,
      }),
    /** The digits of a static pass. */
    pass(change: Partial<PassBody> = {}, key: KeyObject = keys.pass.privateKey): string {
      const body = encodeBody({
        type: 0x11,
        kid: 1,
        passId: '92ac63853fc0633b',
        notBeforeS: NOW_S - 86_400,
        expiresS: NOW_S + 86_400,
        groups: 1,
        class: 'student',
        flags: { photoCheck: false, once: false, escort: false, printed: false },
        profile: 0,
        generation: 1,
        serial: 50,
        ...change,
      })
      const kid = body[1]!
      return toDigits(joinStaticPass(body, new Uint8Array(sign(null, issuerSigningInput(tenant, kid, body), key))))
    },
  }
}
export type TestSchool = ReturnType<typeof testSchool>
