import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { DEFAULT_LEASE, LIST_HEAD_TYP, type ListHead, type ListPolicy } from '@gatehouse/shared/list/documents.ts'
import { type ListPass, NO_ROW_FLAGS } from '@gatehouse/shared/list/rows.ts'
import { encodeBody, type PassBody } from '@gatehouse/shared/pass/body.ts'
import { issuerSigningInput } from '@gatehouse/shared/pass/static-pass.ts'
import type { Made } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { staticDigits } from '@gatehouse/shared/pass/write-pass.ts'
import type { GateIdentity, TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign } from 'jose'
import { encodeCarried } from '../list/carried-list.ts'
import { signList } from '../list/sign-list.ts'

/** 1 September 2026, 08:00 UTC, a Tuesday. */
export const NOW_S = Date.UTC(2026, 8, 1, 8) / 1000

/** One good row, to change one thing of. */
export function passRow(change: Partial<ListPass> = {}): ListPass {
  return {
    passId: '92ac63853fc0633b',
    notBeforeS: 0,
    expiresS: NOW_S + 86_400,
    groups: 1,
    status: 'active',
    class: 'student',
    profile: 0,
    flags: NO_ROW_FLAGS,
    minGeneration: 0,
    ...change,
  }
}

/** What a list of the test school says. */
export type TestList = Pick<ListHead, 'issuer' | 'scope' | 'epoch' | 'version' | 'issuedAtS' | 'serialMax'> & {
  readonly policy: ListPolicy
  readonly passes: readonly ListPass[]
  /** cardKey and passId. */
  readonly cards: readonly (readonly [string, string])[]
  readonly deviceKeys: readonly { readonly passId: string; readonly point: string }[]
}

export type TestListChange = Partial<Omit<TestList, 'policy'>> & { readonly policy?: Partial<ListPolicy> }

/** A school with keys of its own: it signs lists, passes and acks, as the cloud would. */
export function testSchool(tenant = 'test-campus') {
  const keys = {
    pass: generateKeyPairSync('ed25519'),
    list: generateKeyPairSync('ed25519'),
    policy: generateKeyPairSync('ed25519'),
    ack: generateKeyPairSync('ed25519'),
    command: generateKeyPairSync('ed25519'),
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

  const policy = (change: Partial<ListPolicy> = {}): ListPolicy => ({
    issuer: tenant,
    scope: 'main',
    version: 1,
    issuedAtS: NOW_S - 86_400,
    profiles: {},
    holidays: {},
    groupSets: {},
    newerThanList: 'open',
    staticPasses: 'open',
    lease: DEFAULT_LEASE,
    whenClockInDoubt: 'listed_cards',
    gates: {},
    ...change,
  })
  const list = ({ policy: policyChange, ...change }: TestListChange = {}): TestList => ({
    issuer: tenant,
    scope: 'main',
    epoch: 1,
    version: 1,
    issuedAtS: NOW_S - 60,
    serialMax: 100,
    policy: policy(policyChange),
    passes: [passRow()],
    cards: [],
    deviceKeys: [],
    ...change,
  })
  const signParts = ({ policy, passes, cards, deviceKeys, ...head }: TestList) =>
    signList(
      { head, policy, passes, cards: cards.map(([cardKey, passId]) => ({ cardKey, passId })), deviceKeys },
      {
        list: { kid: `${tenant}/list/1`, key: keys.list.privateKey },
        policy: { kid: `${tenant}/policy/1`, key: keys.policy.privateKey },
      },
    )

  return {
    tenant,
    keys,
    trust,
    gateKey,
    identity,
    seal,
    policy,
    list,
    /** Head, policy and tables. */
    signParts,
    /** The same in one file, as it is carried by hand. */
    signList: async (change: TestListChange = {}) => encodeCarried(await signParts(list(change))),
    /** The head of a list, with changes. */
    async signHead(change: TestListChange, headChange: Partial<ListHead> = {}): Promise<string> {
      const { headJws } = await signParts(list(change))
      const head = JSON.parse(Buffer.from(headJws.split('.')[1]!, 'base64url').toString()) as ListHead
      return seal(LIST_HEAD_TYP, 'list', { ...head, ...headChange })
    },
    /** What `codeOf` is to make a code of, so that it is this school's pass of this moment. */
    made: (change: Made = {}): Made => ({
      tenant,
      issuer: keys.pass.privateKey,
      tS: NOW_S,
      ...change,
      body: {
        kid: 1,
        notBeforeS: NOW_S - 86_400,
        expiresS: NOW_S + 86_400,
        groups: 1,
        serial: 50,
        generation: 1,
        ...change.body,
      },
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
      const issuerSignature = new Uint8Array(sign(null, issuerSigningInput(tenant, kid, body), key))
      return staticDigits({ certificate: body, issuerSignature })
    },
  }
}
export type TestSchool = ReturnType<typeof testSchool>
