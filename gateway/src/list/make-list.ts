import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import type { Lease, ListPolicy } from '@gatehouse/shared/list/documents.ts'
import { type ListPass, NO_ROW_FLAGS } from '@gatehouse/shared/list/rows.ts'
import type { GateIdentity, TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { z } from 'zod'
import { cardKeyOf } from '../core/card-key.ts'
import type { ListedCard } from './cards-file.ts'
import { encodeCarried } from './carried-list.ts'
import { signList } from './sign-list.ts'

/** The school of a gate that stands alone. */
const TENANT = 'standalone'
const SCOPE = 'main'
const LIST_KID = `${TENANT}/list/1`
const POLICY_KID = `${TENANT}/policy/1`

/** Every group there is: a card of a small site opens all of its lanes. */
const ALL_GROUPS = 0x7fffffff

/** 136 years: nobody signs this list anew, and who was blocked since is known to nobody else either. */
const EVER_S = 0xffffffff
const AGELESS: Lease = {
  freshS: EVER_S,
  staleS: EVER_S,
  oldS: EVER_S,
  guardPresent: false,
  whenOld: 'listed',
  lastResort: 'closed',
}

const PrivateJwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() })

/** `list-key.json`, mode 0600: signs the next list of the same gate, one version later. */
export const ListKey = z.object({
  version: z.int().min(0),
  jwk: PrivateJwk,
  /** Signs its policy: one key for one kind of document. */
  policyJwk: PrivateJwk,
})
export type ListKey = z.infer<typeof ListKey>

/** A gate without a cloud: its identity, and the key that signs its lists. */
export function standaloneGate(shortName: string, timeZone: string): { identity: GateIdentity; listKey: ListKey } {
  const list = generateKeyPairSync('ed25519')
  const policy = generateKeyPairSync('ed25519')
  const gate = generateKeyPairSync('ed25519')
  const identity: GateIdentity = {
    gateId: randomUUID(),
    tenant: TENANT,
    scope: SCOPE,
    shortName,
    name: shortName,
    timeZone,
    cardSecret: randomBytes(32).toString('base64url'),
    trust: [
      { kid: LIST_KID, use: 'list', jwk: list.publicKey.export({ format: 'jwk' }) as TrustedKey['jwk'] },
      { kid: POLICY_KID, use: 'policy', jwk: policy.publicKey.export({ format: 'jwk' }) as TrustedKey['jwk'] },
    ],
    cloud: null,
    signingKey: gate.privateKey.export({ format: 'jwk' }) as GateIdentity['signingKey'],
  }
  const secret = (key: KeyObject) => key.export({ format: 'jwk' }) as ListKey['jwk']
  return { identity, listKey: { version: 0, jwk: secret(list.privateKey), policyJwk: secret(policy.privateKey) } }
}

export type MadeList = {
  /** The list in one file: `list.ghl`. */
  readonly carried: string
  readonly passes: readonly { readonly passId: string; readonly name: string }[]
}

/** The signed list of these cards. A card keeps its pass id from list to list, so that events of both speak of one. */
export async function makeList(
  cards: readonly ListedCard[],
  { identity, listKey, nowS }: { readonly identity: GateIdentity; readonly listKey: ListKey; readonly nowS: number },
): Promise<MadeList> {
  const secret = Buffer.from(identity.cardSecret, 'base64url')
  const listed = cards.map(({ card, name, notBeforeS, expiresS }) => {
    const cardKey = cardKeyOf(secret, card)
    const passId = createHmac('sha256', secret).update(`pass ${cardKey}`).digest('hex').slice(0, 16)
    const row: ListPass = {
      passId,
      notBeforeS,
      expiresS,
      groups: ALL_GROUPS,
      status: 'active',
      class: 'visitor',
      profile: 0,
      flags: NO_ROW_FLAGS,
      minGeneration: 0,
    }
    return { cardKey, passId, name, row }
  })
  const policy: ListPolicy = {
    issuer: TENANT,
    scope: SCOPE,
    version: 1,
    issuedAtS: nowS,
    profiles: {},
    holidays: {},
    groupSets: {},
    newerThanList: 'open',
    staticPasses: 'open',
    lease: AGELESS,
    whenClockInDoubt: 'listed_cards',
    gates: {},
  }
  const signed = await signList(
    {
      head: { issuer: TENANT, scope: SCOPE, epoch: 1, version: listKey.version, issuedAtS: nowS, serialMax: 0 },
      policy,
      passes: listed.map(({ row }) => row),
      cards: listed.map(({ cardKey, passId }) => ({ cardKey, passId })),
      deviceKeys: [],
    },
    {
      list: { kid: LIST_KID, key: createPrivateKey({ key: listKey.jwk, format: 'jwk' }) },
      policy: { kid: POLICY_KID, key: createPrivateKey({ key: listKey.policyJwk, format: 'jwk' }) },
    },
  )
  return { carried: encodeCarried(signed), passes: listed.map(({ passId, name }) => ({ passId, name })) }
}
